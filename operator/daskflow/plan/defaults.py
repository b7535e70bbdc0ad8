"""Defaults of the platform: what a spec leaves open comes from its namespace, else from the operator.

They are taken when the first pod of a run or cluster is to be made, and from then on read from its status:
defaults that change later, or an operator with others, change nothing that has begun.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from daskflow.api.daskcluster import TERMINAL_PHASES, DaskClusterStatus
from daskflow.api.defaults import CONFIG_MAP_ANNOTATION, AppliedDefaults
from daskflow.api.flowrun_status import FlowRunStatus
from daskflow.api.names import CLUSTER_POOL, FLOW_RUN, FLOW_SCHEDULE
from daskflow.api.shared import SHARED_FIELDS
from daskflow.manifests.merge import merged
from daskflow.manifests.objects import owner_of
from daskflow.plan.default_fields import DefaultsInvalid, of_config_map
from daskflow.plan.model import Object

Json = Mapping[str, Any]

_GIVING = (FLOW_RUN, CLUSTER_POOL, FLOW_SCHEDULE)
"""Kinds whose clusters come with their defaults."""
_OF_RUNNER = ("runner", "cancelGracePeriod")
_OF_STANDALONE = ("idleTimeout", "noClientTimeout")
"""A run's cluster ends with the run."""


@dataclass(frozen=True)
class Given:
    """A spec with its defaults, which are `applied`; or the `fault` that keeps it from being begun."""

    spec: Json
    applied: AppliedDefaults | None = None
    fault: str = ""


NOTHING_GIVEN = Given({})
"""Of a spec that stands in for one that cannot be read."""


def for_run(
    resource: Object,
    template: Json,
    status: FlowRunStatus,
    namespace: Object | None,
    operator: Json,
    pool: Json | None = None,
) -> Given:
    """`template` is the run's own, with what it inherits from its metadata; `namespace` the ConfigMap of the
    run's namespace, `operator` what the installation gives, `pool` the spec of its pool's template.
    """
    spec = _own(resource, template)
    if status.attempts or status.attempt or status.completion_time:
        return _given(spec, status.defaults)
    return _taken(spec, namespace, operator, _run_part, _unit_part(pool or {}, spec))


def for_pool(spec: Json, namespace: Object | None, operator: Json) -> Given:
    """What a pool's next cluster is made from: the spec of its template, with the defaults of this moment."""
    return _taken(spec, namespace, operator, _unit_part)


def _unit_part(given: Json, spec: Json) -> Json:
    """Of a run's defaults those that a cluster and its runner have."""
    part = _run_part(given, spec)
    return {name: part[name] for name in (*SHARED_FIELDS, "cluster", *_OF_RUNNER) if name in part}


def for_cluster(
    resource: Object, template: Json, status: DaskClusterStatus, namespace: Object | None, operator: Json
) -> Given:
    """The same of a DaskCluster. That of an attempt has what its run has, a pool's what the pool has."""
    spec = _own(resource, template)
    begun = status.scheduler or status.address or status.phase in TERMINAL_PHASES
    if begun or status.defaults or (owner_of(resource) or {}).get("kind") in _GIVING:
        return _given(spec, status.defaults)
    return _taken(spec, namespace, operator, _cluster_part)


def _own(resource: Object, template: Json) -> Json:
    spec: Json = resource.get("spec") or {}
    return {**spec, "template": template} if template else spec


def effective(spec: Json, applied: AppliedDefaults | None) -> Json:
    """The spec with what it was given."""
    if applied is None:
        return spec
    try:
        result: Json = over(applied.spec, spec)
    except (AttributeError, KeyError, TypeError):
        return spec  # somebody wrote into the status what no platform can give
    return result


def _given(spec: Json, applied: AppliedDefaults | None) -> Given:
    return Given(effective(spec, applied), applied)


def _taken(
    spec: Json,
    namespace: Object | None,
    operator: Json,
    part: Callable[[Json, Json], Json],
    pool: Json | None = None,
) -> Given:
    try:
        theirs = of_namespace(namespace)
    except DefaultsInvalid as error:
        return Given(spec, fault=str(error))
    sources = {"pool": pool or {}, "namespace": part(theirs, spec), "operator": part(operator, spec)}
    open_: Json = {}
    named = []
    for name, given in sources.items():
        if left := left_open(given, over(open_, spec)):
            open_ = over(left, open_)
            named.append(name)
    if not named:
        return Given(spec)
    return _given(spec, AppliedDefaults(sources=tuple(named), spec=open_))


def of_namespace(config_map: Object | None) -> Json:
    """What this ConfigMap gives, if it is meant to give any. Raises DefaultsInvalid."""
    metadata = (config_map or {}).get("metadata") or {}
    if config_map is None or (metadata.get("annotations") or {}).get(CONFIG_MAP_ANNOTATION) != "true":
        return {}
    return of_config_map(config_map.get("data") or {})


def _run_part(given: Json, spec: Json) -> Json:
    result = dict(given)
    cluster = {**(result.pop("cluster", None) or {})}
    for name in _OF_STANDALONE:
        cluster.pop(name, None)
    if cluster and not (spec.get("clusterRef") or spec.get("schedulerAddress")):
        result["cluster"] = cluster
    return result


def _cluster_part(given: Json, _: Json) -> Json:
    shared = {name: value for name, value in given.items() if name in SHARED_FIELDS}
    return {**shared, **(given.get("cluster") or {})}


def over(below: Any, above: Any, path: str = "") -> Any:
    """`above` where it says something, else `below`; both as in a spec, or at this path in one."""
    kind = path.rpartition(".")[2]
    if above is None and kind != "config":
        return below
    if kind in _BY_NAME:
        return _by_name(below, above)
    if not (isinstance(below, Mapping) and isinstance(above, Mapping)):
        return above
    if kind == "template":
        return merged(below, above, nulls=True)
    if kind == "resources":
        return _resources(below, above)
    result = dict(below)
    for name, value in above.items():
        # Of Dask's configuration every level is alike, and a null is a value.
        inner = path if kind == "config" else f"{path}.{name}"
        result[name] = over(result[name], value, inner) if name in result else value
    if (groups := result.get("workerGroups")) and (common := below.get("workers")):
        result["workerGroups"] = [over(common, group, f"{path}.workers") for group in groups]
    return result


_BY_NAME = ("env", "imagePullSecrets")
"""Lists of which both count, item by item."""


def _by_name(below: Sequence[Json], above: Sequence[Json]) -> list[Json]:
    named = {item["name"] for item in above}
    return [*(item for item in below if item["name"] not in named), *above]


def _resources(below: Json, above: Json) -> Json:
    """By resource: one that is named above, as request or limit, has nothing from below, so that both fit."""
    left = _unnamed(below, above)
    return {kind: {**left.get(kind, {}), **(above.get(kind) or {})} for kind in {**left, **above}}


def _unnamed(below: Json, above: Json) -> Json:
    named = {name for amounts in above.values() for name in amounts or {}}
    left = {
        kind: {name: amount for name, amount in (amounts or {}).items() if name not in named}
        for kind, amounts in below.items()
    }
    return {kind: amounts for kind, amounts in left.items() if amounts}


def left_open(given: Json, spec: Json, path: str = "") -> Json:
    """Of these defaults what this spec does not say itself: those that change anything."""
    kind = path.rpartition(".")[2]
    if kind == "resources":
        return _unnamed(given, spec)
    result = {}
    for name, value in given.items():
        inner = path if kind == "config" else f"{path}.{name}"
        said = spec.get(name)
        if said is None and not (kind == "config" and name in spec):
            result[name] = value
        elif name == "workers" and spec.get("workerGroups"):
            result[name] = value  # they are each group's, too
        elif said is not None and name in _BY_NAME:
            named = {item["name"] for item in said}
            if items := [item for item in value if item["name"] not in named]:
                result[name] = items
        elif name == "template":
            if over(value, said, inner) != said:
                result[name] = value
        elif (
            isinstance(value, Mapping)
            and isinstance(said, Mapping)
            and (left := left_open(value, said, inner))
        ):
            result[name] = left
    return result
