"""The three kinds of pods of a run: scheduler, worker, runner."""

import json
from collections.abc import Mapping
from typing import Any

from daskflow.api.daskcluster import ClusterSpec, DaskClusterSpec
from daskflow.api.flowrun import FlowRunSpec, spec_of
from daskflow.api.names import (
    LABEL_ATTEMPT,
    LABEL_GROUP,
    LABEL_POOL,
    LABEL_RUN,
    OF_SCHEDULE,
    PORT_READY,
    RUNNER,
    SCHEDULER,
    WORKER,
)
from daskflow.api.quantities import seconds
from daskflow.manifests.cluster import (
    ENTRYPOINT_VARIABLE,
    FIRST_LEASE_VARIABLE,
    first_lease_seconds,
    flows_own_cluster,
)
from daskflow.manifests.common_pod import NOT_SAFE_TO_EVICT, SAFE_TO_EVICT, PodKind, pod
from daskflow.manifests.files import FILES_VARIABLE, from_cluster
from daskflow.manifests.inherited_metadata import with_inherited
from daskflow.manifests.long_text import variables
from daskflow.manifests.naming import runner_name, scheduler_name, worker_name
from daskflow.manifests.objects import Object
from daskflow.manifests.place import Place
from daskflow.manifests.settings import Settings

SCHEDULER_GRACE = 10
"""Seconds; a scheduler that is told to go takes its cluster down in less than five."""
WORKER_GRACE = 30
"""Seconds in which a worker that is told to go hands its data to the others."""
RUNNER_MARGIN = 10
"""Seconds beyond the flow's grace period, for the runner to report how it ended."""
END_SECONDS = 10
"""How long a flow's process may linger after its outcome (hung threads, atexit hooks)."""
_BEYOND_AGE = 600
"""Seconds by which the scheduler of a cluster that waits outlives its age: it is the operator's to replace
it, and without an operator compute frees itself."""
FIRST_LEASE_SECONDS = 900
"""How long scheduler and workers of a standalone cluster wait for each other; images may be large."""

_REQUIRE_TLS = {"DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION": "true"}
"""For scheduler and workers only: with it a flow could not start a LocalCluster."""

_FROZEN = {
    "tcpSocket": {"port": PORT_READY},
    "periodSeconds": 20,
    "timeoutSeconds": 10,
    "failureThreshold": 6,
}
"""A scheduler whose event loop stands still for two minutes is not noticed by its clients: end it."""


def scheduler_pod(
    cluster: Object, spec: DaskClusterSpec, place: Place, settings: Settings, *, leased: bool
) -> dict[str, Any]:
    """The scheduler. `leased`: it is there for a run, and lives only as long as the run's lease."""
    env = {
        "DASKFLOW_LEASE_SECONDS": str(settings.lease_seconds),
        FIRST_LEASE_VARIABLE: str(FIRST_LEASE_SECONDS),
        "DASKFLOW_GROUPS": _groups(spec),
        **_encryption(place),
        **_handed_down(spec),
    }
    if leased:
        env["DASKFLOW_OWNED"] = "1"
    else:
        env |= _when_unused(spec)
    if spec.standby is not None:
        env["DASKFLOW_STANDBY_SECONDS"] = str(seconds(spec.standby.max_age) + _beyond_age(cluster))
    if spec.dashboard:
        env["DASKFLOW_DASHBOARD"] = "1"
    kind = PodKind(
        component=SCHEDULER,
        name=scheduler_name(place.base),
        resources=spec.scheduler.resources,
        templates=(spec.scheduler.template,),
        args=spec.scheduler.args,
        env=env,
        labels=_above(cluster),
        files=from_cluster(_handed_down(spec).get(FILES_VARIABLE, "")),
        annotations=NOT_SAFE_TO_EVICT if spec.standby is None else SAFE_TO_EVICT,
        grace=SCHEDULER_GRACE,
        liveness=_FROZEN,
    )
    return pod(cluster, spec, place, kind)


def worker_pod(
    cluster: Object, spec: DaskClusterSpec, place: Place, group: str, ordinal: int
) -> dict[str, Any]:
    """One worker of this group."""
    workers = spec.groups[group]
    env = {
        "DASKFLOW_GROUP": group,
        "DASKFLOW_THREADS": str(workers.thread_count),
        "DASKFLOW_MEMORY_LIMIT": str(workers.memory),
        "DASKFLOW_DEATH_TIMEOUT": _handed_down(spec).get(FIRST_LEASE_VARIABLE, str(FIRST_LEASE_SECONDS)),
        **_encryption(place),
        **_handed_down(spec),
    }
    if workers.dask_resources:
        env["DASKFLOW_RESOURCES"] = json.dumps(dict(workers.dask_resources))
    if workers.nanny:
        env["DASKFLOW_NANNY"] = "1"
    kind = PodKind(
        component=WORKER,
        name=worker_name(place.base, ordinal, group),
        resources=workers.resources,
        templates=(workers.template,),
        args=workers.args,
        env=env,
        labels={LABEL_GROUP: group, **_above(cluster)},
        files=from_cluster(_handed_down(spec).get(FILES_VARIABLE, "")),
        grace=WORKER_GRACE,
        scratch_limit=workers.scratch.size_limit,
    )
    return pod(cluster, spec, place, kind)


def runner_pod(
    run: Object,
    spec: FlowRunSpec,
    place: Place,
    attempt: int,
    settings: Settings,
    active_deadline: int | None,
    written: str | None = None,
) -> dict[str, Any]:
    """The runner of one attempt; `active_deadline` in seconds from the pod's start.

    `written` is its name as the attempt's record has it; it is reckoned where none is given.
    """
    metadata = run["metadata"]
    kind = PodKind(
        component=RUNNER,
        name=written or runner_name(metadata["name"], metadata["uid"], attempt),
        resources=spec.runner.resources,
        templates=(spec.runner.template,),
        env=runner_env(run, spec, place, attempt, settings),
        fields={"DASKFLOW_POD_IP": "status.podIP"},
        files=spec.flow.files.all_sources if spec.flow.files else (),
        labels={LABEL_RUN: metadata["name"], LABEL_ATTEMPT: str(attempt)},
        annotations=NOT_SAFE_TO_EVICT,
        grace=seconds(spec.cancel_grace_period) + RUNNER_MARGIN,
    )
    result = pod(run, spec, place, kind)
    if active_deadline is not None:
        result["spec"]["activeDeadlineSeconds"] = active_deadline
    return result


def runner_env(
    run: Object, spec: FlowRunSpec, place: Place, attempt: int, settings: Settings
) -> dict[str, str]:
    """The variables by which a runner knows what to run; one that waits for it gets them by a claim."""
    metadata = run["metadata"]
    env = {
        "DASKFLOW_RUN": metadata["name"],
        "DASKFLOW_NAMESPACE": metadata["namespace"],
        "DASKFLOW_ATTEMPT": str(attempt),
        # For a cluster that the flow makes (`daskflow.runtime.Cluster`).
        "DASKFLOW_RUN_UID": metadata["uid"],
        "DASKFLOW_SECRET": place.mounted,
        **variables(
            "DASKFLOW_CLUSTER",
            json.dumps(flows_own_cluster(spec, _own(run, spec, settings)), separators=(",", ":")),
        ),
        **variables("DASKFLOW_FLOW", flow_json(spec)),
        "DASKFLOW_WORKERS": json.dumps(awaited(spec.cluster)),
        "DASKFLOW_LEASE_SECONDS": str(settings.lease_seconds),
        FIRST_LEASE_VARIABLE: str(first_lease_seconds(spec)),
        "DASKFLOW_GRACE_SECONDS": str(seconds(spec.cancel_grace_period)),
        "DASKFLOW_END_SECONDS": str(END_SECONDS),
    }
    if place.certificates:
        env["DASKFLOW_CERTIFICATES"] = place.certificates
    if spec.flow.entrypoint:
        env[ENTRYPOINT_VARIABLE] = spec.flow.entrypoint
    if spec.report.to:
        env["DASKFLOW_REPORT_TO"] = spec.report.to
    if spec.runner.forward_logs:
        env["DASKFLOW_FORWARD_LOGS"] = "1"
    return env


def _own(run: Object, spec: FlowRunSpec, settings: Settings) -> FlowRunSpec:
    """The spec as its user wrote it, without the defaults of a platform; the whole where a cluster that is
    there gives the image."""
    own = with_inherited(spec_of(run), run, settings.inherited_prefixes) if run.get("spec") else spec
    return own if own.image else spec


def awaited(cluster: ClusterSpec) -> Mapping[str, int]:
    """When the flow begins: all workers there, or the required ones after some patience (seconds).

    Where their number follows the demand, there is none yet: the least it may be, and one at any rate.
    """
    groups = cluster.groups.values()
    wanted = max(sum(group.least for group in groups), 1 if cluster.autoscales else 0)
    required = sum(group.least if group.required is None else group.required for group in groups)
    return {
        "wanted": wanted,
        "required": min(max(required, 1), wanted),
        "patience": max(seconds(group.patience) for group in groups),
    }


def _when_unused(spec: DaskClusterSpec) -> dict[str, str]:
    """After how long a cluster without a run ends by itself."""
    env = {}
    if spec.idle_timeout is not None:
        env["DASKFLOW_IDLE_SECONDS"] = str(seconds(spec.idle_timeout))
    if spec.no_client_timeout is not None:
        groups = spec.groups.values()
        ready = sum(group.least if group.required is None else group.required for group in groups)
        env["DASKFLOW_NO_CLIENT_SECONDS"] = str(seconds(spec.no_client_timeout))
        env["DASKFLOW_READY_WORKERS"] = str(ready)
    return env


def _groups(spec: DaskClusterSpec) -> str:
    """What the scheduler must know of the groups to tell how many workers their tasks are work for."""
    return json.dumps(
        [
            {
                "name": name,
                "threads": group.thread_count,
                "memory": group.memory,
                "resources": dict(group.dask_resources),
            }
            for name, group in spec.groups.items()
        ]
    )


def flow_json(spec: FlowRunSpec) -> str:
    """`spec.flow` as the runner gets it: in ASCII, whatever the image's locale. Compressed, which it is when
    it is long, that takes about as much as UTF-8 does."""
    return json.dumps(spec.flow.dump(), separators=(",", ":"))


def flow_bytes(spec: FlowRunSpec) -> int:
    """The size of `spec.flow`, as people count: in UTF-8."""
    text = json.dumps(spec.flow.dump(), separators=(",", ":"), ensure_ascii=False)
    return len(text.encode(errors="replace"))


def _beyond_age(cluster: Object) -> int:
    """Of a cluster for one tick none: its time is over with that."""
    labels: Mapping[str, str] = cluster["metadata"].get("labels") or {}
    return 0 if labels.get(LABEL_POOL, "").startswith(OF_SCHEDULE) else _BEYOND_AGE


def _above(cluster: Object) -> dict[str, str]:
    """The labels that say whose the cluster is."""
    labels: Mapping[str, str] = cluster["metadata"].get("labels") or {}
    return {key: labels[key] for key in (LABEL_RUN, LABEL_ATTEMPT, LABEL_POOL) if key in labels}


def _encryption(place: Place) -> Mapping[str, str]:
    return _REQUIRE_TLS if place.tls else {}


def _handed_down(spec: DaskClusterSpec) -> dict[str, str]:
    """What the run of an owned cluster tells its pods through the cluster's environment."""
    names = (ENTRYPOINT_VARIABLE, FIRST_LEASE_VARIABLE, FILES_VARIABLE)
    return {each.name: each.value for each in spec.env if each.name in names and each.value is not None}
