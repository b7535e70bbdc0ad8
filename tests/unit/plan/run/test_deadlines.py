"""The run's deadline is its runner's pod's, too."""

from tests.unit.plan.stage import running


def test_a_lowered_deadline_lowers_the_runners_own() -> None:
    stage = running(deadlines={"active": "2h"})
    (patch,) = stage.plan().patches
    assert patch.body == {"spec": {"activeDeadlineSeconds": 7202}}
    stage.children[-1]["spec"] = dict(patch.body["spec"])
    assert not stage.plan().patches
    (lowered,) = stage.spec(deadlines={"active": "1h"}).plan().patches
    assert lowered.body == {"spec": {"activeDeadlineSeconds": 3602}}


def test_a_deadline_that_nothing_reaches_is_one_that_a_pod_may_have() -> None:
    (patch,) = running(deadlines={"active": "3650d"}).plan().patches
    assert patch.body["spec"]["activeDeadlineSeconds"] == 3650 * 24 * 60 * 60 + 2
    assert patch.body["spec"]["activeDeadlineSeconds"] < 2**31
