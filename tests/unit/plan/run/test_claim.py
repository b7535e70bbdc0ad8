"""A run that names a pool: it takes a cluster that waits, or says why it has none."""

from dataclasses import replace
from typing import Any

import pytest
from daskflow.api.names import (
    ANNOTATION_OWNER,
    ANNOTATION_PREWARM,
    ANNOTATION_SCHEDULED_TIME,
    LABEL_ATTEMPT,
    LABEL_RUN,
)
from daskflow.plan.model import Object
from daskflow.plan.question import Told
from daskflow.plan.run.claim import PATH

from tests.unit.plan.pool.stage import PoolStage, full
from tests.unit.plan.pool.stage import pool as pool_of
from tests.unit.plan.stage import NOW, UID, Stage, failed, kinds, pod, succeeded

SPEC: dict[str, Any] = {"pool": {"name": "small"}, "image": None}


def begun(there: PoolStage | None, **spec: Any) -> Stage:
    """A run that was just applied, beside this pool."""
    found = Stage().resource
    wanted = {name: value for name, value in {**found["spec"], **SPEC, **spec}.items() if value is not None}
    more = {} if there is None else {"pool": there.resource, "units": there.units}
    return Stage({**found, "spec": wanted}, more=more)


def patched(unit: Object, body: Object) -> dict[str, Any]:
    """As a merge patch leaves it."""
    meta = {**unit["metadata"]}
    for name in ("labels", "annotations"):
        meta[name] = {**meta.get(name, {}), **body["metadata"].get(name, {})}
    if "ownerReferences" in body["metadata"]:
        meta["ownerReferences"] = body["metadata"]["ownerReferences"]
    return {**unit, "metadata": {**meta, "resourceVersion": "6"}}


def taken(stage: Stage) -> Stage:
    """With the plan's patch of a cluster carried out: it is the run's."""
    (patch,) = stage.plan().patches
    units = {unit["metadata"]["name"]: unit for unit in stage.more["units"]}
    mine = patched(units.pop(patch.key.name), patch.body)
    service = {"kind": "Service", "metadata": {"name": "x"}, "spec": {"clusterIP": "10.1.2.3"}}
    parked = pod(f"{patch.key.name}-runner", "runner")
    return replace(
        stage,
        children=(*stage.children, mine),
        members=(service, pod(f"{patch.key.name}-scheduler", "scheduler", uid="s", started=True), parked),
        more={**stage.more, "units": tuple(units.values())},
    )


def adopted(stage: Stage) -> Stage:
    """What comes before the attempt is closed was carried out: its pods are the run's, and say so."""
    plan = stage.plan()
    assert plan.status is None
    bodies = {patch.key.name: patch.body for patch in plan.patches}
    found = [(each, bodies.get(each["metadata"]["name"])) for each in stage.members]
    now = [each if body is None else patched(each, body) for each, body in found]
    mine = tuple(each for each in now if "ownerReferences" in each["metadata"])
    rest = tuple(each for each in now if each not in mine)
    return replace(stage, children=(*stage.children, *mine), members=rest)


def told(stage: Stage, result: Any) -> Stage:
    """The last words were answered so."""
    (tell,) = stage.plan().tells
    return replace(stage.applied(), more={**stage.more, "told": (Told(tell, result, NOW),)})


def test_three_steps() -> None:
    first = begun(full())
    plan = first.plan()
    (patch,) = plan.patches
    assert plan.status is None
    assert not plan.creates
    assert patch.revision == "5"
    meta = patch.body["metadata"]
    assert meta["labels"][LABEL_RUN] == "etl"
    assert meta["labels"][LABEL_ATTEMPT] == "1"
    assert meta["annotations"][ANNOTATION_OWNER] == f"FlowRun/etl/{UID}/{patch.key.name}"
    assert [owner["uid"] for owner in meta["ownerReferences"]] == [UID]

    second = taken(first)
    plan = second.plan()
    assert plan.status is not None
    assert not plan.creates
    attempt = plan.status["attempts"][0]
    assert (attempt["cluster"], attempt["clusterUid"]) == (patch.key.name, patch.uid)
    assert attempt["claim"]["reason"] == "Claimed"
    (tell,) = plan.tells
    assert (tell.cluster, tell.scheduler, tell.path) == (patch.key.name, "s", PATH)
    assert tell.body["run"] == UID
    assert tell.body["attempt"] == 1
    assert tell.body["variables"]["DASKFLOW_RUN"] == "etl"
    assert "script" in tell.body["variables"]["DASKFLOW_FLOW"]

    third = told(second, "Taken")
    plan = third.plan()
    assert not plan.tells
    assert not plan.creates
    condition = next(each for each in third.status["conditions"] if each["type"] == "Instant")
    assert condition["status"] == "True"


def test_who_does_not_know_that_it_was_told_writes_before_it_tells_again() -> None:
    open_ = taken(begun(full())).applied()
    plan = open_.later(seconds=3).plan()
    assert len(plan.tells) == 1
    assert plan.status is not None
    assert plan.status["attempts"][0]["claim"]["toldTime"] == "2026-03-01T12:00:03Z"


def test_nobody_heard_it_yet() -> None:
    unheard = told(taken(begun(full())), "Unheard")
    assert not unheard.plan().tells
    (word,) = unheard.more["told"]
    again = replace(unheard, more={**unheard.more, "told": (replace(word, retry=True),)})
    assert again.plan().tells == (word.tell,)
    assert again.plan().status is not None


def test_its_end_is_read_from_the_pod_that_waited() -> None:
    open_ = told(taken(begun(full())), "Taken")
    name = f"{open_.attempt['cluster']}-runner"
    ended = pod(name, "runner", exit_code=0, message=succeeded(7))
    over = adopted(replace(open_, members=(*open_.members[:2], ended))).applied()
    assert over.status["phase"] == "Succeeded"
    assert over.status["result"] == 7


def test_a_runner_that_is_gone_is_made_again_as_any_other() -> None:
    open_ = told(taken(begun(full())), "Taken")
    without = replace(open_, members=open_.members[:2]).later(seconds=25)
    (made,) = without.plan().creates
    assert made["kind"] == "Pod"
    assert made["metadata"]["name"] == f"{open_.attempt['cluster']}-runner"
    env = {each["name"]: each.get("value") for each in made["spec"]["containers"][0]["env"]}
    assert "DASKFLOW_STANDBY" not in env
    assert env["DASKFLOW_RUN"] == "etl"


def test_none_waits() -> None:
    empty = full(ready=0)
    cold = begun(empty).applied()
    assert cold.attempt["claim"]["reason"] == "PoolEmpty"
    assert kinds(cold.plan().creates) == ["DaskCluster"]
    made = cold.plan().creates[0]["spec"]
    assert made["image"] == "flows:1"
    assert made["workers"]["replicas"] == 1
    waits = begun(empty, pool={"name": "small", "otherwise": "Wait"}).applied()
    assert waits.status["phase"] == "Pending"
    assert waits.status["reason"] == "PoolEmpty"
    assert not waits.status.get("attempts")
    assert replace(waits, more=begun(full()).more).plan().patches


def test_without_its_pool_it_waits() -> None:
    alone = begun(None, image="flows:1").applied()
    assert (alone.status["phase"], alone.status["reason"]) == ("Pending", "PoolMissing")
    assert not alone.status.get("attempts")
    broken = full()
    broken = replace(
        broken, resource={**broken.resource, "spec": {"ready": "many", "template": {"spec": {}}}}
    )
    assert begun(broken).applied().status["reason"] == "PoolMissing"


def test_clusters_of_another_template_are_not_taken() -> None:
    changed = full().spec(template={"spec": {"image": "flows:2", "cluster": {"workers": {"replicas": 1}}}})
    cold = begun(changed).applied()
    assert cold.attempt["claim"]["reason"] == "PoolEmpty"
    assert cold.plan().creates[0]["spec"]["image"] == "flows:2"


def test_it_keeps_what_it_began_with() -> None:
    open_ = taken(begun(full())).applied()
    assert open_.status["defaults"]["sources"] == ["pool"]
    changed = pool_of({"template": {"spec": {"image": "flows:9"}}})
    later = replace(open_, more={**open_.more, "pool": changed})
    assert later.plan().tells[0].body == open_.plan().tells[0].body


def test_a_cluster_that_is_the_runs_and_has_ended_is_no_way_to_begin() -> None:
    mine = taken(begun(full()))
    over = {**mine.children[0], "status": {"phase": "Stopped"}}
    plan = replace(mine, children=(over,)).plan()
    assert plan.status is None
    assert plan.patches


def test_runs_that_begin_at_once_look_in_different_orders() -> None:
    pool = full(ready=8)
    first = set()
    for number in range(20):
        stage = begun(pool)
        uid = f"{UID[:-2]}{number:02}"
        resource = {**stage.resource, "metadata": {**stage.resource["metadata"], "uid": uid}}
        (patch,) = replace(stage, resource=resource).plan().patches
        first.add(patch.key.name)
    assert len(first) >= 5


def test_a_cluster_that_is_the_runs_is_not_begun_with_before_its_pool_is_known() -> None:
    mine = taken(begun(full()))
    plan = replace(mine, more={}).plan()
    assert plan.status is None
    assert not plan.tells
    assert [delete.uid for delete in plan.deletes] == [mine.children[0]["metadata"]["uid"]]


def test_a_cluster_that_does_not_fit_any_more_goes() -> None:
    mine = taken(begun(full()))
    changed = mine.spec(image="flows:2")
    plan = changed.plan()
    assert [delete.uid for delete in plan.deletes] == [mine.children[0]["metadata"]["uid"]]
    assert plan.status is None
    assert not plan.tells
    other = pool_of({"template": {"spec": {"image": "flows:9"}}})
    assert replace(mine, more={**mine.more, "pool": other}).plan().deletes


def test_a_pool_that_has_changed_since_keeps_no_attempt_waiting() -> None:
    retry = {"retries": {"limit": 1, "backoff": {"initial": "1s"}}}
    open_ = told(taken(begun(full(), pool={"name": "small", "otherwise": "Wait"}, **retry)), "Taken")
    name = f"{open_.attempt['cluster']}-runner"
    ended = pod(name, "runner", exit_code=1, message=failed())
    over = adopted(replace(open_, members=(*open_.members[:2], ended))).applied()
    changed = pool_of({"template": {"spec": {"image": "flows:9"}}})
    again = replace(over, children=(), members=(), more={"pool": changed, "units": ()}).later(seconds=5)
    assert (
        again.applied().attempt["claim"]["message"] == "ClusterPool small has changed since this run began."
    )


def test_a_fault_in_the_pools_template_is_no_fault_of_the_run() -> None:
    host = {"template": {"spec": {"hostNetwork": True}}}
    broken = pool_of({"template": {"spec": {"image": "a", "runner": host}}})
    waits = replace(begun(full()), more={"pool": broken, "units": ()}).applied()
    assert (waits.status["phase"], waits.status["reason"]) == ("Pending", "PoolMissing")


def test_one_that_still_starts_is_ahead_of_one_that_is_to_be_made() -> None:
    pool = full(ready=1)
    starting = {**pool.units[0], "status": {"phase": "Starting", "scheduler": {"pod": "s", "uid": "s"}}}
    first = replace(pool, units=(starting,))
    assert begun(first).applied().attempt["claim"]["reason"] == "PoolEmpty"
    known = replace(first, resource={**pool.resource, "status": {"claimed": 3}})
    mine = taken(begun(known)).applied()
    assert mine.attempt["claim"]["reason"] == "Claimed"
    assert mine.attempt["claim"]["message"].endswith("was starting already.")
    scheduler = pod(mine.members[1]["metadata"]["name"], "scheduler", uid="s")
    not_yet = replace(mine, members=(mine.members[0], scheduler, mine.members[2]))
    assert not not_yet.plan().tells
    (tell,) = mine.plan().tells
    assert tell.scheduler == "s"


def test_a_suspended_run_keeps_no_cluster_that_waited() -> None:
    mine = taken(begun(full())).spec(suspend=True)
    assert [delete.uid for delete in mine.plan().deletes] == [mine.children[0]["metadata"]["uid"]]


@pytest.mark.parametrize(
    "status",
    [
        {"phase": "Degraded", "reason": "NodeUnreachable"},
        {"phase": "Starting", "reason": "Unschedulable"},
        {"phase": "Stopping"},
        {"phase": "Suspended"},
    ],
)
def test_one_that_is_known_to_be_broken_is_not_ahead(status: dict[str, Any]) -> None:
    pool = full(ready=1)
    unit = {**pool.units[0], "status": {**status, "scheduler": {"pod": "s", "uid": "s"}}}
    known = replace(pool, units=(unit,), resource={**pool.resource, "status": {"claimed": 3}})
    assert begun(known).applied().attempt["claim"]["reason"] == "PoolEmpty"


@pytest.mark.parametrize("prewarm", [False, True])
def test_a_run_of_a_tick_says_that_no_cluster_had_been_started_ahead(prewarm: bool) -> None:
    found = Stage().resource
    annotations = {
        ANNOTATION_SCHEDULED_TIME: "2026-03-01T12:00:00Z",
        **({ANNOTATION_PREWARM: "true"} if prewarm else {}),
    }
    stage = Stage({**found, "metadata": {**found["metadata"], "annotations": annotations}}).applied()
    instant = [each for each in stage.status["conditions"] if each["type"] == "Instant"]
    said = [(each["status"], each["reason"]) for each in instant]
    assert said == ([("False", "PoolEmpty")] if prewarm else [])
    (made,) = stage.plan().creates
    assert made["kind"] == "DaskCluster"
