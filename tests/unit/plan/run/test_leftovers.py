"""What closed attempts left behind goes; clusters that a flow made for itself go with its attempt."""

from dataclasses import replace
from typing import Any

from daskflow.api.names import API_VERSION, DASK_CLUSTER, FLOW_RUN, LABEL_ATTEMPT
from daskflow.controller.known.observe import observe
from daskflow.controller.known.store import Store
from daskflow.plan.model import Delete, Key

from tests.unit.plan.pool.stage import full
from tests.unit.plan.pool.stage import pool as pool_of
from tests.unit.plan.run.test_claim import begun, taken
from tests.unit.plan.stage import UID, Stage, failed, opened, run, succeeded

RETRY = {"retries": {"limit": 1}}


def made(attempt: int = 1, **metadata: Any) -> dict[str, Any]:
    """A DaskCluster as `daskflow.runtime.Cluster` makes it."""
    owner = {"apiVersion": API_VERSION, "kind": FLOW_RUN, "name": "etl", "uid": UID}
    labels = {"daskflow.dev/run": "etl", "daskflow.dev/attempt": str(attempt)}
    return {
        "kind": DASK_CLUSTER,
        "metadata": {
            "name": f"made-{attempt}",
            "namespace": "data",
            "uid": f"made-{attempt}",
            "resourceVersion": "7",
            "labels": labels,
            "ownerReferences": [owner],
            **metadata,
        },
        "spec": {},
    }


def holding(stage: Stage, *clusters: dict[str, Any]) -> Stage:
    return replace(stage, more={"made": clusters})


def deleted(stage: Stage) -> list[Delete]:
    return [each for each in stage.plan().deletes if each.key.name.startswith("made-")]


def _running(spec: dict[str, Any] | None = None) -> Stage:
    return opened(spec).with_scheduler(started=True).with_worker(started=True).with_worker(1, started=True)


def test_it_stays_while_the_attempt_is_open() -> None:
    assert deleted(holding(_running().with_runner(started=True), made())) == []


def test_it_goes_as_soon_as_the_run_has_ended_however_long_pods_stay() -> None:
    for report, code in ((succeeded(), 0), (failed(), 1)):
        ended = _running().with_runner(exit_code=code, message=report).applied()
        (delete,) = deleted(holding(ended, made()))
        assert delete == Delete(Key(DASK_CLUSTER, "data", "made-1"), "made-1")
        assert deleted(holding(ended, made(deletionTimestamp="2026-03-01T12:00:00Z"))) == []


def test_the_next_attempt_waits_until_it_is_gone() -> None:
    ended = _running(RETRY).with_runner(exit_code=1, message=failed()).applied()
    alone = replace(ended, children=(), members=()).later(minutes=5)
    assert alone.plan().status is not None
    assert alone.applied().status["attempt"] == 2
    waiting = holding(alone, made())
    assert [each.uid for each in deleted(waiting)] == ["made-1"]
    assert waiting.applied().status["attempt"] == 1
    assert "DaskCluster made-1 is gone" in waiting.applied().status["message"]


def test_one_of_an_attempt_that_is_not_known_yet_is_left_alone() -> None:
    ended = _running(RETRY).with_runner(exit_code=1, message=failed()).applied()
    assert deleted(holding(replace(ended, children=(), members=()).later(minutes=5), made(2))) == []


def test_a_suspended_run_keeps_none() -> None:
    assert [each.uid for each in deleted(holding(Stage(run({"suspend": True})).applied(), made(0)))] == [
        "made-0"
    ]


def test_the_store_finds_it_by_label_and_owner() -> None:
    told: list[Key] = []
    store = Store(told.append)
    resource = run()
    store.put(resource)
    store.put(made())
    assert told[-1] == Key(FLOW_RUN, "data", "etl")
    assert [each["metadata"]["uid"] for each in observe(store, resource, 0.0).made] == ["made-1"]
    assert observe(store, resource, 0.0).children == ()
    store.put(made(2, ownerReferences=[], name="stranger", uid="stranger"))
    earlier = {"apiVersion": API_VERSION, "kind": FLOW_RUN, "name": "etl", "uid": "earlier"}
    store.put(made(3, ownerReferences=[earlier], name="earlier", uid="earlier"))
    assert len(observe(store, resource, 0.0).made) == 1
    store.remove(Key(DASK_CLUSTER, "data", "made-1"), "made-1")
    assert observe(store, resource, 0.0).made == ()


def test_a_run_that_brings_certificates_has_them_for_the_clusters_that_its_flow_makes() -> None:
    tls = {"tls": {"mode": "Secret", "secretName": "mine"}}
    alone = Stage(run({"cluster": {"workers": {"replicas": 0}}, "security": tls})).applied()
    (pod,) = alone.plan().creates
    (mounted,) = (volume for volume in pod["spec"]["volumes"] if volume["name"] == "daskflow")
    assert [each["secret"]["name"] for each in mounted["projected"]["sources"]][1:] == ["mine"]
    told = {each["name"]: each.get("value") for each in pod["spec"]["containers"][0]["env"]}
    assert told["DASKFLOW_CERTIFICATES"] == "mine"


def test_objects_of_an_attempt_that_we_have_not_heard_of_are_not_leftovers() -> None:
    ended = opened().with_runner(exit_code=1, message=failed("SchedulerUnreachable", begun=False)).applied()
    newer = ended.with_cluster(attempt=2).later(seconds=30)
    assert newer.children[-1]["metadata"]["labels"][LABEL_ATTEMPT] == "2"
    deletes = {delete.key.name for delete in newer.plan().deletes}
    assert newer.children[0]["metadata"]["name"] in deletes
    assert newer.children[-1]["metadata"]["name"] not in deletes


def test_what_is_of_a_closed_attempt_goes_while_the_next_one_runs() -> None:
    """Its create was answered long after it had been given up."""
    first = opened()
    late, closed = (
        first.children[0],
        {"endTime": "2026-03-01T12:00:01Z", "outcome": "Failed", "budget": "start"},
    )
    retrying = {**first.record(**closed).status, "phase": "Retrying", "failures": {"start": 1}}
    stage = Stage(run(status=retrying)).later(hours=1).applied().with_cluster(attempt=2)
    assert stage.attempt["number"] == 2
    assert not stage.plan().deletes
    both = replace(stage, children=(*stage.children, late))
    assert [delete.uid for delete in both.plan().deletes] == ["cluster-1"]


def test_a_cluster_that_was_taken_goes_only_if_the_run_is_as_it_was_seen() -> None:
    """To an operator that has not heard of its attempt one that computes looks as if it waited."""
    mine = taken(begun(full()))
    suspended = replace(mine, resource={**mine.resource, "spec": {**mine.resource["spec"], "suspend": True}})
    (delete,) = suspended.plan().deletes
    assert delete.unless_changed
    other = replace(mine, more={**mine.more, "pool": pool_of({"template": {"spec": {"image": "flows:2"}}})})
    (delete,) = other.plan().deletes
    assert delete.unless_changed
