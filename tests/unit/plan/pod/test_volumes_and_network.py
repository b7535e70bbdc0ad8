"""A pod that its node cannot set up says nothing of why: the run names what it mounts."""

from datetime import timedelta
from typing import Any

from daskflow.api.conditions import timestamp
from daskflow.manifests.naming import runner_name

from tests.unit.plan.stage import NOW, UID, Stage, opened

SCHEDULED = {"type": "PodScheduled", "status": "True", "lastTransitionTime": timestamp(NOW)}

VOLUMES = [
    {
        "name": "daskflow",
        "projected": {"sources": [{"secret": {"name": "base"}}, {"secret": {"name": "mine", "items": []}}]},
    },
    {"name": "data", "persistentVolumeClaim": {"claimName": "data"}},
    {"name": "flows", "configMap": {"name": "flows"}},
    {"name": "scratch", "emptyDir": {}},
]


def pending(set_up: str, **state: Any) -> Stage:
    """A run whose runner is on a node, where its volumes are, or are not, set up."""
    ready = {"type": "PodReadyToStartContainers", "status": set_up}
    stage = opened().with_scheduler(started=True)
    stage = stage.with_runner(
        phase="Pending", waiting={"reason": "ContainerCreating"}, conditions=(SCHEDULED, ready), **state
    )
    stage.children[-1]["spec"]["volumes"] = VOLUMES
    return stage


def test_named_after_a_while_and_not_before() -> None:
    early = pending("False")
    assert early.applied().status["reason"] == ""
    assert early.plan().requeue_at == NOW + timedelta(seconds=20)
    late = early.later(seconds=20).applied()
    assert (late.status["phase"], late.status["reason"]) == ("Starting", "ConfigInvalid")
    for name in ('Secret "mine"', 'PersistentVolumeClaim "data"', 'ConfigMap "flows"'):
        assert name in late.status["message"]


def test_what_kubernetes_mounts_by_itself_is_nothing_to_check() -> None:
    bare = pending("False")
    sources = [{"serviceAccountToken": {"path": "token"}}, {"configMap": {"name": "kube-root-ca.crt"}}]
    bare.children[-1]["spec"]["volumes"] = [{"name": "kube-api-access-x", "projected": {"sources": sources}}]
    message = bare.later(seconds=20).applied().status["message"]
    assert "kube-root-ca" not in message
    assert "the node may be busy" in message


def test_a_pod_that_is_set_up_or_has_ended_is_not_named() -> None:
    assert pending("True").later(minutes=1).applied().status["reason"] != "ConfigInvalid"
    assert pending("False", exit_code=1).later(minutes=1).applied().status["reason"] != "ConfigInvalid"


def test_one_that_cannot_be_set_up_is_deleted_when_its_time_is_over() -> None:
    unset = pending("False").later(minutes=16).plan()
    assert [delete.key.name for delete in unset.deletes] == [runner_name("etl", UID, 1)]
    assert unset.patches == ()
    started = pending("True").later(minutes=16).plan()
    assert started.deletes == ()
    assert [patch.body["spec"] for patch in started.patches] == [{"activeDeadlineSeconds": 1}]
