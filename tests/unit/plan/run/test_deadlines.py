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
