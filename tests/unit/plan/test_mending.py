"""Children that somebody deletes or edits by hand are what they were again."""

from dataclasses import replace
from typing import Any

import pytest
from daskflow.api.names import ANNOTATION_OWNER
from daskflow.manifests.objects import child_metadata, owner_of
from daskflow.plan import mending
from daskflow.plan.model import Key, Plan, Refusal
from daskflow.plan.pod.pod import Pod

from tests.unit.plan.cluster import stage as cluster_stage
from tests.unit.plan.cluster.stage import BASE
from tests.unit.plan.stage import NOW, opened, pod

OWNER = {"kind": "DaskCluster", "metadata": {"name": "shared", "namespace": "data", "uid": "u"}}


def test_what_is_as_it_was_made_is_left_alone() -> None:
    assert not cluster_stage.running().plan().acts
    clients = [{"namespaceSelector": {}, "podSelector": {"matchLabels": {"app": "x"}}}]
    stage = cluster_stage.running(security={"networkPolicy": {"clients": clients}})
    (patch,) = stage.plan().patches  # the stage has a policy without clients
    assert patch.body["spec"]["ingress"][-1]["from"] == clients
    assert not opened().with_scheduler(started=True).with_runner(started=True).applied().plan().acts


@pytest.mark.parametrize(
    "selector",
    [
        {"matchLabels": {}},
        {"matchExpressions": []},
        {"matchLabels": {"a": "b"}, "matchExpressions": []},
        {"matchExpressions": [{"key": "a", "operator": "Exists", "values": []}]},
    ],
)
def test_what_api_servers_leave_out_of_a_selector_is_no_edit(selector: dict[str, Any]) -> None:
    stage = cluster_stage.running(security={"networkPolicy": {"clients": [{"podSelector": selector}]}})
    (patch,) = stage.plan().patches
    stored = _stored(patch.body["spec"]["ingress"])
    assert stored != patch.body["spec"]["ingress"]
    assert mending._same(patch.body["spec"]["ingress"], stored, defaulted=False)
    everybody = [*stored[:-1], {**stored[-1], "from": [{"podSelector": {"matchLabels": {"c": "d"}}}]}]
    assert not mending._same(patch.body["spec"]["ingress"], everybody, defaulted=False)


def _stored(value: Any) -> Any:
    """As an API server stores it: empty maps and lists with `omitempty` are left out."""
    if isinstance(value, list):
        return [_stored(each) for each in value]
    if not isinstance(value, dict):
        return value
    omitted = {"matchLabels", "matchExpressions", "values"}
    return {name: _stored(each) for name, each in value.items() if each or name not in omitted}


@pytest.mark.parametrize(
    ("labels", "changed"),
    [
        ({"daskflow.dev/component": "runner"}, {"daskflow.dev/component": "worker"}),
        ({"daskflow.dev/cluster": "other"}, {"daskflow.dev/cluster": BASE}),
        ({"daskflow.dev/group": "gpu"}, {"daskflow.dev/group": "default"}),
        ({"app.kubernetes.io/managed-by": ""}, {"app.kubernetes.io/managed-by": "daskflow"}),
        ({"mine": "x"}, None),
    ],
)
def test_labels_of_ours_come_back(labels: dict[str, str], changed: dict[str, str] | None) -> None:
    stage = cluster_stage.running()
    name = f"{BASE}-worker-0"
    meta = stage.pods[name]["metadata"]
    edited = {**stage.pods[name], "metadata": {**meta, "labels": {**meta["labels"], **labels}}}
    plan = replace(stage, pods={**stage.pods, name: edited}).plan()
    assert [patch.body["metadata"] for patch in plan.patches] == ([{"labels": changed}] if changed else [])
    assert not plan.creates
    # Told once it has worked; an Event that is planned by itself would be wanted for ever where it does not.
    assert [patch.event.reason for patch in plan.patches if patch.event] == (["Restored"] if changed else [])
    assert not plan.events


def test_what_a_pod_is_follows_from_its_name() -> None:
    assert Pod(pod("a-b-scheduler", "worker")).component == "scheduler"
    assert Pod(pod("a-b-runner", "scheduler")).component == "runner"
    assert Pod(pod("a-b-worker-gpu-12", "")).component == "worker"
    assert Pod(pod("a-b-worker-gpu-12", "")).group("a-b") == "gpu"
    assert Pod(pod("x-worker-1-worker-3", "")).group("x-worker-1") == "default"


def test_an_owner_that_was_removed_or_changed_is_known_and_a_copy_is_nobodys() -> None:
    meta: dict[str, Any] = child_metadata(OWNER, "shared-worker-0", {})
    stolen = [{"kind": "Job", "name": "j", "uid": "j", "controller": True}]
    for owners in ([], stolen):
        found = owner_of({"metadata": {**meta, "ownerReferences": owners}})
        assert found == {"kind": "DaskCluster", "name": "shared", "uid": "u"}
    copy = {**meta, "name": "copy", "ownerReferences": []}
    assert owner_of({"metadata": copy}) is None
    assert owner_of({"metadata": {"name": "x", "annotations": {ANNOTATION_OWNER: "a/b"}}}) is None


def _without_service(*refusals: Refusal) -> Plan:
    return replace(cluster_stage.running(), service=None, refusals=refusals).plan()


def test_a_service_is_made_again_with_the_address_that_its_pods_know() -> None:
    plan = _without_service()
    kinds = {body["kind"]: body for body in plan.creates}
    assert kinds["Service"]["spec"]["clusterIP"] == "10.1.2.3"
    assert [event.reason for event in plan.events] == ["Restored"]
    taken = Refusal(Key("Service", "data", BASE), 422, "provided IP is already allocated", retry=True)
    (other,) = [body for body in _without_service(taken).creates if body["kind"] == "Service"]
    assert "clusterIP" not in other["spec"]


def test_a_quota_that_takes_no_more_secrets_keeps_no_worker_from_being_replaced() -> None:
    message = "exceeded quota: q, requested: secrets=1, used: secrets=9, limited: secrets=9"
    full = Refusal(Key("Secret", "data", BASE), 403, message)
    stage = replace(cluster_stage.running(), refusals=(full,))
    assert not stage.applied().plan().acts
    assert stage.applied().status["phase"] == "Ready"
    assert stage.without(f"{BASE}-worker-1").made == ["worker-1"]


def test_the_secret_is_made_in_vain_when_pods_are_made_that_need_it() -> None:
    stage = cluster_stage.running().without(f"{BASE}-worker-1")
    kinds = sorted(body["kind"] for body in stage.plan().creates)
    assert kinds == ["Pod", "Secret"]
    assert stage.now == NOW
