"""Attempts without a cluster of their own: the scheduling gate is the fence."""

from dataclasses import replace
from typing import Any

import pytest
from daskflow.api.conditions import timestamp
from daskflow.manifests.common_pod import mounted_secret
from daskflow.plan.model import Key

from tests.unit.plan.stage import NOW, Stage, failed, kinds, pod, run, succeeded

ALONE = {"cluster": {"workers": {"replicas": 0}}}


def opened(spec: dict[str, Any] | None = None) -> Stage:
    """A run alone whose attempt is open."""
    return Stage(run({**ALONE, **(spec or {})})).applied()


def gated(stage: Stage) -> Stage:
    """The runner's pod is there, behind its gate."""
    made = stage.plan().creates[0]
    seen = {**made, "status": {"phase": "Pending"}}
    more = {"uid": f"uid-{made['metadata']['name']}", "creationTimestamp": timestamp(NOW)}
    seen["metadata"] = {**made["metadata"], **more}
    return replace(stage, children=(*stage.children, seen))


def with_secret(stage: Stage) -> Stage:
    """The runner's Secret is known to have been made."""
    (runner,) = stage.children
    name = mounted_secret(runner)
    assert name is not None
    return replace(stage, more={**stage.more, "created": frozenset({Key("Secret", "data", name)})})


def journaled(spec: dict[str, Any] | None = None) -> Stage:
    """The uid is written down, and the pod is as the test wants it: see `Stage.with_runner`."""
    return replace(gated(opened(spec)).applied(), children=())


def test_no_cluster_is_opened() -> None:
    status = opened().status
    (attempt,) = status["attempts"]
    assert attempt["cluster"] == ""
    assert attempt["runner"]["pod"].endswith("-1-runner")
    assert "uid" not in attempt["runner"]
    assert "cluster" not in status
    assert status["message"] == "Attempt 1: starting the runner."


def test_pod_then_journal_with_the_secret_then_gate() -> None:
    stage = opened()
    (made,) = stage.plan().creates
    assert made["spec"]["schedulingGates"] == [{"name": "daskflow.dev/journal"}]
    stage = gated(stage)
    plan = stage.plan()
    assert plan.status is not None
    assert plan.status["attempts"][0]["runner"]["uid"] == f"uid-{made['metadata']['name']}"
    assert kinds(plan.creates) == ["Secret"]
    assert not plan.patches
    stage = stage.applied()
    assert kinds(stage.plan().creates) == ["Secret"], "an operator that has just started makes it in vain"
    (patch,) = with_secret(stage).plan().patches
    assert patch.body == {"spec": {"schedulingGates": []}}


def test_the_secret_goes_with_the_pod() -> None:
    (secret,) = gated(opened()).plan().creates
    (owner,) = secret["metadata"]["ownerReferences"]
    assert (owner["apiVersion"], owner["kind"]) == ("v1", "Pod")
    assert {"ca.crt", "tls.crt", "tls.key", "token", "dask.yaml"} == set(secret["stringData"])
    assert "default-scheme" not in secret["stringData"]["dask.yaml"], "a LocalCluster is a plain one"


def test_other_gates_are_left_to_others() -> None:
    stage = opened({"runner": {"template": {"spec": {"schedulingGates": [{"name": "kueue.x-k8s.io/a"}]}}}})
    (patch,) = with_secret(gated(stage).applied()).plan().patches
    assert patch.body == {"spec": {"schedulingGates": [{"name": "kueue.x-k8s.io/a"}]}}
    assert with_secret(gated(stage).applied()).later(minutes=2).plan().patches == (patch,)


def test_a_pod_that_was_lost_before_its_uid_was_written_is_made_again() -> None:
    assert kinds(opened().plan().creates) == ["Pod"]


def test_a_pod_that_is_gone_once_its_uid_was_written_may_have_run_the_flow() -> None:
    status = journaled().plan().status
    assert status is not None
    assert (status["phase"], status["reason"]) == ("Failed", "RunnerLost")
    assert status["failures"] == {"flow": 0, "infrastructure": 1, "start": 0}


def test_another_pod_of_that_name_is_not_the_runner() -> None:
    stage = journaled().with_runner(uid="another", exit_code=0, message=succeeded())
    status = stage.plan().status
    assert status is not None
    assert (status["phase"], status["reason"]) == ("Failed", "RunnerLost")


def test_what_a_pod_said_in_the_moment_of_its_deletion_counts() -> None:
    stage = journaled()
    name = stage.status["attempts"][0]["runner"]["pod"]
    gone = pod(name, "runner", exit_code=0, message=succeeded(7))
    status = replace(stage, more={"last_pod": gone}).plan().status
    assert status is not None
    assert (status["phase"], status["result"]) == ("Succeeded", 7)


@pytest.mark.parametrize(
    ("state", "reason", "budget"),
    [
        ({"exit_code": 1, "message": failed()}, "FlowFailed", "flow"),
        ({"exit_code": 137}, "RunnerLost", "infrastructure"),
        ({"exit_code": 1, "message": failed("SchedulerUnreachable", begun=False)}, "", "start"),
        ({"exit_code": 137, "why": "OOMKilled", "limit": "1Gi"}, "OutOfMemory", "flow"),
    ],
)
def test_how_a_runner_ended(state: dict[str, Any], reason: str, budget: str) -> None:
    stage = journaled().with_runner(**state)
    status = stage.plan().status
    assert status is not None
    assert status["failures"][budget] == 1
    assert status["attempts"][0]["reason"] == (reason or "SchedulerUnreachable")
    assert status["phase"] == ("Failed" if reason else "Retrying")


def test_running_says_that_it_is_alone() -> None:
    status = journaled().with_runner(started=True).plan().status
    assert status is not None
    assert (status["phase"], status["message"]) == ("Running", "The flow has begun, alone in its pod.")
    assert "ClusterReady" not in {condition["type"] for condition in status["conditions"]}


@pytest.mark.parametrize("wish", [{"cancel": True}, {"suspend": True}])
def test_a_pod_behind_its_gate_goes_before_the_attempt_is_closed(wish: dict[str, Any]) -> None:
    for stage in (gated(opened()), gated(opened()).applied()):
        plan = stage.spec(**wish).plan()
        assert [delete.key.kind for delete in plan.deletes] == ["Pod"]
        assert plan.status is not None
        assert plan.status["attempts"][0].get("endTime") is None
        after = replace(stage.spec(**wish).applied(), children=())
        status = after.plan().status
        assert status is not None
        assert status["attempts"][0]["outcome"] == ("Cancelled" if "cancel" in wish else "Suspended")


def test_a_live_change_of_the_number_of_workers_is_for_the_next_attempt() -> None:
    stage = journaled().with_runner(started=True).applied()
    more = stage.spec(cluster={"workers": {"replicas": 3}})
    assert not more.plan().creates
    assert not more.plan().patches
    owned = Stage(run()).applied().with_cluster().with_scheduler().with_runner(started=True)
    plan = owned.spec(**ALONE).plan()
    assert [patch.body for patch in plan.patches] == [{"spec": {"workers": {"replicas": 0}}}]


def test_nothing_of_it_is_left_for_the_next_attempt() -> None:
    stage = journaled({"retries": {"limit": 1}}).with_runner(exit_code=1, message=failed()).applied()
    assert stage.status["phase"] == "Retrying"
    again = stage.later(seconds=30).applied()
    assert [attempt["number"] for attempt in again.status["attempts"]] == [1, 2]
    assert "uid" not in again.status["attempts"][1]["runner"]
