"""What `daskflow check` looks at: each fact as a line, pure functions of what was found."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from daskflow.cli.explanation.quotas import full
from daskflow.cli.installed import Operator


class Line(NamedTuple):
    """One thing that was looked at."""

    well: bool | None
    """None: it could not be seen, which need not be wrong."""
    what: str
    remedy: str = ""

    def __str__(self) -> str:
        mark = {True: "ok", False: "WRONG", None: "?"}[self.well]
        return f"{mark:<6} {self.what}" + (f"; {self.remedy}" if self.remedy else "")


def of_operators(found: Sequence[Operator], client: str) -> list[Line]:
    """Whether there is one operator, alive and of this version."""
    if not found:
        remedy = "helm install daskflow charts/daskflow --namespace daskflow-system --create-namespace"
        return [Line(False, "no operator is installed", remedy)]
    lines = []
    for each in found:
        where = f"operator {each.version or each.image} in namespace {each.namespace}"
        if not each.wanted:
            remedy = f"kubectl scale deployment {each.name} --namespace {each.namespace} --replicas 1"
            lines.append(Line(False, f"{where} is scaled to 0", remedy))
        elif not each.ready:
            remedy = f"see why: kubectl describe pods --namespace {each.namespace}"
            lines.append(Line(False, f"{where} is not ready", remedy))
        else:
            lines.append(Line(True, f"{where} is ready"))
        if each.version and each.version != client:
            lines.append(Line(None, f"this program is {client}, the operator {each.version}", "use the same"))
    return lines


def of_definition(installed: Mapping[str, Any], ours: Mapping[str, Any]) -> Line:
    """Whether an installed CustomResourceDefinition knows all fields that this program knows."""
    name = ours["metadata"]["name"]
    known, wanted = _fields(installed), _fields(ours)
    missing = sorted(wanted - known)
    if missing:
        shown = ", ".join(missing[:3]) + (f" and {len(missing) - 3} more" if len(missing) > 3 else "")
        return Line(
            False,
            f"{name} is older than this program, it lacks {shown}",
            "kubectl apply --server-side -f crds",
        )
    return Line(True, f"{name} has all fields of this program")


def _fields(definition: Mapping[str, Any]) -> set[str]:
    fields: set[str] = set()
    for version in definition["spec"]["versions"]:
        _collect(version["schema"]["openAPIV3Schema"], "", fields)
    return fields


def _collect(schema: Mapping[str, Any], path: str, fields: set[str]) -> None:
    for name, below in (schema.get("properties") or {}).items():
        at = f"{path}.{name}" if path else name
        fields.add(at)
        _collect(below, at, fields)
    if isinstance(items := schema.get("items"), Mapping):
        _collect(items, f"{path}[]", fields)


def of_right(verb: str, resource: str, allowed: bool, namespace: str) -> Line:
    """Whether the user may do something to a resource here."""
    if allowed:
        return Line(True, f"you may {verb} {resource} in namespace {namespace}")
    return Line(False, f"you may not {verb} {resource} in namespace {namespace}", "ask for a role that may")


def of_quotas(quotas: Sequence[Mapping[str, Any]]) -> list[Line]:
    """A line for each quota that is nearly used up, or one that says there is room."""
    lines = [
        Line(False, line.rstrip("."), "wait, or have it raised") for quota in quotas for line in full(quota)
    ]
    names = ", ".join(quota["metadata"]["name"] for quota in quotas)
    return lines or [
        Line(True, f"there is room in the ResourceQuota {names}" if names else "there is no quota")
    ]
