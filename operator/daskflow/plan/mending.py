"""Children that somebody has edited by hand are made what they were: labels, owners, ports, rules."""

from collections.abc import Iterable, Mapping
from typing import Any

from daskflow.api.names import (
    LABEL_ATTEMPT,
    LABEL_CLUSTER,
    LABEL_COMPONENT,
    LABEL_GROUP,
    LABEL_MANAGED_BY,
    LABEL_RUN,
    MANAGED_BY,
    RUNNER,
    WORKER,
)
from daskflow.api.reasons import Reason
from daskflow.manifests.cluster import service
from daskflow.manifests.network_policy import network_policy
from daskflow.manifests.objects import owner_reference
from daskflow.plan.cluster.view import ClusterView
from daskflow.plan.model import Event, Key, Object, Patch, Plan
from daskflow.plan.pod.pod import Pod
from daskflow.plan.run.view import RunView

_OMITTED = frozenset({"matchLabels", "matchExpressions", "values"})


def mended_cluster(view: ClusterView) -> Plan:
    """Whatever of the cluster's children is not as it was made, but the Secret, which may not be read."""
    plan, tls = Plan(), view.spec.security.tls.encrypted
    policy = network_policy(view.resource, view.spec.security.network_policy, view.base, view.settings)
    ours = {"Service": service(view.resource, view.base, tls=tls), "NetworkPolicy": policy}
    for child in view.seen.children:
        wanted = ours.get(child["kind"])
        if wanted is not None and wanted["metadata"]["name"] == child["metadata"]["name"]:
            plan += _mended(child, view.resource, wanted["metadata"]["labels"], wanted["spec"])
    above = view.resource["metadata"].get("labels") or {}
    of_run = {name: above[name] for name in (LABEL_RUN, LABEL_ATTEMPT) if name in above}
    for pod in (*view.schedulers, *view.workers):
        labels = {LABEL_CLUSTER: view.base, LABEL_COMPONENT: pod.component, **of_run}
        if pod.component == WORKER:
            labels[LABEL_GROUP] = pod.group(view.base)
        plan += _mended(pod.raw, view.resource, {LABEL_MANAGED_BY: MANAGED_BY, **labels})
    return plan


def mended_run(view: RunView) -> Plan:
    """The same of the open attempt's DaskCluster and runner."""
    if view.attempt is None:
        return Plan()
    labels = {
        LABEL_MANAGED_BY: MANAGED_BY,
        LABEL_RUN: view.name,
        LABEL_ATTEMPT: str(view.attempt.number),
    }
    plan = _mended(view.cluster, view.resource, labels) if view.cluster else Plan()
    if view.runner is not None and _there(view.runner, view.runners):
        base = {LABEL_CLUSTER: view.place.base} if view.place else {}
        labels = {**labels, **base, LABEL_COMPONENT: RUNNER}
        plan += _mended(view.runner.raw, view.resource, labels)
    return plan


def _there(pod: Pod, pods: Iterable[Pod]) -> bool:
    return any(each.uid == pod.uid for each in pods)


def _mended(child: Object, owner: Object, labels: Mapping[str, str], spec: Object | None = None) -> Plan:
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
    return Plan(patches=(Patch(key, meta["uid"], body, told=event),))


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


def _told(value: Mapping[str, Any]) -> dict[str, Any]:
    """Without the parts of label selectors that API servers leave out when they are empty."""
    return {name: each for name, each in value.items() if each or name not in _OMITTED}


def _same(wanted: Any, present: Any, defaulted: bool, *, item: bool = False) -> bool:
    if isinstance(wanted, Mapping):
        if not isinstance(present, Mapping):
            return False
        wanted, present = _told(wanted), _told(present)
        if set(present) != set(wanted) and not (defaulted and item):
            return False
        return all(_same(value, present.get(name), defaulted) for name, value in wanted.items())
    if isinstance(wanted, list | tuple):
        if not isinstance(present, list | tuple) or len(present) != len(wanted):
            return False
        pairs = zip(wanted, present, strict=True)
        return all(_same(one, other, defaulted, item=True) for one, other in pairs)
    return bool(wanted == present)
