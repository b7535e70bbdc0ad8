"""What an API server's refusals mean, each in a sentence with a remedy."""

import re
from collections.abc import Mapping
from typing import Any

from daskflow.client.errors import (
    AlreadyExists,
    DaskflowError,
    Forbidden,
    NotFound,
    NotInstalled,
    Refused,
    ServerFailed,
)
from daskflow.client.kinds import Kind

TRANSIENT = frozenset({429, 500, 502, 503, 504})
"""An API server that starts, stops, has lost its store for a moment, or has too much to do."""
_CANNOT = re.compile(r'User "(?P<user>[^"]*)" cannot (?P<verb>\S+) resource "(?P<what>[^"]*)"')


def fault(
    status: int, text: str, kind: Kind, *, name: str, namespace: str, body: Mapping[str, Any]
) -> DaskflowError:
    """The error that an answer with this HTTP status is; `body` is its Status, if it has one."""
    said = str(body.get("message") or text.strip() or f"HTTP {status}")
    where = f" in namespace {namespace}" if namespace else ""
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
    return Refused(f"the API server does not take {what}: {_reasons(body) or _sentence(said)}", status=status)


def not_installed(kind: Kind) -> NotInstalled:
    """Said of a cluster that does not know one of our kinds."""
    return NotInstalled(
        f"the cluster does not know {kind.resource}; install daskflow there: "
        "helm install daskflow charts/daskflow --namespace daskflow-system --create-namespace"
    )


def _forbidden(said: str, where: str) -> DaskflowError:
    found = _CANNOT.search(said)
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
