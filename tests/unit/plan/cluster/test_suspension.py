"""Suspension: nothing of the cluster runs, and on resume it gets a fresh scheduler."""

from dataclasses import replace
from datetime import timedelta

from tests.unit.plan.cluster.stage import BASE, ended_scheduler, running
from tests.unit.plan.stage import NOW


class TestSuspension:
    """The scheduler first, its workers follow; a fresh one only when all of it is gone."""

    asked = running(2).change(suspend=True)
    stopping = asked.applied()

    def test_the_scheduler_is_ended_first(self) -> None:
        plan = self.stopping.plan()
        assert [patch.key.name for patch in plan.patches] == [f"{BASE}-scheduler"]
        assert not plan.deletes
        assert self.stopping.status["phase"] == "Stopping"
        assert plan.scale is None

    def test_workers_that_stay_behind_are_ended(self) -> None:
        over = ended_scheduler(self.stopping).worker(0, exit_code=0)
        assert over.deleted == []
        assert over.plan().requeue_at == NOW + timedelta(seconds=5)
        assert over.later(seconds=5).deleted == ["worker-0", "worker-1"]

    def test_its_stopped_pod_goes_last(self) -> None:
        assert ended_scheduler(self.stopping).without(*self.workers).deleted == ["scheduler"]

    workers = (f"{BASE}-worker-0", f"{BASE}-worker-1")
    suspended = replace(stopping, pods={}).applied()

    def test_nothing_is_made_while_it_lasts(self) -> None:
        status = self.suspended.status
        assert (status["phase"], status["reason"]) == ("Suspended", "Suspended")
        assert "scheduler" not in status
        assert status["workers"]["desired"] == 0
        assert not self.suspended.plan().acts

    def test_on_resume_a_fresh_scheduler_is_made(self) -> None:
        resumed = self.suspended.change(suspend=False).applied()
        assert resumed.status["phase"] == "Pending"
        assert resumed.made == ["scheduler", "worker-0", "worker-1"]

    def test_resumed_too_early_it_waits_until_all_is_gone(self) -> None:
        early = self.stopping.change(suspend=False)
        assert not early.plan().creates
        assert early.applied().status["phase"] == "Stopping"
        assert replace(early, pods={}).applied().made == ["scheduler", "worker-0", "worker-1"]

    def test_a_runs_cluster_is_not_suspended(self) -> None:
        assert not replace(self.asked, leased=True).plan().patches


def test_what_a_suspended_clusters_tasks_demanded_is_forgotten() -> None:
    auto = running(0, workers={"autoscale": {"maximum": 5}}).hears(demand={"default": 4}).applied()
    assert auto.status["workers"]["desired"] == 4
    suspended = replace(auto.change(suspend=True), pods={}).applied()
    resumed = replace(suspended.change(suspend=False), scaling=None).applied()
    assert resumed.made == ["scheduler"]
