"""Children that somebody has edited by hand are made what they were: labels, owners, ports, rules."""

from collections.abc import Mapping
from typing import Any

from daskflow.api.reasons import Reason
from daskflow.manifests.objects import owner_reference
from daskflow.plan.model import Event, Key, Object, Patch, Plan

_OMITTED = frozenset({"matchLabels", "matchExpressions", "values"})


def mended(child: Object, owner: Object, labels: Mapping[str, str], spec: Object | None = None) -> Plan:
    """Puts back these labels, the owner and, where given, the spec of a child that lives; tells of it."""
    meta = child["metadata"]
    if "deletionTimestamp" in meta:
        return Plan()
    body: dict[str, Any] = {}
    changes: dict[str, Any] = {}
    present = meta.get("labels") or {}
    if wrong := {name: value for name, value in labels.items() if present.get(name) != value}:
        changes["labels"] = wrong
    ours, owners = owner_reference(owner), meta.get("ownerReferences") or ()
    if not any(each["uid"] == ours["uid"] and each.get("controller") for each in owners):
        others = [{**each, "controller": False} for each in owners if each["uid"] != ours["uid"]]
        changes["ownerReferences"] = [*others, ours]
    if changes:
        body["metadata"] = changes
    if spec is not None and (edited := _edited(spec, child.get("spec") or {}, child["kind"] == "Service")):
        body["spec"] = edited
    if not body:
        return Plan()
    key = Key(child["kind"], owner["metadata"]["namespace"], meta["name"])
    what = ", ".join((*changes, *body.get("spec", ())))
    message = f"{key.kind} {key.name} was edited by hand ({what}): it is as it was again."
    event = Event("Warning", Reason.RESTORED.value, message)
    return Plan(patches=(Patch(key, meta["uid"], body, event=event),))


def _edited(wanted: Object, present: Object, defaulted: bool) -> dict[str, Any]:
    """The fields that differ, as a merge patch.

    `defaulted`: items of lists may have more fields, since the API server fills them in.
    """
    found: dict[str, Any] = {}
    for name, value in wanted.items():
        if _same(value, present.get(name), defaulted):
            continue
        more = set(present.get(name) or {}) - set(value) if isinstance(value, Mapping) else ()
        found[name] = {**value, **dict.fromkeys(more)} if more else value
    return found


def _without_empty(value: Mapping[str, Any]) -> dict[str, Any]:
    """Without the parts of label selectors that API servers leave out when they are empty."""
    return {name: each for name, each in value.items() if each or name not in _OMITTED}


def _same(wanted: Any, present: Any, defaulted: bool, *, item: bool = False) -> bool:
    if isinstance(wanted, Mapping):
        if not isinstance(present, Mapping):
            return False
        wanted, present = _without_empty(wanted), _without_empty(present)
        if set(present) != set(wanted) and not (defaulted and item):
            return False
        return all(_same(value, present.get(name), defaulted) for name, value in wanted.items())
    if isinstance(wanted, list | tuple):
        if not isinstance(present, list | tuple) or len(present) != len(wanted):
            return False
        pairs = zip(wanted, present, strict=True)
        return all(_same(one, other, defaulted, item=True) for one, other in pairs)
    return bool(wanted == present)
