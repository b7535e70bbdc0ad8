"""What stays when a run has ended, and for how long."""

from datetime import timedelta

from tests.unit.plan.stage import NOW, opened, succeeded


def test_success_is_written_before_anything_is_deleted() -> None:
    stage = opened().with_scheduler().with_runner(exit_code=0, message=succeeded({"rows": 12}))
    plan = stage.plan()
    assert plan.status is not None
    assert (plan.status["phase"], plan.status["result"]) == ("Succeeded", {"rows": 12})
    assert not plan.deletes
    after = stage.applied().plan()
    assert [delete.key.kind for delete in after.deletes] == ["DaskCluster"]


def test_the_runners_pod_stays_for_its_logs() -> None:
    stage = opened().with_runner(exit_code=0, message=succeeded()).applied()
    assert all(delete.key.kind != "Pod" for delete in stage.plan().deletes)
    assert stage.plan().requeue_at == NOW + timedelta(days=1)
    assert "Pod" in {delete.key.kind for delete in stage.later(days=1).plan().deletes}


def test_what_still_computes_after_a_failure_is_ended_but_kept() -> None:
    report = {"outcome": "Failed", "reason": "FlowFailed", "begun": "2026-03-01T12:00:05Z"}
    stage = opened().with_scheduler().with_runner(exit_code=1, message=report).applied()
    assert stage.status["phase"] == "Failed"
    assert not stage.plan().acts
    late = stage.later(seconds=6).plan()
    assert [patch.body["spec"] for patch in late.patches] == [{"activeDeadlineSeconds": 1}]
    assert not late.deletes


def test_a_terminal_status_never_changes_but_for_the_generation() -> None:
    stage = opened().with_runner(exit_code=0, message=succeeded()).applied()
    again = stage.spec(cancel=True).applied().status
    for condition in again["conditions"]:
        assert condition.pop("observedGeneration") == 2
    before = {**stage.status, "observedGeneration": 2}
    for condition in before["conditions"]:
        del condition["observedGeneration"]
    assert again == before
