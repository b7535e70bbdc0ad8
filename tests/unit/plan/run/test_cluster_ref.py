"""Runs on a cluster or scheduler that is not their own: what they wait for, and what their runner is told."""

import json
from dataclasses import replace
from typing import Any

import pytest
from daskflow.api.conditions import timestamp
from daskflow.api.names import API_VERSION, DASK_CLUSTER

from tests.unit.plan.stage import NOW, Stage, kinds, run

ON_SHARED = {"clusterRef": {"name": "shared"}}

ADDRESS = "tls://10.1.2.3:8786"


def shared(phase: str = "Ready", *, metadata: dict[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
    """The DaskCluster that the run names."""
    return {
        "apiVersion": API_VERSION,
        "kind": DASK_CLUSTER,
        "metadata": {
            "name": "shared",
            "namespace": "data",
            "uid": "shared-uid",
            "creationTimestamp": timestamp(NOW),
            **(metadata or {}),
        },
        "spec": {"image": "flows:1", "workers": {"replicas": 3, "required": 2, "patience": "7s"}, **spec},
        "status": {"phase": phase, "message": "It is so.", "address": ADDRESS},
    }


def opened(cluster: dict[str, Any] | None, **spec: Any) -> Stage:
    """A run whose attempt is open."""
    return Stage(run({**ON_SHARED, **spec}), more={"reference": cluster}).applied()


def test_a_field_of_that_cluster_is_not_one_of_the_runs() -> None:
    theirs = shared("Failed")
    theirs["status"] |= {"message": "Correct spec.image or spec.template.spec.volumes."}
    said = opened(theirs).applied().status["message"]
    assert "Correct DaskCluster shared's spec.image or DaskCluster shared's spec.template.spec.vol" in said


def variables(pod: Any) -> dict[str, Any]:
    """The runner's environment."""
    return {each["name"]: each.get("value") for each in pod["spec"]["containers"][0]["env"]}


def test_the_runner_gets_that_clusters_address_secret_and_workers() -> None:
    stage = opened(shared())
    assert stage.status["cluster"] == {
        "name": "shared",
        "address": ADDRESS,
        "workersReady": 0,
        "workersDesired": 0,
        "workers": "",
    }
    (runner,) = stage.plan().creates
    told = variables(runner)
    assert told["DASK_SCHEDULER_ADDRESS"] == ADDRESS
    assert told["DASKFLOW_CONTROL"] == "https://10.1.2.3:8788"
    assert json.loads(told["DASKFLOW_WORKERS"]) == {"wanted": 3, "required": 2, "patience": 7}
    base = runner["metadata"]["labels"]["daskflow.dev/cluster"]
    assert base.startswith("shared-")
    assert runner["spec"]["volumes"][0]["projected"]["sources"] == [{"secret": {"name": base}}]
    assert runner["spec"]["schedulingGates"]


def test_it_needs_no_secret_of_its_own() -> None:
    stage = opened(shared())
    (runner,) = stage.plan().creates
    made = {**runner, "metadata": {**runner["metadata"], "uid": "u"}, "status": {"phase": "Pending"}}
    stage = replace(stage, children=(made,))
    assert not stage.plan().creates
    assert [patch.body for patch in stage.applied().plan().patches] == [{"spec": {"schedulingGates": []}}]


def test_an_image_that_is_left_out_is_the_clusters() -> None:
    resource = run(ON_SHARED)
    del resource["spec"]["image"]
    theirs = shared(image="flows:2", imagePullPolicy="Never", imagePullSecrets=[{"name": "registry"}])
    stage = Stage(resource, more={"reference": theirs}).applied()
    (runner,) = stage.plan().creates
    assert runner["spec"]["containers"][0]["image"] == "flows:2"
    assert runner["spec"]["containers"][0]["imagePullPolicy"] == "Never"
    assert runner["spec"]["imagePullSecrets"] == [{"name": "registry"}]


@pytest.mark.parametrize(
    ("cluster", "reason", "says"),
    [
        (None, "ClusterMissing", "does not exist in this namespace"),
        (shared("Starting"), "ClusterNotReady", "is Starting: It is so"),
        (shared("Failed"), "ClusterNotReady", "is Failed"),
        (shared("Stopped"), "ClusterNotReady", "is Stopped"),
        (shared("Suspended"), "ClusterNotReady", "is Suspended"),
        (shared(metadata={"deletionTimestamp": timestamp(NOW)}), "ClusterMissing", "is being deleted"),
        (shared(image=7), "ClusterNotReady", "cannot be understood"),
    ],
)
def test_it_waits_and_fails_at_the_start_deadline(
    cluster: dict[str, Any] | None, reason: str, says: str
) -> None:
    stage = opened(cluster, deadlines={"start": "60s"})
    plan = stage.plan()
    assert not plan.creates
    assert plan.status is not None
    assert (plan.status["phase"], plan.status["reason"]) == ("Starting", reason)
    assert says in plan.status["message"]
    status = stage.applied().later(seconds=60).plan().status
    assert status is not None
    assert (status["phase"], status["reason"]) == ("Failed", reason)
    assert "spec.deadlines.start (60s)" in status["message"]
    assert says in status["message"]


@pytest.mark.parametrize(
    ("cluster", "says"),
    [
        (shared(image="flows:2"), 'spec.image is "flows:1", but DaskCluster "shared" (spec.clusterRef) runs'),
        (
            shared(metadata={"ownerReferences": [{"kind": "FlowRun", "name": "other", "uid": "x"}]}),
            "belongs to FlowRun other",
        ),
    ],
)
def test_one_that_never_fits_ends_the_run_once_the_news_have_settled(
    cluster: dict[str, Any], says: str
) -> None:
    stage = opened(cluster)
    assert stage.plan().requeue_at is not None
    assert not stage.plan().creates
    status = stage.later(seconds=3).plan().status
    assert status is not None
    assert (status["phase"], status["reason"]) == ("Failed", "ClusterUnfit")
    assert says in status["message"]


def test_one_that_lacks_workers_is_used_since_the_runner_waits_for_them() -> None:
    assert kinds(opened(shared("Degraded")).plan().creates) == ["Pod"]


def test_a_scheduler_elsewhere_with_the_users_certificates() -> None:
    spec = {"schedulerAddress": "tls://dask.example:8786", "schedulerTLS": {"secretName": "theirs"}}
    stage = Stage(run(spec)).applied()
    assert stage.status["cluster"]["address"] == "tls://dask.example:8786"
    (runner,) = stage.plan().creates
    told = variables(runner)
    assert told["DASK_SCHEDULER_ADDRESS"] == "tls://dask.example:8786"
    assert "DASKFLOW_CONTROL" not in told
    sources = runner["spec"]["volumes"][0]["projected"]["sources"]
    assert [source["secret"]["name"] for source in sources][1:] == ["theirs"]
    made = {**runner, "metadata": {**runner["metadata"], "uid": "u"}, "status": {"phase": "Pending"}}
    (secret,) = replace(stage, children=(made,)).plan().creates
    assert set(secret["stringData"]) == {"dask.yaml", "token"}
    assert "ca-file" in secret["stringData"]["dask.yaml"]


def test_the_flows_files_are_mounted_in_the_runner() -> None:
    flow = {"entrypoint": "a.py:flow", "files": {"configMapRef": {"name": "flows"}}}
    (runner,) = opened(shared(), flow=flow).plan().creates
    assert variables(runner)["DASKFLOW_FILES"] == "/daskflow-files"
    assert {"name": "daskflow-files", "configMap": {"name": "flows"}} in runner["spec"]["volumes"]


def with_runner(stage: Stage, **state: Any) -> Stage:
    """Its runner's pod as it was made, with the uid "u"."""
    (runner,) = stage.plan().creates
    status = {"phase": "Running", "startTime": timestamp(NOW), "containerStatuses": [], **state}
    metadata = {**runner["metadata"], "uid": "u", "creationTimestamp": timestamp(NOW)}
    return replace(stage, children=({**runner, "metadata": metadata, "status": status},))


REPLACED = {"reference": shared(metadata={"uid": "another"})}


def test_which_cluster_the_runner_was_made_for_is_written_down_with_its_pod() -> None:
    stage = with_runner(opened(shared())).applied()
    assert stage.status["attempts"][-1]["clusterUid"] == "shared-uid"


def test_a_pod_behind_its_gate_that_was_made_for_the_cluster_before_is_made_again() -> None:
    plan = replace(with_runner(opened(shared())), more=REPLACED).plan()
    assert [delete.uid for delete in plan.deletes] == ["u"]
    assert plan.status is None, "it is not written down as the one that may run"


@pytest.mark.parametrize("more", [REPLACED, {"reference": None}])
def test_a_runner_whose_cluster_is_no_more_does_not_wait_for_it(more: dict[str, Any]) -> None:
    stage = with_runner(opened(shared())).applied()
    plan = replace(stage, more=more).plan()
    assert [patch.body["spec"] for patch in plan.patches] == [{"activeDeadlineSeconds": 1}]
    assert plan.status is not None
    assert plan.status["reason"] == "ClusterMissing"
    told = {"v": 1, "role": "runner", "outcome": "Failed", "reason": "Terminated", "message": "x"}
    last = {"exitCode": 143, "message": json.dumps(told), "finishedAt": timestamp(NOW)}
    (pod,) = stage.children
    status = {**pod["status"], "phase": "Failed"}
    status["containerStatuses"] = [{"name": "runner", "state": {"terminated": last}}]
    ended = replace(stage, children=({**pod, "status": status},), more=more).applied()
    assert ended.status["phase"] == "Retrying", "the flow had not begun"
    assert ended.status["attempts"][-1]["reason"] == "ClusterMissing"


def test_a_cluster_that_is_replaced_by_one_that_does_not_fit_is_no_busy_loop() -> None:
    stage = with_runner(opened(shared(), image="flows:1"), phase="Pending").applied()
    (pod,) = stage.children
    stage = replace(stage, children=({**pod, "spec": {**pod["spec"], "schedulingGates": []}},))
    unfit = replace(stage, more={"reference": shared(image="flows:2")})
    for _ in range(3):
        unfit = unfit.later(seconds=30).applied()
        plan = unfit.plan()
        assert not plan.acts
        assert plan.requeue_at is not None
        assert plan.requeue_at > unfit.now
