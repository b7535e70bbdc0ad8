"""Why a pod has no node: what the scheduler said, what helps, and what nobody said."""

from datetime import timedelta
from typing import Any

import pytest

from tests.unit.plan.cluster.stage import BASE, running
from tests.unit.plan.stage import NOW, Stage, opened

ROOM = "Ask for less or add nodes."


def unscheduled(said: str) -> Stage:
    """A run whose runner its scheduler could not place."""
    condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": said}
    stage = opened().with_scheduler(started=True)
    return stage.with_runner(phase="Pending", conditions=(condition,))


@pytest.mark.parametrize(
    ("said", "helps"),
    [
        ("0/3 nodes are available: 3 Insufficient cpu.", ROOM),
        ("0/3 nodes are available: 3 Too many pods.", ROOM),
        ("no nodes available to schedule pods", ROOM),
        ('0/1 nodes are available: persistentvolumeclaim "data" not found.', "Create the PersistentVolumeC"),
        ('persistentvolumeclaim "data" bound to non-existent persistentvolume "pv"', "again"),
        ("pod has unbound immediate PersistentVolumeClaims", "kubectl describe pvc"),
        ("0/1 nodes are available: 1 node(s) had volume node affinity conflict.", "where the volume is"),
        ("1 node(s) didn't match PersistentVolume's node affinity", "where the volume is"),
        ("1 node(s) didn't match Pod's node affinity/selector", "nodeSelector"),
        ("1 node(s) had untolerated taint {gpu: true}", "toleration"),
        ("1 node(s) had untolerated taint(s)", "toleration"),
        ("1 node(s) had taint {a: b}, that the pod didn't tolerate", "toleration"),
        ("1 node(s) didn't match pod topology spread constraints", "topologySpreadConstraints"),
        ("1 node(s) didn't match pod anti-affinity rules", "podAntiAffinity"),
        ("1 node(s) were unschedulable", "uncordon"),
    ],
)
def test_the_remedy_is_of_the_kind_of_what_is_said(said: str, helps: str) -> None:
    preemption = " preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling."
    for words in (said, f"{said.rstrip('.')}.{preemption}"):
        status = unscheduled(words).applied().status
        assert (status["phase"], status["reason"]) == ("Starting", "Unschedulable")
        assert said.rstrip(".") in status["message"]
        assert helps in status["message"]
        assert (ROOM in status["message"]) == (helps == ROOM)


def test_several_causes_have_several_remedies() -> None:
    said = "0/3 nodes are available: 1 Insufficient memory, 2 node(s) had untolerated taint {a: b}."
    message = unscheduled(said).applied().status["message"]
    assert ROOM in message
    assert "toleration" in message
    assert "No node takes" in message


def test_what_a_scheduler_says_twice_is_said_once() -> None:
    message = unscheduled('0/1 nodes are available: persistentvolumeclaim "data" not found. not found.')
    assert (
        message.applied()
        .status["message"]
        .endswith(
            'persistentvolumeclaim "data" not found. Create the PersistentVolumeClaim, or correct claimName.'
        )
    )


def test_unknown_words_are_repeated_without_advice() -> None:
    message = unscheduled("3 node(s) have a blue moon").applied().status["message"]
    assert message.endswith("3 node(s) have a blue moon.")


def unlooked(**spec: Any) -> Stage:
    """A run whose runner nobody has said anything about."""
    stage = opened().with_scheduler(started=True).with_runner(phase="Pending")
    stage.children[-1]["status"] = {"phase": "Pending"}
    stage.children[-1]["spec"] = spec
    return stage


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ({"schedulingGates": [{"name": "example.com/wait"}]}, "example.com/wait"),
        ({"schedulerName": "volcano"}, '"volcano"'),
        ({"nodeName": "lost"}, "Node lost"),
    ],
)
def test_a_pod_that_nobody_looks_at_is_told_within_a_minute(spec: dict[str, Any], says: str) -> None:
    stage = unlooked(**spec)
    assert stage.applied().status["reason"] == ""
    wakes = stage.plan().requeue_at
    assert wakes is not None
    assert NOW < wakes <= NOW + timedelta(seconds=50)
    late = Stage(stage.resource, stage.children, stage.members, wakes).applied()
    assert late.status["reason"] == "Unschedulable"
    assert says in late.status["message"]
    assert ROOM not in late.status["message"]


def test_our_own_gate_is_nobody_elses() -> None:
    stage = unlooked(schedulingGates=[{"name": "daskflow.dev/journal"}])
    assert stage.later(minutes=2).applied().status["reason"] == ""


def test_one_that_its_kubelet_has_begun_with_is_looked_at() -> None:
    stage = unlooked(nodeName="there")
    stage.children[-1]["status"] = {"phase": "Pending", "startTime": "2026-03-01T12:00:00Z"}
    assert stage.later(minutes=2).applied().status["reason"] == ""


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("CreateContainerConfigError", 'configmap "settings" not found'),
        ("ImagePullBackOff", "pull access denied, repository does not exist or may require authorization"),
    ],
)
def test_what_may_come_a_little_late_is_certain_after_a_minute(reason: str, said: str) -> None:
    stage = opened().with_scheduler(started=True)
    stage = stage.with_runner(phase="Pending", waiting={"reason": reason, "message": said}).applied()
    assert stage.status["phase"] == "Starting"
    assert said in stage.status["message"]
    assert stage.plan().requeue_at == NOW + timedelta(minutes=1)
    assert stage.later(minutes=1).applied().status["phase"] == "Failed"


def test_a_standalone_cluster_tells_the_same_of_its_own_pods() -> None:
    stage = running(1).change(workers={"replicas": 2}).worker(1, started=False, phase="Pending", at=NOW)
    body = stage.pods[f"{BASE}-worker-1"]
    body["status"], body["spec"] = {"phase": "Pending"}, {"schedulerName": "volcano"}
    early = stage.applied()
    assert "volcano" not in str(early.status)
    wakes = early.plan().requeue_at
    assert wakes is not None
    late = stage.later(seconds=(wakes - NOW).total_seconds()).applied()
    assert "volcano" in late.later(minutes=1).applied().status["message"]
