"""From the flags of `daskflow run` and `retry` to a manifest: pure, but for the file of a flow."""

import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from daskflow.api.yaml_text import documents
from daskflow.cli.parameters import overridden
from daskflow.client.cluster import manifest as manifests
from daskflow.client.errors import WrongUse
from daskflow.client.manifest import manifest

_STEP = re.compile(r"([A-Za-z0-9_/-]+)((?:\[[0-9]+\])*)")
_MOST_ITEMS = 256
_VARIABLE = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*")
"""What all API servers take for the name of an environment variable."""


@dataclass(frozen=True)
class Flags:
    """What was given; None or empty: nothing."""

    name: str | None = None
    generate_name: bool = False
    image: str | None = None
    workers: int | None = None
    threads: int | None = None
    memory: str | None = None
    cpu: str | None = None
    parameters: Sequence[str] = ()
    """Each `key=value`."""
    env: Sequence[str] = ()
    """Each `NAME=value`."""
    retries: int | None = None
    timeout: str | None = None
    service_account: str | None = None
    sets: Sequence[str] = ()
    """Each `path=value`, the path below spec."""
    pool: str | None = None


def submission(flow: Any, flags: Flags) -> dict[str, Any]:
    """The FlowRun to create. `flow` is what the client's `manifest` takes. Raises WrongUse."""
    for option, text in (
        ("--image", flags.image),
        ("--name", flags.name),
        ("--memory", flags.memory),
        ("--pool", flags.pool),
    ):
        if text == "":
            raise WrongUse(f"{option} is empty; give a value, or leave it out")
    made = manifest(
        flow,
        name=flags.name,
        generate_name=flags.generate_name,
        image=flags.image,
        workers=flags.workers,
        threads=flags.threads,
        memory=flags.memory,
        spec=_spec(flags),
    )
    given = dict(_pair(each, "-p") for each in flags.parameters)
    if given:
        flow_of = made["spec"].setdefault("flow", {})
        flow_of["parameters"] = overridden(flow_of.get("parameters") or {}, given)
    for each in flags.env:
        name, equals, value = each.partition("=")
        if not name or not equals:
            raise WrongUse(f"--env {each} is no variable; write --env NAME=value")
        if not _VARIABLE.fullmatch(name):
            raise WrongUse(
                f"--env {name} is no name of a variable; give letters, digits, '_', '-' and '.', "
                "no digit first"
            )
        old = [other for other in made["spec"].get("env") or () if other.get("name") != name]
        made["spec"]["env"] = [*old, {"name": name, "value": value}]
    made["spec"] = _set(made["spec"], flags.sets)
    return made


def cluster_manifest(
    name: str,
    image: str,
    workers: int,
    threads: int | None,
    memory: str | None,
    idle_timeout: str | None,
    no_client_timeout: str | None,
    sets: Sequence[str],
) -> dict[str, Any]:
    """The DaskCluster to create. Raises WrongUse."""
    made = manifests.cluster_manifest(
        name,
        image=image,
        workers=workers,
        threads=threads,
        memory=memory,
        idle_timeout=idle_timeout,
        no_client_timeout=no_client_timeout,
    )
    return {**made, "spec": _set(made["spec"], sets)}


def given(sets: Sequence[str]) -> dict[str, Any]:
    """A spec of what `--set` says alone. Raises WrongUse."""
    return _set({}, sets)


def _set(spec: dict[str, Any], sets: Sequence[str]) -> dict[str, Any]:
    for each in sets:
        path, value = _pair(each, "--set")
        spec = put(spec, path.removeprefix("spec."), value)
    return spec


def _spec(flags: Flags) -> dict[str, Any]:
    """What the client's `manifest` has no word for."""
    spec: dict[str, Any] = {}
    if flags.cpu is not None:
        amounts = {"requests": {"cpu": flags.cpu}, "limits": {"cpu": flags.cpu}}
        spec["cluster"] = {"workers": {"resources": amounts}}
    if flags.retries is not None:
        spec["retries"] = {"limit": flags.retries}
    if flags.timeout is not None:
        spec["deadlines"] = {"active": flags.timeout}
    if flags.service_account is not None:
        spec["serviceAccountName"] = flags.service_account
    if flags.pool is not None:
        spec["pool"] = {"name": flags.pool}
    return spec


def _pair(given: str, option: str) -> tuple[str, Any]:
    name, equals, text = given.partition("=")
    if not name or not equals:
        raise WrongUse(f"{option} {given} is no setting; write {option} name=value")
    try:
        found = documents(text)
    except ValueError as error:
        raise WrongUse(f"{option} {name} is no YAML: {error}; quote it, for example '\"…\"'") from error
    if len(found) > 1:
        raise WrongUse(f"{option} {name} has several YAML documents; give one value")
    return name, found[0] if found else (None if text.strip() in ("null", "~") else text)


def put(spec: Mapping[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A spec with one more value, at a path like `cluster.workerGroups[0].replicas`. Raises WrongUse."""
    steps: list[str | int] = []
    for part in path.split("."):
        match = _STEP.fullmatch(part)
        if not match:
            raise WrongUse(f"--set {path} is no path; write for example cluster.workers.replicas=4")
        steps += [match[1], *map(int, re.findall(r"[0-9]+", match[2]))]
    made: Any = deepcopy(dict(spec))
    at = made
    for step, following in zip(steps, [*steps[1:], None], strict=True):
        new: Any = value if following is None else ([] if isinstance(following, int) else {})
        if isinstance(step, int):
            if step > len(at) or step >= _MOST_ITEMS:
                raise WrongUse(f"--set {path}: there are {len(at)} items; the next one is [{len(at)}]")
            if step == len(at):
                at.append(new)
            elif following is None:
                at[step] = value
        elif following is None:
            at[step] = value
        else:
            at.setdefault(step, new)
        wanted = list if isinstance(following, int) else dict
        if following is not None and not isinstance(at[step], wanted):
            at[step] = new
        at = at[step]
    return dict(made)
