"""A DaskCluster that waits for a run: its runner's pod, how it says that it waits, and who has it then."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from daskflow.api.conditions import timestamp
from daskflow.api.names import ANNOTATION_OWNER, LABEL_ATTEMPT, LABEL_POOL, LABEL_RUN, PORT_CONTROL
from daskflow.manifests.naming import secret_name
from daskflow.plan.cluster.state import ARRIVAL
from daskflow.plan.model import Key, Scaling, Waiting
from daskflow.plan.units import SETTLE

from tests.unit.plan.cluster.stage import SERVICE, UID, Stage
from tests.unit.plan.stage import SETTINGS, pod

BASE = "shared"
"""What a pool makes has a name with a hash already."""
POOL = {"apiVersion": "daskflow.dev/v1alpha1", "kind": "ClusterPool", "name": "small", "uid": "pool"}
OF_POOL: dict[str, Any] = {
    "labels": {LABEL_POOL: "small", "app.kubernetes.io/managed-by": "daskflow"},
    "annotations": {ANNOTATION_OWNER: "ClusterPool/small/pool/shared"},
    "ownerReferences": [{**POOL, "controller": True}],
}
OF_RUN: dict[str, Any] = {
    "labels": {**OF_POOL["labels"], LABEL_RUN: "etl", LABEL_ATTEMPT: "1"},
    "annotations": {ANNOTATION_OWNER: "FlowRun/etl/run/shared"},
    "ownerReferences": [{**POOL, "kind": "FlowRun", "name": "etl", "uid": "run", "controller": True}],
}


def unit(**spec: Any) -> Stage:
    """All is there that pods need."""
    standby = {"preload": ["pandas"], **spec}
    return Stage(
        spec={"workers": {"replicas": 1}, "standby": standby},
        more=OF_POOL,
        service={**SERVICE, "metadata": {**SERVICE["metadata"], "name": BASE}},
        created=frozenset({Key("Secret", "data", secret_name(BASE, SETTINGS.root_key, UID))}),
        owner={"status": {}},
    )


def with_pods(stage: Stage, *, runner: bool = True) -> Stage:
    """Scheduler, worker and the runner that waits; it has not started before a flow begins."""
    labels = {"daskflow.dev/cluster": BASE, LABEL_POOL: "small"}
    made = {
        "scheduler": pod(f"{BASE}-scheduler", "scheduler", started=True),
        "worker-0": pod(
            f"{BASE}-worker-0",
            "worker",
            started=True,
            labels={**labels, "daskflow.dev/component": "worker", "daskflow.dev/group": "default"},
        ),
    }
    if runner:
        made["runner"] = pod(f"{BASE}-runner", "runner")
    return replace(stage, pods=made)


def heard(stage: Stage, **said: Any) -> Stage:
    """Its scheduler tells of the runner."""
    return replace(stage, scaling=Scaling(f"uid-{BASE}-scheduler", standby=Waiting(**said)))


def test_its_runner_is_made_with_it() -> None:
    made = {body["metadata"]["name"]: body for body in unit(prefect=True).plan().creates}
    assert set(made) == {f"{BASE}-scheduler", f"{BASE}-worker-0", f"{BASE}-runner"}
    runner = made[f"{BASE}-runner"]
    env = {each["name"]: each.get("value") for each in runner["spec"]["containers"][0]["env"]}
    assert env["DASKFLOW_STANDBY"] == "1"
    assert env["DASKFLOW_PRELOAD"] == '["pandas"]'
    assert env["DASKFLOW_STANDBY_PREFECT"] == "1"
    assert "DASKFLOW_FLOW" not in env
    scheduler = made[f"{BASE}-scheduler"]
    env = {each["name"]: each.get("value") for each in scheduler["spec"]["containers"][0]["env"]}
    assert env["DASKFLOW_STANDBY_SECONDS"] == str(12 * 3600 + 600)
    safe = "cluster-autoscaler.kubernetes.io/safe-to-evict"
    assert {pod_["metadata"]["annotations"][safe] for pod_ in (runner, scheduler)} == {"true"}


def test_it_is_ready_when_its_scheduler_says_that_the_runner_waits() -> None:
    there = with_pods(unit()).applied()
    assert there.status["phase"] == "Starting"
    assert there.plan().scale is not None
    assert there.plan().scale.watch  # type: ignore[union-attr]
    parked = heard(there, parked=True, note="pandas cannot be imported.").applied()
    assert parked.status["phase"] == "Ready"
    assert parked.status["standby"] == {
        "parked": True,
        "waited": True,
        "note": "pandas cannot be imported.",
    }
    lost = heard(parked, parked=False).applied()
    assert lost.status["phase"] == "Degraded"
    assert lost.status["reason"] == "RunnerNotParked"
    again = replace(parked, scaling=None)
    assert again.plan().status is None


def test_its_scheduler_knows_of_its_workers_before_kubelets_do() -> None:
    there = with_pods(unit())
    fresh = pod(
        f"{BASE}-worker-0",
        "worker",
        labels={**there.pods["worker-0"]["metadata"]["labels"]},
    )
    there = replace(there, pods={**there.pods, "worker-0": fresh}).applied()
    assert heard(there, parked=True).applied().status["phase"] == "Starting"
    parked = heard(there, parked=True, registered=1).applied()
    assert parked.status["phase"] == "Ready"
    assert parked.status["message"] == "Scheduler and 1 worker are ready."
    assert parked.status["workers"]["ready"] == 1
    for later in (with_pods(parked), replace(parked, scaling=None)):
        assert later.plan().status is None
    attempt = {"number": 1, "cluster": "shared", "clusterUid": UID}
    for seconds in (0, 1):
        start = timestamp(parked.now + timedelta(seconds=1))
        run = {"status": {"attempts": [{**attempt, "startTime": start}]}}
        claimed = replace(heard(parked, parked=True, run="run"), more=OF_RUN, owner=run)
        assert claimed.later(seconds=2 + seconds).plan().status is None, "its kubelet has yet to look"
    late = claimed.later(seconds=60).plan().status
    assert late is not None, "then its pods decide"
    assert late["phase"] == "Degraded"
    leaving = {**fresh, "metadata": {**fresh["metadata"], "deletionTimestamp": timestamp(parked.now)}}
    labels = {**fresh["metadata"]["labels"]}
    successor = {**pod(f"{BASE}-worker-1", "worker", labels=labels), "status": {"phase": "Pending"}}
    pods = {**parked.pods, "worker-0": leaving, "worker-1": successor}
    replaced = heard(replace(parked, pods=pods), parked=True, registered=1).later(seconds=60).plan().status
    assert replaced is not None, "one on its way out stands for no other"
    assert replaced["phase"] == "Degraded"
    gone = heard(parked, parked=True, registered=0).later(seconds=60).applied()
    assert gone.status["phase"] == "Degraded"


def test_one_that_cannot_be_reached_says_which_port() -> None:
    there = with_pods(unit()).applied()
    silent = replace(there, scaling=Scaling(f"uid-{BASE}-scheduler", lost=True)).applied()
    assert silent.status["reason"] == "ListenerUnreachable"
    assert str(PORT_CONTROL) in silent.status["message"]


def test_what_a_run_has_claimed_is_the_runs() -> None:
    parked = heard(with_pods(unit()).applied(), parked=True).applied()
    attempt = {"number": 1, "cluster": "shared", "clusterUid": UID, "startTime": timestamp(parked.now)}
    run = {"status": {"attempts": [attempt]}}
    claimed = replace(heard(parked, parked=True, run="run"), more=OF_RUN, owner=run)
    assert not claimed.plan().patches, "a claim needs none"
    assert claimed.plan().requeue_at == parked.now + SETTLE
    claimed = claimed.later(seconds=SETTLE.total_seconds())
    plan = claimed.plan()
    assert not plan.creates
    assert not plan.deletes
    patched = {
        patch.key.name: patch.body["metadata"]["labels"] for patch in plan.patches if patch.key.kind == "Pod"
    }
    labels = {LABEL_RUN: "etl", LABEL_ATTEMPT: "1"}
    assert {name: {**got, **labels} == got for name, got in patched.items()} == {
        f"{BASE}-scheduler": True,
        f"{BASE}-worker-0": True,
    }
    assert not plan.events
    assert all(patch.event is None for patch in plan.patches if patch.key.kind == "Pod")
    without = replace(claimed, pods={name: each for name, each in claimed.pods.items() if name != "runner"})
    assert not without.plan().creates


def test_one_that_a_run_has_taken_and_not_written_down_is_left_alone() -> None:
    parked = heard(with_pods(unit()).applied(), parked=True).applied()
    for run in ({"status": {}}, {"status": {"attempts": [{"number": 1, "cluster": "x", "endTime": "now"}]}}):
        taken = replace(parked, more=OF_RUN, owner=run)
        assert not taken.plan().deletes


def test_nobody_makes_one_by_hand() -> None:
    lone = Stage(spec={"workers": {"replicas": 1}, "standby": {}}, owner=None).applied()
    assert lone.status["reason"] == "SpecInvalid"
    assert "spec.standby" in lone.status["message"]


def test_one_that_nobody_claimed_has_stopped() -> None:
    there = with_pods(unit()).applied()
    ended = pod(
        f"{BASE}-scheduler", "scheduler", exit_code=0, message={"reason": "Unclaimed", "outcome": None}
    )
    over = replace(there, pods={**there.pods, "scheduler": ended}).later(minutes=1).applied()
    assert over.status["phase"] == "Stopped"


def test_a_kubelets_word_is_not_enough_where_the_scheduler_knows_no_worker() -> None:
    """Of a worker that hangs, or whose node is lost, kubelets say `started` for minutes."""
    ready = heard(with_pods(unit()).applied(), parked=True, registered=1).applied()
    assert ready.status["phase"] == "Ready"
    alone = heard(ready, parked=True, registered=0).later(minutes=3).applied()
    assert alone.status["phase"] == "Degraded"
    assert alone.status["message"] == "0 of 1 worker is ready."
    silent = heard(with_pods(unit()).applied(), parked=True).applied()
    assert silent.status["phase"] == "Ready", "an earlier runtime does not count them"


def test_a_runner_that_does_not_come_as_far_as_to_wait_is_told_of() -> None:
    there = heard(with_pods(unit()).applied(), parked=False, registered=1).applied()
    assert there.status["phase"] == "Starting"
    assert there.plan().requeue_at == there.now + ARRIVAL
    late = there.later(seconds=ARRIVAL.total_seconds()).applied()
    assert (late.status["phase"], late.status["reason"]) == ("Starting", "RunnerNotParked")
    assert late.status["message"].endswith(
        "in the log of pod shared-runner what its imports (preload: pandas) wait for."
    )
    assert heard(late, parked=True, registered=1).applied().status["phase"] == "Ready"


@pytest.mark.parametrize("said", ["", "OutcomeReceived"])
def test_why_a_runner_ended_is_told_whether_its_scheduler_has_followed_it_or_not(said: str) -> None:
    there = heard(with_pods(unit()).applied(), parked=False).applied()
    segv = "The process that waited for a run has ended: The flow's process was killed by SIGSEGV."
    ended = {"runner": pod(f"{BASE}-runner", "runner", exit_code=1, message={"message": segv})}
    if said:
        ended["scheduler"] = pod(f"{BASE}-scheduler", "scheduler", exit_code=0, message={"reason": said})
    failed = replace(there, pods={**there.pods, **ended}).applied()
    assert (failed.status["phase"], failed.status["reason"]) == ("Failed", "RunnerNotParked")
    assert failed.status["message"] == f"{segv} It imports pandas (preload)."
    assert failed.status["workers"]["ready"] == 0
    assert not failed.status["standby"].get("parked")


def test_a_runner_that_was_deleted_is_said_to_have_been() -> None:
    there = heard(with_pods(unit()).applied(), parked=True, registered=1).applied()
    runner = pod(f"{BASE}-runner", "runner", exit_code=1)
    runner["metadata"]["deletionTimestamp"] = timestamp(there.now)
    failed = replace(there, pods={**there.pods, "runner": runner}).applied()
    assert failed.status["message"] == "Pod shared-runner, the runner that waited, was deleted."


def test_what_a_deleted_run_has_left_by_its_owners_wish_is_no_fault_of_its_spec() -> None:
    parked = heard(with_pods(unit()).applied(), parked=True, registered=1).applied()
    orphan = {name: value for name, value in OF_RUN.items() if name != "ownerReferences"}
    left = replace(parked, more=orphan, owner=None, scaling=None).later(minutes=1).applied()
    assert (left.status["phase"], left.status["reason"]) == ("Ready", "")
