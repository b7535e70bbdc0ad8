"""As many workers as wanted: made at once, replaced when they die, and retired by their scheduler's word."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.unit.plan.dask_kubernetes.stage import Stage, a_group, ended
from tests.unit.plan.stage import NOW


def going(stage: Stage) -> list[str]:
    return sorted(delete.key.name for delete in stage.plan().deletes)


def full(replicas: int = 3) -> Stage:
    return a_group(replicas).settled().run().settled()


def newest(stage: Stage) -> str:
    pods = [
        (each["metadata"]["annotations"]["daskflow.dev/ordinal"], name) for (_, name), each in _pods(stage)
    ]
    return max(pods)[1]


def _pods(stage: Stage) -> Any:
    return [item for item in stage.children.items() if item[0][0] == "Pod"]


def test_all_are_made_at_once_and_the_group_goes_with_its_cluster() -> None:
    stage = a_group(3)
    adopted = stage.plan()
    assert not adopted.creates
    assert adopted.patches[0].body["metadata"]["ownerReferences"][0]["kind"] == "DaskCluster"
    assert len(stage.settled().pods) == 3
    ready = full(3)
    assert (ready.status["replicas"], ready.status["ready"]) == (3, 3)
    assert ready.status["selector"] == "dask.org/workergroup-name=lab-x"
    assert not ready.later(hours=1).plan().acts


def test_without_its_cluster_nothing_is_made_and_the_user_hears_of_it() -> None:
    stage = a_group(3).with_(reference=None).settled()
    assert stage.pods == []
    assert stage.status["reason"] == "ClusterMissing"


def test_of_a_cluster_that_cannot_be_served_no_workers_are_made() -> None:
    stage = full(2)
    said = {"phase": "Error", "message": "metadata.name is Lab."}
    broken = stage.with_(reference={**stage.more["reference"], "status": said}).change(worker={"replicas": 5})
    assert len(broken.settled().pods) == 2
    assert "cannot be served as it is (metadata.name is Lab)" in broken.settled().status["message"]
    mended = broken.settled().with_(reference=stage.more["reference"])
    assert len(mended.settled().pods) == 5


@pytest.mark.parametrize("edited", [10**30, 10**9, -5, 0])
def test_an_ordinal_that_somebody_has_edited_makes_names_that_are_free(edited: int) -> None:
    stage = full(3)
    status = {**stage.status, "ordinal": edited}
    more = replace(stage, resource={**stage.resource, "status": status}).change(worker={"replicas": 5})
    settled = more.settled()
    assert len(settled.pods) == 5
    ordinals = [int(each["metadata"]["annotations"]["daskflow.dev/ordinal"]) for _, each in _pods(settled)]
    assert len(set(ordinals)) == 5
    assert max(ordinals) < 10


def test_one_that_goes_with_its_cluster_tells_nobody_that_it_is_missing() -> None:
    stage = a_group(3).settled().run().settled()
    gone = stage.with_(reference=None).settled()
    assert gone.events == stage.events
    assert gone.pods == stage.pods


def test_those_that_do_not_run_yet_go_at_once() -> None:
    stage = a_group(3).settled().change(worker={"replicas": 1})
    assert len(stage.settled().pods) == 1
    assert stage.settled().status["ordinal"] == 2, "no name is used twice"
    again = stage.settled().change(worker={"replicas": 2}).settled()
    assert len({*again.pods, *stage.pods}) == 4


def test_of_those_that_run_the_scheduler_says_who_goes() -> None:
    stage = full(3).change(worker={"replicas": 1}).settled()
    assert len(stage.pods) == 3
    question = stage.plan().question
    assert question is not None
    assert (set(question.workers), question.surplus) == (set(stage.pods), 2)
    first, second, third = stage.pods
    one = stage.answered(retired=frozenset({second}))
    assert going(one) == [second]
    rest = one.settled()
    assert rest.pods == sorted([first, third])
    asked = rest.plan().question
    assert asked is not None
    assert asked.surplus == 1
    done = rest.answered(retired=frozenset({first})).settled()
    assert done.pods == [third]
    assert done.plan().question is None


def test_one_that_retired_in_vain_is_replaced() -> None:
    stage = full(2).change(worker={"replicas": 1}).settled()
    retired = stage.pods[0]
    back = stage.change(worker={"replicas": 2}).answered(retired=frozenset({retired})).settled()
    assert len(back.pods) == 2
    assert retired not in back.pods


@pytest.mark.parametrize("silent", [{"lost": True}, None])
def test_with_nobody_to_ask_the_newest_go_after_a_while(silent: dict[str, Any] | None) -> None:
    stage = full(3).change(worker={"replicas": 2}).settled()
    stage = stage.with_(grandchildren={}) if silent is None else stage.answered(**silent)
    assert not going(stage.later(seconds=30))
    assert going(stage.later(seconds=41)) == [newest(stage)]


def test_one_that_kubernetes_took_away_is_replaced_and_told() -> None:
    stage = full(2)
    dead = ended(dict(stage.children["Pod", newest(stage)]), NOW, 137)
    evicted = {
        **dead,
        "status": {**dead["status"], "reason": "Evicted", "message": "The node was low on memory."},
    }
    told = stage.put(evicted).settled()
    assert told.status["reason"] == "Evicted"
    assert len(told.pods) == 2
    assert len(told.later(seconds=3).settled().pods) == 3, "the dead one is kept for its log"


def test_one_that_somebody_deleted_is_missing_at_once() -> None:
    stage = full(2)
    gone = _pods(stage)[0][0]
    again = stage.without(*gone).settled()
    assert len(again.pods) == 2


def test_a_container_that_keeps_ending_is_told_by_its_last_words() -> None:
    stage = full(1)
    pod: Any = _pods(stage)[0][1]
    crashing = {
        "name": "worker",
        "state": {"waiting": {"reason": "CrashLoopBackOff"}},
        "lastState": {"terminated": {"exitCode": 1, "message": "Traceback\nNo such command 'wroker'"}},
    }
    down = {**pod["status"], "containerStatuses": [crashing], "conditions": []}
    told = stage.put({**pod, "status": down}).settled()
    assert told.status["reason"] == "WorkersFailing"
    assert "exit code 1: No such command 'wroker'" in told.status["message"]


def test_numbers_are_written_when_they_stand_still() -> None:
    stage = a_group(3).settled().run(since=NOW)
    assert not stage.plan().acts
    assert stage.plan().requeue_at == NOW + timedelta(seconds=2)
    assert stage.later(seconds=2).settled().status["ready"] == 3


@pytest.mark.parametrize("said", ["x", "", "2999-01-01T00:00:00Z"])
def test_a_time_that_somebody_has_written_into_the_status_stops_nothing(said: str) -> None:
    stage = full(3).change(worker={"replicas": 1}).answered(lost=True)
    edited = replace(stage, resource={**stage.resource, "status": {**stage.status, "surplusSince": said}})
    assert len(edited.settled().later(seconds=41).settled().pods) == 1


def test_a_number_that_would_fill_the_operators_memory_makes_nothing_and_ends_nothing() -> None:
    stage = full(3).change(worker={"replicas": 10**9}).settled()
    assert len(stage.pods) == 3
    assert stage.status["reason"] == "SpecInvalid"
    assert "spec.worker.replicas" in stage.status["message"]
    assert "2000" in stage.status["message"]
