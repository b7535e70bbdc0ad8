"""The runner that waited becomes the run's."""

from dataclasses import replace

from daskflow.api.names import LABEL_ATTEMPT

from tests.unit.plan.pool.stage import full
from tests.unit.plan.run.test_claim import begun, taken, told
from tests.unit.plan.stage import UID


def test_the_runner_becomes_the_runs() -> None:
    open_ = told(taken(begun(full())), "Taken")
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
    assert name not in {patch.key.name for patch in mine.plan().patches if patch.event is None}


def test_the_pod_has_the_runs_deadline_then() -> None:
    open_ = told(taken(begun(full(), deadlines={"active": "1h"})), "Taken")
    patches = [patch.body for patch in open_.plan().patches if "spec" in patch.body]
    assert [body["spec"]["activeDeadlineSeconds"] for body in patches] == [3602]
