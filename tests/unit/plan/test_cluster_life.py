"""Suspension, idleness, certificates, the dashboard, and what is said of workers that die."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.unit.plan.cluster_stage import BASE, OLD, Stage, running
from tests.unit.plan.stage import NOW, pod


def ended_scheduler(stage: Stage, **state: Any) -> Stage:
    """Its pod has stopped."""
    made = pod(f"{BASE}-scheduler", "scheduler", **{"exit_code": 0, **state})
    return replace(stage, pods={**stage.pods, "scheduler": made})


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
        assert not replace(self.asked, owned=True).plan().patches


def test_what_a_suspended_clusters_tasks_demanded_is_forgotten() -> None:
    auto = running(0, workers={"autoscale": {"maximum": 5}}).hears(demand={"default": 4}).applied()
    assert auto.status["workers"]["desired"] == 4
    suspended = replace(auto.change(suspend=True), pods={}).applied()
    resumed = replace(suspended.change(suspend=False), told=None).applied()
    assert resumed.made == ["scheduler"]


def test_an_idle_cluster_has_stopped_and_says_why() -> None:
    idle = ended_scheduler(running(1, idleTimeout="20m"), message={"reason": "IdleTimeout"})
    assert idle.plan().requeue_at == NOW + timedelta(seconds=5)
    over = idle.later(seconds=5).applied()
    assert (over.status["phase"], over.status["reason"]) == ("Stopped", "IdleTimeout")
    assert "spec.idleTimeout (20m)" in over.status["message"]
    assert [patch.key.name for patch in over.plan().patches] == [f"{BASE}-worker-0"]


@pytest.mark.parametrize(
    ("days", "spec", "warned"),
    [
        (334, {}, False),
        (335, {}, True),
        (335, {"security": {"tls": {"mode": "Disabled"}}}, False),
        (335, {"security": {"tls": {"mode": "Secret", "secretName": "mine"}}}, True),
    ],
)
def test_certificates_that_end_soon_are_told_of_once(days: int, spec: dict[str, Any], warned: bool) -> None:
    stage = running(1, **spec).later(days=days)
    events = [event.reason for event in stage.plan().events]
    assert events == (["CertificateExpiring"] if warned else [])
    conditions = {each["type"]: each for each in stage.applied().status["conditions"]}
    assert ("CertificateExpiring" in conditions) is warned
    if warned:
        assert "2027-03-01" in conditions["CertificateExpiring"]["message"]
    assert not stage.applied().plan().acts


def test_it_wakes_up_for_that() -> None:
    assert running(1).plan().requeue_at == NOW + timedelta(days=335)


def test_the_dashboard_is_one_command_away() -> None:
    command = f"kubectl port-forward --namespace data pod/{BASE}-scheduler 8787"
    assert running(1, dashboard=True).status["dashboard"] == command
    assert "dashboard" not in running(1).status


@pytest.mark.parametrize(
    ("death", "reason", "says"),
    [
        ({"exit_code": 137, "why": "OOMKilled"}, "OutOfMemory", "spec.workers.resources.limits.memory"),
        ({"exit_code": 1, "message": "No module named 'numpy'"}, "WorkerLost", "numpy"),
        ({"exit_code": 0, "message": {"reason": "Removed"}}, "WorkerLost", "spec.workers.nanny: true"),
        (
            {"exit_code": 137, "status": {"reason": "Evicted", "phase": "Failed", "message": "low"}},
            "Evicted",
            "low",
        ),
    ],
)
def test_why_a_worker_died_is_said_until_another_has_lived(
    death: dict[str, Any], reason: str, says: str
) -> None:
    dead = running(2).worker(1, started=False, **{"at": NOW, **death})
    made_again = dead.worker(2, at=NOW).later(seconds=3)
    said = made_again.applied().group()
    assert said["reason"] == reason
    assert says in said["message"]
    proven = made_again.applied().later(seconds=58)
    assert proven.applied().group() == {}


@pytest.mark.parametrize(("word", "wait"), [("Removed", 2), ("SchedulerGone", 10)])
def test_a_worker_is_made_again_at_once_if_its_scheduler_lives(word: str, wait: int) -> None:
    left = running(2).worker(1, started=False, exit_code=0, message={"reason": word}, at=NOW)
    assert left.later(seconds=wait - 1).made == []
    assert len(left.later(seconds=wait).made) == 1


def test_however_often_a_client_restarts_the_workers_they_are_not_failing() -> None:
    stage = running(2)
    for ordinal in range(2, 8):
        stage = stage.worker(ordinal, started=False, exit_code=0, message={"reason": "Removed"}, at=NOW)
    assert replace(stage, pods={**stage.pods}).later(seconds=2).applied().group()["reason"] == "WorkerLost"


def test_a_large_group_that_keeps_dying_is_made_again_later_and_later() -> None:
    stage = running(0, workers={"replicas": 300})
    for generation, wait in ((1, 2), (2, 4), (3, 8), (4, 16), (9, 60)):
        last = 300 * generation - 1
        stage = replace(stage, pods={"scheduler": stage.pods["scheduler"]})
        for ordinal in range(last - 9, last + 1):
            stage = stage.worker(ordinal, started=False, exit_code=1, at=NOW)
        assert stage.later(seconds=wait - 1).made == []
        assert len(stage.later(seconds=wait).made) == 300
    assert stage.applied().status["reason"] == "WorkersFailing"


def test_pods_that_cannot_start_are_explained() -> None:
    stage = Stage({"workers": {"replicas": 1}}, pods=running(0).pods)
    waiting = {"reason": "ImagePullBackOff", "message": "not found"}
    status = stage.worker(0, started=False, phase="Pending", waiting=waiting, at=OLD).applied().status
    assert (status["phase"], status["reason"]) == ("Starting", "ImagePullFailed")
    assert "flows:1" in status["message"]
