"""A claim that is not taken: the run goes on with a cluster that is started, and nothing of it runs twice."""

from dataclasses import replace

from daskflow.plan.pod.termination import asks
from daskflow.plan.question import Told

from tests.unit.plan.pool.stage import full
from tests.unit.plan.run.test_claim import adopted, begun, taken, told
from tests.unit.plan.stage import NOW, failed, pod


def test_nobody_hears_of_a_claim_for_long_so_that_the_next_attempt_is_started() -> None:
    spec = {"retries": {"startLimit": 0}}
    silent = told(taken(begun(full(), **spec)), "Unheard").later(seconds=11)
    (patch,) = filter(asks, silent.plan().patches)
    assert patch.key.name.endswith("-runner")
    asked = silent.applied()
    assert "8788" in asked.status["message"]
    # What was answered is forgotten with the operator.
    name = patch.key.name
    parked = pod(name, "runner", exit_code=143, message=failed("Terminated", begun=False))
    over = replace(asked, members=(*asked.members[:2], parked), more={**asked.more, "told": ()})
    ended = adopted(over).applied()
    assert ended.status["phase"] == "Retrying", ended.status
    assert ended.attempt["reason"] == "ClaimRefused"
    assert ended.attempt.get("budget") is None
    assert ended.status["failures"]["start"] == 0
    again = replace(ended, children=(), members=()).applied()
    assert again.attempt["claim"]["reason"] == "ClaimRefused"


def test_a_flow_that_had_begun_unheard_is_an_interrupted_one() -> None:
    silent = told(taken(begun(full())), "Unheard").later(seconds=11).applied()
    name = f"{silent.attempt['cluster']}-runner"
    for words in ({"message": failed("Terminated")}, {}):
        ended = pod(name, "runner", exit_code=143, **words)
        over = adopted(replace(silent, members=(silent.members[0], ended))).applied()
        assert over.status["phase"] == "Failed", over.status
        assert over.attempt["reason"] == "ClaimRefused"
        assert over.attempt["budget"] == "infrastructure"


def test_nobody_knows_whether_the_flow_had_begun() -> None:
    """Neither its runner nor its scheduler is there to say so, after it was asked to end."""
    silent = told(taken(begun(full())), "Unheard").later(seconds=11).applied()
    gone = replace(silent, members=silent.members[:1]).applied()
    assert gone.status["phase"] == "Failed", gone.status
    assert gone.attempt["budget"] == "infrastructure"


def test_a_flow_that_begins_before_its_runner_is_asked_to_end_goes_on() -> None:
    silent = told(taken(begun(full())), "Unheard").later(seconds=11).applied()
    runner = pod(f"{silent.attempt['cluster']}-runner", "runner", started=True)
    begins = replace(silent, members=(*silent.members[:2], runner), more={**silent.more, "told": ()})
    assert not any(map(asks, begins.plan().patches))
    running = begins.applied()
    assert running.status["phase"] == "Running"
    assert not any(map(asks, running.plan().patches))


def test_what_lacks_its_code_may_have_been_heard_before() -> None:
    stage = taken(begun(full()))
    (tell,) = stage.plan().tells
    lacking = Told(tell, "Lacking", NOW, why="ConfigMap code-0 cannot be read: no")
    asked = replace(stage.applied(), more={**stage.more, "told": (lacking,)})
    assert any(map(asks, asked.plan().patches))
    assert "(ConfigMap code-0 cannot be read: no)" in asked.applied().status["message"]


def test_refused_it_is_started_for_itself_at_once() -> None:
    refused = adopted(told(taken(begun(full())), "Refused")).applied()
    assert refused.status["phase"] == "Retrying"
    assert refused.attempt["reason"] == "ClaimRefused"
    assert refused.status["failures"]["start"] == 0
    gone = replace(refused, children=(), members=())
    plan = gone.plan()
    assert plan.status is not None
    assert not plan.patches
    assert plan.status["attempts"][1]["claim"]["reason"] == "ClaimRefused"


def test_refused_it_starts_though_it_was_to_wait() -> None:
    waits = begun(full(), pool={"name": "small", "otherwise": "Wait"})
    refused = adopted(told(taken(waits), "Refused")).applied()
    assert "Next attempt in 0s" in refused.status["message"]
    gone = replace(refused, children=(), members=())
    assert gone.applied().attempt["claim"]["reason"] == "ClaimRefused"
