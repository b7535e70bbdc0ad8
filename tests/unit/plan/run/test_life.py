"""The ordinary life: open, make, run, succeed."""

from daskflow.api.conditions import timestamp

from tests.unit.plan.stage import NOW, Stage, kinds, opened


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
