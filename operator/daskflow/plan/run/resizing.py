"""Resizing: the numbers of workers of a live run, as they were changed, go on to its DaskCluster."""

from typing import Any

from daskflow.api.daskcluster import spec_of as cluster_spec_of
from daskflow.api.names import DASK_CLUSTER
from daskflow.api.workers import WorkerGroup, Workers
from daskflow.plan.model import Patch, Plan
from daskflow.plan.run.view import RunView

_LIVE = ("replicas", "autoscale", "total", "required", "patience", "drain_timeout")
"""What of a group may change while it lives."""


def resizing(view: RunView) -> Plan | None:
    """Speaks when the open attempt's cluster asks for other numbers of workers than the run."""
    cluster = view.cluster
    if cluster is None or "deletionTimestamp" in cluster["metadata"]:
        return None
    wanted, present = view.spec.cluster, cluster_spec_of(cluster)
    changes: dict[str, Any] = {}
    if numbers := _changed(wanted.workers, present.workers):
        changes["workers"] = numbers
    groups = [_with_numbers(group, wanted.groups.get(group.name, group)) for group in present.worker_groups]
    if any(map(_changed, groups, present.worker_groups)):
        # A merge patch replaces lists as a whole.
        changes["workerGroups"] = [group.written() for group in groups]
    if not changes:
        return None
    key = view.key(DASK_CLUSTER, cluster["metadata"]["name"])
    return Plan(patches=(Patch(key, cluster["metadata"]["uid"], {"spec": changes}),))


def _changed(wanted: Workers, present: Workers) -> dict[str, Any]:
    """What differs, as a merge patch: None removes a field."""
    names = {name for name in _LIVE if getattr(wanted, name) != getattr(present, name)}
    return wanted.model_dump(by_alias=True, mode="json", include=names)


def _with_numbers(present: WorkerGroup, wanted: Workers) -> WorkerGroup:
    """A group with the numbers of another; what its pods are made from stays as the attempt began."""
    numbers = {name: getattr(wanted, name) for name in _LIVE if name in wanted.model_fields_set}
    fixed = {name: getattr(present, name) for name in present.model_fields_set - set(_LIVE)}
    return WorkerGroup(**fixed, **numbers)
