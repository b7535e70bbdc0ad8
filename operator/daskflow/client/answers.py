"""What an API server's refusals mean, each in a sentence with a remedy."""

import re
from collections.abc import Mapping
from typing import Any

from daskflow.api.wording import one_line
from daskflow.client.errors import (
    AlreadyExists,
    ConnectionFailed,
    DaskflowError,
    Forbidden,
    NotFound,
    NotInstalled,
    OverQuota,
    Refused,
    ServerFailed,
)
from daskflow.client.kinds import Kind

_LONGEST = 100
"""Characters that are shown of an answer that is not an API server's."""
TRANSIENT = frozenset({429, 500, 502, 503, 504})
"""An API server that starts, stops, has lost its store for a moment, or has too much to do."""
_TOO_LARGE = ("request is too large", "larger than max")
"""What etcd says of a write, and what its client in the API server does; both answered as 500."""
_CANNOT = re.compile(r'User "(?P<user>[^"]*)" cannot (?P<verb>\S+) resource "(?P<what>[^"]*)"')


def fault(
    status: int, text: str, kind: Kind, *, name: str, namespace: str, body: Mapping[str, Any]
) -> DaskflowError:
    """The error that an answer with this HTTP status is; `body` is its Status, if it has one."""
    said = str(body.get("message") or text.strip() or f"HTTP {status}")
    where = f" in namespace {namespace}" if namespace else ""
    if status == 413 or (status >= 500 and any(words in said for words in _TOO_LARGE)):
        return Refused(
            f"{kind.name} {name}".strip() + " is larger than the cluster's store takes, 1.5 MiB as a rule: "
            "put parameters and data into storage and give their place, and code into the image",
            status=413,
        )
    details = body.get("details") or {}
    what = f"{kind.name} {name or details.get('name') or ''}".strip()
    if status == 403:
        return _forbidden(said, where)
    if status == 404:
        # Without a Status there is no such path: the kind itself is unknown.
        if kind.ours and not details.get("name"):
            return not_installed(kind)
        if "namespaces" in said and namespace and details.get("kind") == "namespaces":
            return NotFound(
                f"there is no namespace {namespace}; create it, or give another one by --namespace"
            )
        return NotFound(f"there is no {what}{where}")
    if status == 409 and body.get("reason") == "AlreadyExists":
        return AlreadyExists(f"there is a {what}{where} already; choose another name, or delete it first")
    if status in TRANSIENT:
        return ServerFailed(
            f"the API server failed: {_sentence(said)}; try again, or ask who looks after the cluster"
        )
    if "unknown field" in said:
        return Refused(
            f"the API server does not take {what}: {_sentence(said)}; correct the field's name, or see by "
            "`daskflow check` whether the definitions in the cluster are older than this program",
            status=status,
        )
    return Refused(f"the API server does not take {what}: {_reasons(body) or _sentence(said)}", status=status)


def is_page(media: str, text: str) -> bool:
    """Whether an answer is meant for browsers."""
    return "html" in media or text.lstrip().startswith("<")


def foreign(where: str, status: int, media: str, text: str) -> ConnectionFailed:
    """Said of an answer that no API server gives: a proxy's page, another server's."""
    page = is_page(media, text)
    said = "" if page else one_line(text.strip())[:_LONGEST]
    what = "a page for browsers" if page else f"{media or 'no media type'}{f': {said}' if said else ''}"
    return ConnectionFailed(
        f"{where} does not answer like an API server (HTTP {status}, {what}); correct server in the "
        "kubeconfig, or log in at the proxy before it"
    )


def not_installed(kind: Kind) -> NotInstalled:
    """Said of a cluster that does not know one of our kinds."""
    return NotInstalled(
        f"the cluster does not know {kind.resource}; install daskflow there: "
        "helm install daskflow charts/daskflow --namespace daskflow-system --create-namespace"
    )


def _forbidden(said: str, where: str) -> DaskflowError:
    found = _CANNOT.search(said)
    if "exceeded quota" in said:
        which = _sentence(said.partition("forbidden: ")[2] or said)
        remedy = "wait until others have ended, delete what is not needed, or have the quota raised"
        return OverQuota(f"there is no room{where}: {which}; {remedy}", status=403)
    if not found:
        return Refused(f"the API server does not take it: {_sentence(said)}", status=403)
    user, verb, what = found["user"], found["verb"], found["what"]
    if verb == "impersonate":
        return Forbidden(
            f"{user} may not impersonate {what}; leave out --as, or ask for a role with that right"
        )
    group = re.search(r'in API group "([^"]+)"', said)
    resource = f"{what}.{group[1]}" if group else what
    return Forbidden(
        f"{user} may not {verb} {resource}{where if 'in the namespace' in said else ' in all namespaces'}; "
        f"ask for a role with the verb {verb} on {resource}, or choose another namespace"
    )


def _reasons(body: Mapping[str, Any]) -> str:
    """What is wrong with which field, of a schema's or a rule's refusal."""
    causes = (body.get("details") or {}).get("causes") or ()
    found = []
    for cause in causes:
        field, said = str(cause.get("field") or ""), _sentence(str(cause.get("message") or ""))
        said = re.sub(r"^Invalid value: (\"(object|string|array)\": )?", "", said)
        found.append(f"{field}: {said}" if field and field != "<nil>" else said)
    return "; ".join(dict.fromkeys(found))


def _sentence(said: str) -> str:
    return " ".join(said.split()).rstrip(".")
