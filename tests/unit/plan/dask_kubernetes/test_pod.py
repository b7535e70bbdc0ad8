"""Pods of dask-kubernetes' kinds, and the Deployments that another operator made in their place."""

from typing import Any

import pytest
from daskflow.plan.dask_kubernetes.pod import TheirPod, pods_of

from tests.unit.plan.dask_kubernetes.stage import Stage, a_cluster, a_group

SERVICE = {
    "spec": {"clusterIP": "10.96.0.9", "ports": [{"name": "tcp-comm", "port": 8786, "targetPort": "x"}]}
}


def deployment(name: str, owner: dict[str, Any], ready: int = 1) -> dict[str, Any]:
    """As it was left, under labels that are its own."""
    labels = {"dask.org/cluster-name": "lab"}
    meta = {"name": name, "namespace": "data", "uid": f"uid-{name}", "labels": labels}
    reference = {"kind": owner["kind"], "apiVersion": owner["apiVersion"], "uid": owner["metadata"]["uid"]}
    more = {"ownerReferences": [{**reference, "name": owner["metadata"]["name"], "controller": True}]}
    stamp = {"creationTimestamp": "2026-02-01T00:00:00Z"}
    status = {"readyReplicas": ready} if ready else {}
    return {"kind": "Deployment", "metadata": {**meta, **more, **stamp}, "spec": {}, "status": status}


@pytest.mark.parametrize(
    ("ports", "containers", "address"),
    [
        ([], [], "tcp://10.0.0.7:8786"),
        ([{"name": "tcp-comm", "port": 1, "targetPort": 9000}], [], "tcp://10.0.0.7:9000"),
        ([{"name": "tcp-comm", "port": 9001}], [], "tcp://10.0.0.7:9001"),
        (
            [{"name": "tcp-comm", "port": 1, "targetPort": "comm"}],
            [{"name": "comm", "containerPort": 9002}],
            "tcp://10.0.0.7:9002",
        ),
    ],
)
def test_a_scheduler_is_asked_where_its_service_sends(
    ports: list[Any], containers: list[Any], address: str
) -> None:
    state = {"name": "s", "started": True, "state": {"running": {}}}
    raw = {
        "kind": "Pod",
        "metadata": {"name": "lab-scheduler", "namespace": "data"},
        "spec": {"containers": [{"name": "s", "ports": containers}]},
        "status": {"phase": "Running", "podIP": "10.0.0.7", "containerStatuses": [state]},
    }
    assert TheirPod(raw).address({"spec": {"ports": ports}}) == address
    v6 = {**raw, "status": {**raw["status"], "podIP": "fd00::7"}}
    assert TheirPod(v6).address(None) == "tcp://[fd00::7]:8786"
    assert TheirPod({**raw, "status": {"phase": "Pending"}}).address(None) is None


def test_a_scheduler_that_another_operator_left_stays_the_only_one() -> None:
    stage = a_cluster(idleTimeout=60)
    left = stage.put(deployment("lab-scheduler", stage.resource)).settled()
    assert left.pods == []
    assert {each["type"]: each["status"] for each in left.status["conditions"]}["Ready"] == "True"
    service: Any = left.children["Service", "lab-scheduler"]
    addressed = left.put({**service, "spec": {**service["spec"], "clusterIP": "10.96.0.9"}})
    question = addressed.plan().question
    assert question is not None
    assert question.address == "tcp://10.96.0.9:8786"
    gone = addressed.without("Deployment", "lab-scheduler").settled()
    assert gone.pods == ["lab-scheduler"]
    assert [reason for reason, _ in gone.events] == ["SchedulerLost"]


def test_workers_that_another_operator_left_count_and_go_when_they_are_too_many() -> None:
    stage: Stage = a_group(2)
    for name in ("lab-x-worker-0123456789", "lab-x-worker-abcdefabcd"):
        stage = stage.put(deployment(name, stage.resource))
    settled = stage.settled()
    assert settled.pods == []
    assert (settled.status["replicas"], settled.status["ready"]) == (2, 2)
    more = settled.change(worker={"replicas": 3}).settled()
    assert len(more.pods) == 1
    fewer = settled.change(worker={"replicas": 1}).settled()
    question = fewer.plan().question
    assert question is not None
    assert (len(question.workers), question.surplus) == (2, 1)
    named = fewer.answered(retired=frozenset({"lab-x-worker-0123456789"})).plan()
    assert [(each.key.kind, each.key.name) for each in named.deletes] == [
        ("Deployment", "lab-x-worker-0123456789")
    ]


def test_one_that_is_not_ready_yet_is_waited_for() -> None:
    stage = a_cluster()
    (left,) = pods_of([deployment("lab-scheduler", stage.resource, ready=0)])
    assert (left.started, left.ended, left.address(SERVICE)) == (False, False, None)
