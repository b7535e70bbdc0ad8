"""What a cluster of dask-kubernetes consists of, and what becomes of it when a part dies."""

from datetime import timedelta
from typing import Any

import pytest
from daskflow.manifests.dask_kubernetes.injection import refusal
from daskflow.manifests.settings import Injection
from daskflow.plan.model import Key, Occupied, Refusal

from tests.unit.plan.dask_kubernetes.stage import Stage, a_cluster, ended
from tests.unit.plan.stage import NOW

SCHEDULER = ("Pod", "lab-scheduler")


def test_all_is_made_at_once_and_the_phase_is_running_as_soon_as_the_service_is_there() -> None:
    first = a_cluster().plan()
    assert [made["kind"] for made in first.creates] == ["Service", "NetworkPolicy", "Pod", "DaskWorkerGroup"]
    stage = a_cluster().settled()
    assert stage.status["phase"] == "Running"
    assert _conditions(stage) == {"Ready": "False", "Reconciling": "True", "Stalled": "False"}
    ready = stage.run().settled()
    assert _conditions(ready) == {"Ready": "True", "Reconciling": "False", "Stalled": "False"}
    assert not ready.later(hours=1).plan().acts


def test_a_load_balancer_without_an_address_is_pending() -> None:
    stage = a_cluster(scheduler={"service": {"type": "LoadBalancer"}}).settled()
    assert stage.status["phase"] == "Pending"
    service = dict(stage.children["Service", "lab-scheduler"])
    given = {**service, "status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}}
    assert stage.put(given).settled().status["phase"] == "Running"


def test_a_scheduler_that_is_gone_is_made_again_and_told() -> None:
    stage = a_cluster().settled().run().settled()
    again = stage.without(*SCHEDULER).settled()
    assert again.pods == ["lab-scheduler"]
    assert [reason for reason, _ in again.events] == ["SchedulerLost"]
    assert again.run().settled().status["scheduler"]["made"] == 2


def test_one_on_its_way_out_is_waited_for() -> None:
    stage = a_cluster().settled().run().settled()
    pod: Any = stage.children[SCHEDULER]
    going = {**pod, "metadata": {**pod["metadata"], "deletionTimestamp": "2026-03-01T12:00:30Z"}}
    waiting = stage.put(going).settled()
    assert waiting.pods == ["lab-scheduler"]
    assert _conditions(waiting)["Ready"] == "False"
    late = waiting.later(minutes=2).settled()
    assert late.status["reason"] == "NodeUnreachable"


@pytest.mark.parametrize(("lived", "waits"), [(timedelta(hours=1), False), (timedelta(seconds=5), True)])
def test_one_that_has_ended_makes_room_and_waits_if_it_lived_for_a_moment(
    lived: timedelta, waits: bool
) -> None:
    stage = a_cluster().settled()
    dead = ended(dict(stage.children[SCHEDULER]), NOW + lived, message="boom\nlast words")
    told = stage.put(dead).later(seconds=lived.total_seconds() + 1)
    assert (not told.plan().deletes) is waits
    settled = told.later(seconds=15).settled()
    assert settled.children[SCHEDULER]["status"] == {}
    assert "exit code 1 (last words)" in settled.events[0][1]


def test_its_own_group_is_made_again_and_has_the_clusters_number() -> None:
    stage = a_cluster().settled().without("DaskWorkerGroup", "lab-default").settled()
    assert stage.children["DaskWorkerGroup", "lab-default"]["spec"]["worker"]["replicas"] == 2


def test_what_is_refused_is_told_and_tried_again_only_when_it_is_due() -> None:
    key = Key("Pod", "data", "lab-scheduler")
    refusal = Refusal(key, 403, "pods is forbidden: exceeded quota: small")
    stage = a_cluster().with_(refusals=(refusal,)).settled()
    assert stage.pods == []
    assert (stage.status["phase"], stage.status["reason"]) == ("Running", "QuotaExceeded")
    assert [reason for reason, _ in stage.events] == ["QuotaExceeded"]
    due = stage.with_(refusals=(Refusal(key, 403, refusal.message, retry=True),)).plan()
    assert [made["kind"] for made in due.creates] == ["Pod"]


def test_a_name_that_is_taken_is_told() -> None:
    taken = Occupied(Key("Service", "data", "lab-scheduler"), owner_uid="other")
    stage = a_cluster().with_(occupied=(taken,)).settled()
    assert (stage.status["phase"], stage.status["reason"]) == ("Pending", "NameConflict")


@pytest.mark.parametrize("name", ["a" * 54, "with.dot"])
def test_a_name_that_cannot_be_is_an_error(name: str) -> None:
    stage = a_cluster()
    meta = {**stage.resource["metadata"], "name": name}
    failed = Stage({**stage.resource, "metadata": meta}).settled()
    assert failed.status["phase"] == "Error"
    assert failed.children == {}
    assert _conditions(failed)["Stalled"] == "True"


def _conditions(stage: Stage) -> dict[str, str]:
    return {each["type"]: each["status"] for each in stage.status["conditions"]}


def test_a_scheduler_that_ends_at_once_again_and_again_is_made_less_and_less_often() -> None:
    stage, made = a_cluster().settled(), []
    for _ in range(120):
        pod = stage.children.get(SCHEDULER)
        if pod is not None and not pod["status"]:
            stage = stage.put(ended(pod, stage.now))
        stage = stage.settled().later(seconds=10)
        made.append(stage.made.count("lab-scheduler"))
    assert made[5] >= 3, "the first times it is soon"
    assert made[-1] <= 9, "in twenty minutes"


def test_addresses_from_outside_are_refused_where_types_are_that_lead_in() -> None:
    owner = a_cluster().resource
    service = {"type": "ClusterIP", "externalIPs": ["192.0.2.1"]}
    assert "externalIPs" in refusal(owner, service, Injection(), ("ClusterIP",))
    assert not refusal(owner, service, Injection(), ("ClusterIP", "LoadBalancer"))
    assert not refusal(owner, {"externalIPs": []}, Injection(), ("ClusterIP",))
