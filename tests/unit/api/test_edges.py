"""Every number, duration and quantity that a spec may have, at the edges of what its schema takes.

Made from the schemas, so that a new field is tried as well: its value works in all that is made from the
spec, or is refused in words before anything is.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from daskflow.api.clusterpool import ClusterPoolSpec
from daskflow.api.crd import KINDS, structural
from daskflow.api.daskcluster import DaskClusterSpec
from daskflow.api.flowrun import FlowRunSpec
from daskflow.api.flowschedule import FlowScheduleSpec
from daskflow.api.names import CLUSTER_POOL, DASK_CLUSTER, FLOW_RUN, FLOW_SCHEDULE
from daskflow.api.quantities import quantity
from daskflow.runtime.scheduler.worker_groups import orders_of
from pydantic import ValidationError

from tests.unit.plan import stage
from tests.unit.plan.cluster import stage as cluster_stage
from tests.unit.plan.pool.stage import PoolStage, pool
from tests.unit.plan.schedule.stage import ScheduleStage, schedule

INT32 = 2**31 - 1
DURATIONS = ("0s", "1s", "9999d", "99999d", "999999999d", "9" * 19 + "d")
QUANTITIES = ("0", "-1", "-512Mi", "1e3", "1E3", "0.5", "1.5Gi", ".5", "512m", "512", "1e999999999", "9E", 0)
UNBOUNDED = {"retries.never.exitCodes[]"}
"""Numbers that are only compared."""
FOUND = {"duration": 18, "quantity": 15, "integer": 15, "number": 2}
"""At least so many of each kind, in a FlowRun: that the walk does not miss them silently."""


def walk(schema: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str, tuple[Any, ...]]]:
    """Path, kind and edges of each field with a number in it."""
    for name, child in schema.get("properties", {}).items():
        yield from leaf(child, f"{path}.{name}".lstrip("."))


def leaf(node: Mapping[str, Any], path: str) -> Iterator[tuple[str, str, tuple[Any, ...]]]:
    """The same of one field."""
    if node.get("x-kubernetes-int-or-string"):
        user = path.endswith("runAsUser")
        yield path, "quantity", (1, INT32) if user else QUANTITIES
    elif "is not a duration" in json.dumps(node.get("x-kubernetes-validations", "")) and "type" in node:
        yield path, "duration", DURATIONS
    elif node.get("type") in ("integer", "number"):
        exclusive = path not in UNBOUNDED and node["type"] == "integer"
        assert not exclusive or ("minimum" in node and "maximum" in node), f"{path} has no bounds"
        yield path, node["type"], (node.get("minimum", -(2**63)), node.get("maximum", 2**63 - 1))
    elif "additionalProperties" in node:
        for name in ("cpu", "memory") if "esources" not in path.split(".")[-1] else ("GPU",):
            yield from leaf(node["additionalProperties"], f"{path}.{name}")
    elif "items" in node:
        yield from leaf(node["items"], f"{path}[]")
    elif node.get("type") == "object" and not path.endswith("template.spec"):
        yield from walk(node, path)


def placed(path: str, value: Any) -> Any:
    """A spec with nothing but this."""
    head, _, rest = path.partition(".")
    inner = placed(rest, value) if rest else value
    if not head.endswith("[]"):
        return {head: inner}
    name = head.removesuffix("[]")
    return {name: [{"name": "more", **inner} if isinstance(inner, dict) else inner]}


def merged(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Both."""
    both = dict(one)
    for name, value in other.items():
        present = both.get(name)
        nested = isinstance(present, dict) and isinstance(value, dict)
        both[name] = merged(present, value) if nested else value  # type: ignore[arg-type]
    return both


FIELDS = {kind.name: tuple(walk(structural(kind.spec))) for kind in KINDS}
OF_RUNS = {path.removeprefix("cluster.") for path, _, _ in FIELDS[FLOW_RUN]}
CASES = [
    (kind, path, value)
    for kind, fields in FIELDS.items()
    for path, _, values in fields
    # A schedule's runs are FlowRuns, whose clusters have all that a DaskCluster has.
    if not path.startswith("template.") and (kind != DASK_CLUSTER or path not in OF_RUNS)
    for value in values
]
NEEDS = {
    "autoscale.minimum": {"maximum": 2000},
    "autoscale.scaleDownDelay": {"maximum": 5},
    "autoscale.targetDuration": {"maximum": 5},
}


def spec_with(path: str, value: Any) -> dict[str, Any]:
    """The least spec that has this field."""
    spec: dict[str, Any] = placed(path, value)
    for ending, more in NEEDS.items():
        if path.endswith(ending):
            parent = path.rpartition(".")[0]
            spec = merged(placed(parent, more), spec) if "[]" not in path else spec
            if "[]" in path:
                spec = placed(parent, {**more, path.rpartition(".")[2]: value})
    return spec


def test_no_kind_of_field_is_missed() -> None:
    kinds = [kind for _, kind, _ in FIELDS[FLOW_RUN]]
    assert all(kinds.count(kind) >= count for kind, count in FOUND.items()), kinds


@pytest.mark.parametrize(("kind", "path", "value"), CASES, ids=lambda value: str(value)[:50])
def test_it_works_or_is_refused_in_words(kind: str, path: str, value: Any) -> None:
    spec = spec_with(path, value)
    if fault := refusal(kind, spec):
        assert any(word in fault for word in ("write", "give", "set", "lower", "greater", "less"))
    else:
        TRIED[kind](spec)


def refusal(kind: str, spec: dict[str, Any]) -> str:
    """What the models say against it."""
    models = {
        FLOW_RUN: FlowRunSpec,
        DASK_CLUSTER: DaskClusterSpec,
        FLOW_SCHEDULE: FlowScheduleSpec,
        CLUSTER_POOL: ClusterPoolSpec,
    }
    run = {"image": "a", "flow": {"script": "1"}}
    bases = {FLOW_SCHEDULE: {"template": {"spec": run}}, CLUSTER_POOL: {"template": {"spec": {"image": "a"}}}}
    try:
        models[kind].model_validate({**bases.get(kind, run), **spec})
    except ValidationError as error:
        return str(error)
    return ""


def try_run(spec: dict[str, Any]) -> None:
    """From its beginning until its pods are there."""
    first = stage.Stage(stage.run(spec))
    there = first.applied().with_cluster()
    alone = stage.Stage(stage.run({**spec, "cluster": {"workers": {"replicas": 0}}})).applied()
    for each in (there.with_scheduler(started=True), alone):
        for late in (each, each.later(seconds=1)):
            check_plan(late.plan())
    for each in there.children[:1]:
        try_cluster({name: value for name, value in each["spec"].items() if name != "image"})
    running = there.with_scheduler(started=True).with_runner(started=True).applied()
    check_plan(running.later(days=1).plan())
    ended = there.with_runner(exit_code=1, message=stage.failed()).applied()
    for days in (0, 1, 400):
        check_plan(replace(ended, now=ended.now + timedelta(days=days)).plan())


def try_cluster(spec: dict[str, Any]) -> None:
    """Its first pods, and what its scheduler is told of its workers."""
    made = cluster_stage.Stage({**spec})
    for plan in (made.plan(), made.later(days=1).plan()):
        check_plan(plan)
    count = min(spec.get("workers", {}).get("replicas", 2), 3)
    running = cluster_stage.running(count, **spec)
    running = running.change(suspend=False).hears(demand={"default": 1})
    try_orders(running)


def try_orders(cluster: cluster_stage.Stage) -> bool:
    """Its scheduler takes what it is told; whether it is told anything."""
    said = {
        name: {
            "replicas": order.replicas,
            "drain": order.drain,
            "autoscale": order.autoscale
            and dict(zip(("minimum", "maximum", "delay", "target"), order.autoscale, strict=True)),
        }
        for name, order in cluster.ordered.items()
    }
    return bool(orders_of(json.loads(json.dumps(said))))


def try_schedule(spec: dict[str, Any]) -> None:
    """Its first ticks."""
    given = ScheduleStage(schedule({"cron": None, "interval": "1h", **spec}))
    for days in (0, 1, 30, 400):
        check_plan(replace(given, now=given.now + timedelta(days=days)).plan())


def try_pool(spec: dict[str, Any]) -> None:
    """Its first clusters, and those after a day."""
    given = PoolStage(pool({"ready": 1, **spec}))
    for days in (0, 1, 400):
        check_plan(replace(given, now=given.now + timedelta(days=days)).plan())
    try_cluster(dict(PoolStage(pool({**spec, "ready": 1})).plan().creates[0]["spec"]))


TRIED = {
    FLOW_RUN: try_run,
    DASK_CLUSTER: try_cluster,
    FLOW_SCHEDULE: try_schedule,
    CLUSTER_POOL: try_pool,
}


def check_plan(plan: Any) -> None:
    """All that is made is what an API server takes, as far as numbers go."""
    json.dumps([*plan.creates, *(patch.body for patch in plan.patches), plan.status], allow_nan=False)
    for body in (*plan.creates, *(patch.body for patch in plan.patches)):
        check_numbers(body.get("spec") or {})


def check_numbers(node: Any) -> None:
    """No pod is refused for them."""
    if isinstance(node, Mapping):
        for name, value in node.items():
            if name == "activeDeadlineSeconds":
                assert 1 <= value <= INT32
            elif name == "terminationGracePeriodSeconds":
                assert 0 <= value <= 2**63 - 1
            elif name in ("limits", "requests"):
                assert all(quantity(each) >= 0 for each in value.values())
            else:
                check_numbers(value)
    elif isinstance(node, list | tuple):
        for each in node:
            check_numbers(each)


def test_a_run_with_the_longest_deadline_that_is_accepted_has_a_pod() -> None:
    spec = {"deadlines": {"active": "99999d"}}
    made = stage.opened(spec).with_scheduler(started=True).plan().creates
    assert [body["spec"]["activeDeadlineSeconds"] <= INT32 for body in made] == [True]


@pytest.mark.parametrize(
    "workers",
    [
        {"replicas": 1, "drainTimeout": "9999d"},
        {"autoscale": {"maximum": 2, "scaleDownDelay": "9999d", "targetDuration": "99999d"}},
    ],
)
def test_a_scheduler_takes_the_longest_times_that_are_accepted(workers: dict[str, Any]) -> None:
    told = cluster_stage.running(1, workers=workers).change(workers={**workers, "replicas": 0})
    assert try_orders(told)
