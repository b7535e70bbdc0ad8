"""Which cluster is meant, and as whom: kubeconfig files, merged and chosen from as kubectl does it.

kr8s takes the current context from the first file only, lets the last file win and knows no `tokenFile`, so
it is given what comes of this as one configuration with one context.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from daskflow.client.errors import ConnectionFailed

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
"""Where a pod finds its service account."""
_FILES = {"clusters": ("certificate-authority",), "users": ("client-certificate", "client-key", "tokenFile")}
_PARTS = {"clusters": "cluster", "users": "user", "contexts": "context"}


@dataclass(frozen=True)
class Access:
    """A cluster to talk with."""

    namespace: str
    """The context's, or the service account's."""
    context: str
    """"" in a pod."""
    server: str
    """Its URL, "" in a pod."""
    config: dict[str, Any] | None
    """A kubeconfig with this one context; None for the pod's service account."""


def access(kubeconfig: str | None = None, context: str | None = None) -> Access:
    """What a file that is named says, else $KUBECONFIG, else ~/.kube/config, else the pod's service account.

    Raises ConnectionFailed.
    """
    merged = _merged(_paths(kubeconfig))
    if not merged["contexts"] and not kubeconfig:
        if context is None and (ACCOUNT / "token").exists() and "KUBERNETES_SERVICE_HOST" in os.environ:
            return Access((ACCOUNT / "namespace").read_text().strip() or "default", "", "", None)
        raise ConnectionFailed(
            "there is no kubeconfig; set KUBECONFIG, give --kubeconfig FILE, or have your cluster's tool "
            "write ~/.kube/config"
        )
    return _chosen(merged, context)


def _paths(kubeconfig: str | None) -> list[Path]:
    if kubeconfig:
        path = Path(kubeconfig).expanduser()
        if not path.exists():
            raise ConnectionFailed(f"the kubeconfig {path} does not exist; give the path of one that does")
        return [path]
    listed = os.environ.get("KUBECONFIG", "")
    named = [Path(each).expanduser() for each in listed.split(os.pathsep) if each]
    return [path for path in (named if listed else [Path("~/.kube/config").expanduser()]) if path.exists()]


def _merged(paths: list[Path]) -> dict[str, Any]:
    """All files as one: what an earlier one says about a name stays."""
    merged: dict[str, Any] = {"clusters": {}, "users": {}, "contexts": {}, "current-context": ""}
    for path in paths:
        read = _read(path)
        merged["current-context"] = merged["current-context"] or read.get("current-context") or ""
        for part, word in _PARTS.items():
            for entry in read.get(part) or ():
                below = _absolute(dict(entry.get(word) or {}), _FILES.get(part, ()), path.parent)
                merged[part].setdefault(entry.get("name"), below)
    return merged


def _read(path: Path) -> Mapping[str, Any]:
    try:
        read = yaml.safe_load(path.read_text())
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
        raise ConnectionFailed(f"the kubeconfig {path} cannot be read: {reason}") from error
    if read is None:
        return {}
    entries = (
        [entry for part in _PARTS for entry in read.get(part) or ()] if isinstance(read, dict) else [None]
    )
    if not all(isinstance(entry, dict) for entry in entries):
        raise ConnectionFailed(f"{path} is no kubeconfig; give the path of one, or unset KUBECONFIG")
    return dict(read)


def _absolute(below: dict[str, Any], files: tuple[str, ...], folder: Path) -> dict[str, Any]:
    below |= {key: str(folder / below[key]) for key in files if below.get(key)}
    program = below.get("exec")
    if isinstance(program, dict) and "/" in str(program.get("command")):
        # Without a slash it is looked for on the PATH.
        below["exec"] = {**program, "command": str(folder.absolute() / program["command"])}
    return below


def _chosen(merged: Mapping[str, Any], wanted: str | None) -> Access:
    contexts = merged["contexts"]
    name = wanted or merged["current-context"]
    known = ", ".join(sorted(map(str, contexts))) or "none"
    if not name:
        raise ConnectionFailed(
            f"the kubeconfig has no current context; give --context, or `kubectl config use-context`: {known}"
        )
    if name not in contexts:
        near = get_close_matches(name, contexts, 1)
        remedy = f"did you mean {near[0]}?" if near else f"there are: {known}"
        raise ConnectionFailed(f"the kubeconfig has no context {name!r}; {remedy}")
    context = contexts[name]
    cluster, user = context.get("cluster"), context.get("user")
    if cluster not in merged["clusters"]:
        raise ConnectionFailed(
            f"context {name!r} names the cluster {cluster!r}, which the kubeconfig lacks; add it"
        )
    below, who = dict(merged["clusters"][cluster]), _user(dict(merged["users"].get(user) or {}), name)
    for key in ("certificate-authority", "client-certificate", "client-key"):
        file = below.get(key) or who.get(key)
        if file and f"{key}-data" not in (*below, *who) and not Path(file).exists():
            raise ConnectionFailed(f"context {name!r} names the file {file}, which does not exist; renew it")
    config = {
        "current-context": name,
        "contexts": [{"name": name, "context": {**context, "user": "user", "cluster": "cluster"}}],
        "clusters": [{"name": "cluster", "cluster": below}],
        "users": [{"name": "user", "user": who}],
    }
    return Access(context.get("namespace") or "default", name, str(below.get("server") or ""), config)


def _user(user: dict[str, Any], context: str) -> dict[str, Any]:
    """With the token of `tokenFile`, which kubectl prefers to `token`. Raises ConnectionFailed."""
    if file := user.get("tokenFile"):
        try:
            user["token"] = Path(file).read_text().strip()
        except OSError as error:
            raise ConnectionFailed(
                f"context {context!r} names the token file {file}, which cannot be read: {error.strerror}; "
                "log in again"
            ) from error
    return user
