"""The runner that waited becomes the run's."""

from dataclasses import replace

from daskflow.api.names import LABEL_ATTEMPT, LABEL_RUN
from daskflow.plan.model import Refusal
from daskflow.plan.units import SETTLE

from tests.unit.plan.pool.stage import full
from tests.unit.plan.run.test_claim import adopted, begun, taken, told
from tests.unit.plan.stage import UID, pod, succeeded


def test_the_runner_becomes_the_runs_in_its_time() -> None:
    open_ = told(taken(begun(full())), "Taken")
    assert not open_.plan().patches, "a claim needs none"
    assert open_.plan().requeue_at == open_.now + SETTLE
    open_ = open_.later(seconds=SETTLE.total_seconds())
    patches = {patch.key.name: patch for patch in open_.plan().patches}
    name = f"{open_.attempt['cluster']}-runner"
    meta = patches[name].body["metadata"]
    assert [owner["uid"] for owner in meta["ownerReferences"]] == [UID]
    assert meta["labels"][LABEL_ATTEMPT] == "1"
    assert meta["annotations"]["cluster-autoscaler.kubernetes.io/safe-to-evict"] == "false"


def test_once() -> None:
    open_ = told(taken(begun(full())), "Taken")
    name = f"{open_.attempt['cluster']}-runner"
    (pod,) = (each for each in open_.members if each["metadata"]["name"] == name)
    rest = tuple(each for each in open_.members if each is not pod)
    mine = replace(open_, members=rest, children=(*open_.children, pod))
    mine = mine.later(seconds=SETTLE.total_seconds())
    assert name not in {patch.key.name for patch in mine.plan().patches if patch.event is None}


def test_no_attempt_ends_before_its_runner_is_the_runs() -> None:
    open_ = told(taken(begun(full())), "Taken")
    name = f"{open_.attempt['cluster']}-runner"
    over = replace(
        open_, members=(*open_.members[:2], pod(name, "runner", exit_code=0, message=succeeded(7)))
    )
    plan = over.plan()
    assert plan.status is None
    assert not plan.deletes
    (patch,) = plan.patches
    labels = patch.body["metadata"]["labels"]
    assert labels == {**labels, LABEL_RUN: "etl", LABEL_ATTEMPT: "1"}
    assert adopted(over).applied().status["phase"] == "Succeeded"


def test_it_is_the_runs_at_once_where_its_flow_makes_clusters() -> None:
    open_ = told(taken(begun(full())), "Taken")
    made = {"kind": "DaskCluster", "metadata": {"name": "made", "uid": "m", "ownerReferences": []}}
    assert replace(open_, more={**open_.more, "made": (made,)}).plan().patches


def test_the_twelfth_claim_of_a_run_is_one_like_the_first() -> None:
    """The record has the last ten attempts only."""
    open_ = told(taken(begun(full())), "Taken")
    attempts = [{**open_.attempt, "number": 12}]
    late = replace(
        open_, resource={**open_.resource, "status": {**open_.status, "attempt": 12, "attempts": attempts}}
    )
    assert late.later(seconds=60).plan().patches


def test_what_the_api_server_refuses_keeps_no_attempt_open() -> None:
    open_ = told(taken(begun(full())), "Taken")
    runner = pod(f"{open_.attempt['cluster']}-runner", "runner", exit_code=0, message=succeeded(7))
    over = replace(open_, members=(*open_.members[:2], runner))
    refusals = tuple(Refusal(each.key, 403, "no", verb="patch") for each in over.plan().patches)
    refused = replace(over, more={**over.more, "refused_writes": refusals})
    assert refused.applied().status["phase"] == "Succeeded"


def test_the_pod_has_the_runs_deadline_then() -> None:
    open_ = told(taken(begun(full(), deadlines={"active": "1h"})), "Taken")
    patches = [patch.body for patch in open_.plan().patches if "spec" in patch.body]
    assert [body["spec"]["activeDeadlineSeconds"] for body in patches] == [3602]
