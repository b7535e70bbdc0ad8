"""The ordinary life: open, make, run, succeed, clean up."""

from datetime import timedelta

from daskflow.api.conditions import timestamp

from tests.unit.plan.stage import NOW, Stage, kinds, opened, succeeded


def test_first_plan_only_opens_the_attempt() -> None:
    plan = Stage().plan()
    assert plan.status is not None
    assert plan.status["phase"] == "Starting"
    assert plan.status["attempts"][0]["number"] == 1
    assert not plan.creates


def test_open_attempt_gets_its_cluster() -> None:
    assert kinds(Stage().applied().plan().creates) == ["DaskCluster"]


def test_runner_waits_until_it_is_written_that_the_scheduler_exists() -> None:
    stage = Stage().applied()
    assert not stage.with_cluster(journaled=False).plan().creates
    (runner,) = stage.with_cluster().with_scheduler().plan().creates
    environment = {
        variable["name"]: variable.get("value") for variable in runner["spec"]["containers"][0]["env"]
    }
    assert environment["DASK_SCHEDULER_ADDRESS"] == "tls://10.1.2.3:8786"


def test_running_from_the_flows_first_line_on() -> None:
    stage = opened().with_scheduler(started=True).with_worker(started=True).with_runner()
    assert stage.plan().status is None
    soon = opened().with_scheduler(started=True).with_worker(started=True).with_runner(started=True)
    assert soon.plan().status is None, "the other worker's probe is a moment behind"
    begun = soon.later(seconds=2)
    status = begun.plan().status
    assert status is not None
    assert (status["phase"], status["flowStartTime"]) == ("Running", timestamp(NOW))
    assert status["cluster"]["workers"] == "1/2"
    assert [event.reason for event in begun.plan().events] == ["Running"]


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
