"""The clusters of a ClusterPool, its units, and the runner's pod that waits with each."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from daskflow.api.clusterpool import ClusterPoolSpec
from daskflow.api.conditions import timestamp
from daskflow.api.daskcluster import DaskClusterSpec
from daskflow.api.names import (
    ANNOTATION_POOL_HASH,
    ANNOTATION_POOL_RUNTIME,
    ANNOTATION_SCHEDULED_TIME,
    API_VERSION,
    DASK_CLUSTER,
    GROUP,
    LABEL_MANAGED_BY,
    LABEL_POOL,
    LABEL_SCHEDULE,
    OF_SCHEDULE,
    RUNNER,
)
from daskflow.api.quantities import seconds
from daskflow.api.shared import SHARED_FIELDS
from daskflow.api.standby import Standby
from daskflow.manifests.cluster import FIRST_LEASE_VARIABLE
from daskflow.manifests.common_pod import OWN_PREFIX, SAFE_TO_EVICT, PodKind, pod
from daskflow.manifests.naming import base_name
from daskflow.manifests.objects import Object, child_metadata
from daskflow.manifests.place import Place
from daskflow.manifests.pods import END_SECONDS, FIRST_LEASE_SECONDS, RUNNER_MARGIN, awaited
from daskflow.manifests.settings import Settings

CONTRACT = 1
"""Of what a claim says and its scheduler understands: units of another are stale, as of another template."""
AFTER_TICK = 120
"""Seconds after a tick until its cluster ends by itself, if there is no operator: that removes it before."""
_HASH = 10
_OF_RUNNER = ("runner", "cancelGracePeriod")
"""What of a template is not the DaskCluster's own."""


def unit_name(pool: Object, ordinal: int) -> str:
    """The DaskCluster with this number; also the common beginning of its children's names."""
    return base_name(pool["metadata"]["name"], pool["metadata"]["uid"], ordinal)


def unit(
    pool: Object, spec: ClusterPoolSpec, template: Mapping[str, Any], ordinal: int, settings: Settings
) -> dict[str, Any]:
    """The DaskCluster with this number. `template`: the spec of its template, with a platform's defaults."""
    made_of = unit_spec(spec, template)
    metadata = spec.template.metadata
    given = {
        name: value
        for name, value in metadata.labels.items()
        if name != LABEL_MANAGED_BY and not name.startswith(f"{GROUP}/")
    }
    own = child_metadata(pool, unit_name(pool, ordinal), {**given, LABEL_POOL: pool["metadata"]["name"]})
    own["annotations"] = {
        **metadata.annotations,
        **own["annotations"],
        ANNOTATION_POOL_HASH: unit_hash(spec, template),
        ANNOTATION_POOL_RUNTIME: runtime_hash(settings),
    }
    return {"apiVersion": API_VERSION, "kind": DASK_CLUSTER, "metadata": own, "spec": made_of}


def unit_spec(spec: ClusterPoolSpec, template: Mapping[str, Any]) -> dict[str, Any]:
    """The DaskCluster's spec: what FlowRuns have in `cluster` stands in it beside what they share with it."""
    standby = {"preload": list(spec.preload), "prefect": spec.prefect, "maxAge": spec.max_age}
    return _made_of(template, standby)


def _made_of(template: Mapping[str, Any], standby: Mapping[str, Any]) -> dict[str, Any]:
    shared = {name: template[name] for name in SHARED_FIELDS if name in template}
    if "env" in shared:
        shared["env"] = [each for each in shared["env"] or () if not str(each["name"]).startswith(OWN_PREFIX)]
    runner = {name: template[name] for name in _OF_RUNNER if name in template}
    return {**shared, **(template.get("cluster") or {}), "standby": {**standby, **runner}}


def tick_unit(
    schedule: Object, template: Mapping[str, Any], tick: datetime, lead: int, settings: Settings
) -> dict[str, Any]:
    """The DaskCluster that waits for this tick's run, made `lead` seconds before. `template` is that run's
    spec, with a platform's defaults."""
    metadata = schedule["metadata"]
    name = tick_unit_name(schedule, tick)
    labels = {LABEL_SCHEDULE: metadata["name"], LABEL_POOL: tick_label_of(metadata["name"])}
    own = child_metadata(schedule, name, labels)
    own["annotations"] |= {
        ANNOTATION_SCHEDULED_TIME: timestamp(tick),
        ANNOTATION_POOL_HASH: tick_hash(template),
        ANNOTATION_POOL_RUNTIME: runtime_hash(settings),
    }
    made_of = _made_of(template, {"preload": [], "prefect": False, "maxAge": f"{lead + AFTER_TICK}s"})
    return {"apiVersion": API_VERSION, "kind": DASK_CLUSTER, "metadata": own, "spec": made_of}


def tick_unit_name(schedule: Object, tick: datetime) -> str:
    """The DaskCluster that waits for this tick's run; also the common beginning of its children's names.

    After a change of the schedule's spec it has others: pods of the one before are still on their way out.
    """
    metadata = schedule["metadata"]
    which = f"{metadata['uid']}/{metadata.get('generation', 0)}/{timestamp(tick)}"
    return base_name(metadata["name"], which)


def tick_label_of(schedule: str) -> str:
    """The value of the label of clusters that this FlowSchedule has made ahead."""
    return f"{OF_SCHEDULE}{schedule}"


def tick_of(body: Object) -> str:
    """The tick that a run or cluster is for, as a timestamp; empty without one."""
    return str((body["metadata"].get("annotations") or {}).get(ANNOTATION_SCHEDULED_TIME, ""))


def tick_hash(template: Mapping[str, Any]) -> str:
    """Of what a tick's cluster and its runner are made from: those of a run with another are not its own."""
    return _digest(_made_of(template, {}))


def unit_hash(spec: ClusterPoolSpec, template: Mapping[str, Any]) -> str:
    """Of all that a unit is made from but its age: units of another hash are of another template."""
    made_of = unit_spec(spec, template)
    made_of["standby"] = {name: value for name, value in made_of["standby"].items() if name != "maxAge"}
    return _digest(made_of, spec.template.metadata.dump())


def _digest(*parts: Mapping[str, Any]) -> str:
    text = json.dumps([CONTRACT, *parts], sort_keys=True)
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:_HASH]


def runtime_hash(settings: Settings) -> str:
    """Of the zip that pods run, which is the operator's own version of it."""
    return hashlib.sha256(settings.runtime).hexdigest()[:_HASH]


def waiting_runner(
    cluster: Object, spec: DaskClusterSpec, standby: Standby, place: Place, settings: Settings
) -> dict[str, Any]:
    """The runner's pod of a cluster that waits. What it is to run comes with the claim."""
    grace = seconds(standby.cancel_grace_period)
    env = {
        "DASKFLOW_STANDBY": "1",
        "DASKFLOW_NAMESPACE": cluster["metadata"]["namespace"],
        "DASKFLOW_SECRET": place.mounted,
        "DASKFLOW_WORKERS": json.dumps(awaited(spec)),
        "DASKFLOW_LEASE_SECONDS": str(settings.lease_seconds),
        FIRST_LEASE_VARIABLE: str(FIRST_LEASE_SECONDS),
        "DASKFLOW_GRACE_SECONDS": str(grace),
        "DASKFLOW_END_SECONDS": str(END_SECONDS),
    }
    if standby.preload:
        env["DASKFLOW_PRELOAD"] = json.dumps(list(standby.preload))
    if standby.prefect:
        env["DASKFLOW_STANDBY_PREFECT"] = "1"
    if place.certificates:
        env["DASKFLOW_CERTIFICATES"] = place.certificates
    labels: Mapping[str, str] = cluster["metadata"].get("labels") or {}
    kind = PodKind(
        component=RUNNER,
        name=waiting_runner_name(place.base),
        resources=standby.runner.resources,
        templates=(standby.runner.template,),
        env=env,
        fields={"DASKFLOW_POD_IP": "status.podIP"},
        labels={LABEL_POOL: labels[LABEL_POOL]} if LABEL_POOL in labels else {},
        annotations=SAFE_TO_EVICT,
        grace=grace + RUNNER_MARGIN,
    )
    return pod(cluster, spec, place, kind)


def waiting_runner_name(base: str) -> str:
    """The runner's pod that waits with a cluster; `base` is the common beginning of the cluster's names."""
    return f"{base}-{RUNNER}"
