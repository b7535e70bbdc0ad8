"""What the store keeps of an object: a pod takes 21 KB of memory as the API server tells it, and 4 KB here.

Plans read names, owners, states and a few fields of a spec; nobody needs the environment of a container
that was made long ago. Nothing is ever written back from the store but statuses. What lists and watches tell
of our own kinds has lost its ballast on the way here (`objects`).
"""

from collections.abc import Mapping
from typing import Any

from daskflow.controller.kubernetes.objects import LAST_APPLIED
from daskflow.plan.model import Object

_POD_SPEC = frozenset({
    "dnsPolicy", "enableServiceLinks", "imagePullSecrets", "preemptionPolicy", "priority",
    "securityContext", "serviceAccount", "tolerations",
})  # fmt: skip
_CONTAINER = frozenset({
    "args", "command", "env", "envFrom", "imagePullPolicy", "lifecycle", "livenessProbe", "readinessProbe",
    "securityContext", "startupProbe", "terminationMessagePath", "terminationMessagePolicy", "volumeMounts",
})  # fmt: skip
_STATUS = frozenset({
    # Resources are said once more, and nobody asks for volumes and users.
    "allocatedResources", "resources", "user", "volumeMounts", "hostIPs", "podIPs", "qosClass",
})  # fmt: skip
_CONTAINERS = ("containers", "initContainers", "ephemeralContainers")
_STATUSES = ("containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses")


def compact(body: Object) -> Object:
    """A copy without what nobody reads."""
    meta = body["metadata"]
    result = {**body, "metadata": {name: value for name, value in meta.items() if name != "managedFields"}}
    annotations = meta.get("annotations") or {}
    if LAST_APPLIED in annotations:
        kept = {name: text for name, text in annotations.items() if name != LAST_APPLIED}
        result["metadata"]["annotations"] = kept
    if body["kind"] == "Pod":
        result["spec"] = _without(_POD_SPEC, body.get("spec") or {}, _CONTAINERS, _CONTAINER)
        result["status"] = _without(_STATUS, body.get("status") or {}, _STATUSES, _STATUS)
    return result


def alike(body: Object, known: Object | None) -> Object:
    """The object with the very parts that were known of it, where they are equal: none is read twice."""
    if known is None:
        return body
    same = (name for name in ("spec", "status") if name in known and known[name] == body.get(name))
    return {**body, **{name: known[name] for name in same}}


def _without(
    names: frozenset[str], part: Mapping[str, Any], lists: tuple[str, ...], in_items: frozenset[str]
) -> dict[str, Any]:
    kept = {name: value for name, value in part.items() if name not in names}
    for name in lists:
        if name in kept:
            kept[name] = [
                {field: value for field, value in item.items() if field not in in_items}
                for item in kept[name]
            ]
    return kept
