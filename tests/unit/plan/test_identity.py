"""An attempt's cluster, and a cluster's scheduler, are the very objects whose uids are written down."""

from dataclasses import replace
from typing import Any

import pytest
from daskflow.manifests.naming import secret_name
from daskflow.manifests.pods import mounted_secret
from daskflow.plan.hand_edits import named_pod
from daskflow.plan.model import Key, Object, Occupied

from tests.unit.plan import cluster_stage as dask_clusters
from tests.unit.plan import test_daskcluster as dask
from tests.unit.plan.cluster_stage import running
from tests.unit.plan.stage import SETTINGS, UID, Stage, kinds, opened, run

ALONE = {"cluster": {"workers": {"replicas": 0}}}


def _another(uid: str, made: Object) -> dict[str, Any]:
    return {**made, "metadata": {**made["metadata"], "uid": uid}}


def _attempt(stage: Stage) -> dict[str, Any]:
    last: dict[str, Any] = stage.status["attempts"][-1]
    return last


def test_no_runner_before_it_is_written_down_whose_cluster_it_uses() -> None:
    stage = opened().with_scheduler().record(clusterUid=None)
    plan = stage.plan()
    assert not plan.creates
    assert not plan.events
    written = stage.applied()
    assert _attempt(written)["clusterUid"] == "cluster-1"
    assert kinds(written.plan().creates) == ["Pod"]


def test_a_cluster_that_is_gone_is_not_made_again() -> None:
    stage = replace(opened(), children=()).applied()
    assert stage.status["phase"] == "Failed"
    assert stage.status["reason"] == "ClusterDeleted"
    assert _attempt(stage)["budget"] == "infrastructure", "its flow may have begun while nobody looked"


def test_a_cluster_of_the_same_name_is_another_one() -> None:
    stage = opened().with_scheduler()
    assert stage.plan().creates, "it is ours"
    other = replace(stage, children=tuple(_another("other", each) for each in stage.children))
    assert not other.plan().creates
    assert other.applied().status["reason"] == "ClusterDeleted"


def test_a_run_that_an_earlier_version_opened_goes_on_under_its_names() -> None:
    """That version wrote down no uid, and reckoned its names from five letters."""
    stage = Stage(run()).applied().record(cluster="etl-x7k2p-1")
    (cluster,) = stage.plan().creates
    assert cluster["metadata"]["name"] == "etl-x7k2p-1"
    there = opened().with_scheduler(started=True).with_runner(started=True).record(clusterUid=None)
    later = there.applied()
    assert _attempt(later)["clusterUid"] == "cluster-1"
    assert not later.plan().creates
    assert later.later(seconds=30).applied().status["phase"] == "Running"


def test_another_scheduler_is_none_of_the_runs() -> None:
    stage = opened().with_scheduler(started=True).with_runner(started=True).later(seconds=30).applied()
    assert stage.status["phase"] == "Running"
    other = replace(
        stage,
        members=tuple(_another("new", each) if each["kind"] == "Pod" else each for each in stage.members),
    )
    assert "scheduler's pod is gone" in other.applied().status["message"]


def test_another_scheduler_is_none_of_the_clusters() -> None:
    stage = running()
    other = replace(stage, pods={**stage.pods, "scheduler": _another("new", stage.pods["scheduler"])})
    ended = other.applied()
    assert (ended.status["phase"], ended.status["reason"]) == ("Failed", "SchedulerLost")
    assert len(ended.plan().patches) == 3, "it and the two workers are ended"


def _mounted(pod: Object) -> str:
    name = mounted_secret(pod)
    assert name is not None
    return name


def test_the_secret_has_a_name_that_only_the_root_key_tells() -> None:
    stage = Stage(run(ALONE)).applied()
    (pod,) = stage.plan().creates
    base = pod["metadata"]["labels"]["daskflow.dev/cluster"]
    named = _mounted(pod)
    assert named.startswith(f"{base}-")
    assert named != secret_name(base, b"another key", f"{UID}/1")
    assert named != secret_name(base, SETTINGS.root_key, f"{UID}/2"), "each attempt has another"


def test_the_secret_that_the_scheduler_mounts_is_written_down_with_it() -> None:
    made = dask.BASED.plan().creates
    (secret,) = (each for each in dask.Stage().plan().creates if each["kind"] == "Secret")
    assert {_mounted(each) for each in made} == {secret["metadata"]["name"]}
    named = tuple(_another(each["metadata"]["name"], each) for each in made)
    there = replace(dask.BASED, children=(dask.SERVICE, *named)).plan().status
    assert there is not None
    assert there["scheduler"]["secret"] == secret["metadata"]["name"]


def test_workers_of_a_cluster_that_an_earlier_version_made_mount_the_secret_that_is_there() -> None:
    stage = running()
    assert "secret" not in stage.status["scheduler"]
    status = {**stage.status, "scheduler": {**stage.status["scheduler"], "pod": "shared-x7k2p-scheduler"}}
    workers, secrets = _more_workers(replace(stage, status=status))
    assert {_mounted(each) for each in workers} == secrets == {"shared-x7k2p"}
    assert {each["metadata"]["labels"]["daskflow.dev/cluster"] for each in workers} == {"shared-x7k2p"}
    known = {**status, "scheduler": {**status["scheduler"], "secret": "shared-x7k2p-secret"}}
    workers, secrets = _more_workers(replace(stage, status=known))
    assert {_mounted(each) for each in workers} == secrets == {"shared-x7k2p-secret"}


def _more_workers(stage: dask_clusters.Stage) -> tuple[list[Object], set[str]]:
    """What is made for two more: pods, and the names of Secrets."""
    made = stage.change(workers={"replicas": 4}).applied().plan().creates
    pods = [each for each in made if each["kind"] == "Pod"]
    assert len(pods) == 2
    return pods, {each["metadata"]["name"] for each in made if each["kind"] == "Secret"}


def test_a_cluster_whose_name_another_run_has_gets_another_name() -> None:
    stage = Stage(run()).applied()
    name = _attempt(stage)["cluster"]
    taken = Occupied(Key("DaskCluster", "data", name), "another", "another-run")
    other = replace(stage, more={"occupied": (taken,)}).applied()
    assert (other.status["phase"], other.status["attempt"]) == ("Starting", 1)
    assert _attempt(other)["cluster"] != name
    assert other.status["cluster"]["name"] == _attempt(other)["cluster"]
    (made,) = other.plan().creates
    assert made["metadata"]["name"] == _attempt(other)["cluster"], "what was said of the other name is past"
    assert "failures" not in other.status or not any(other.status["failures"].values())


def test_a_cluster_that_is_written_down_keeps_its_name() -> None:
    stage = opened()
    taken = Occupied(Key("DaskCluster", "data", _attempt(stage)["cluster"]), "another", "another-run")
    assert replace(stage, more={"occupied": (taken,)}).applied().status == stage.applied().status


def test_a_standalone_cluster_waits_for_its_name() -> None:
    taken = Occupied(Key("Service", "data", dask.BASE))
    plan = dask.Stage(occupied=(taken,)).plan()
    assert plan.status is not None
    assert (plan.status["phase"], plan.status["reason"]) == ("Pending", "NameConflict")
    assert plan.requeue_at is not None


def test_what_is_of_a_closed_attempt_goes_while_the_next_one_runs() -> None:
    """Its create was answered long after it had been given up."""
    first = opened()
    late, closed = (
        first.children[0],
        {"endTime": "2026-03-01T12:00:01Z", "outcome": "Failed", "budget": "start"},
    )
    retrying = {**first.record(**closed).status, "phase": "Retrying", "failures": {"start": 1}}
    stage = Stage(run(status=retrying)).later(hours=1).applied().with_cluster(attempt=2)
    assert _attempt(stage)["number"] == 2
    assert not stage.plan().deletes
    both = replace(stage, children=(*stage.children, late))
    assert [delete.uid for delete in both.plan().deletes] == ["cluster-1"]


@pytest.mark.parametrize(
    ("spec", "record"),
    [({}, {"cluster": "etl-x7k2p-1"}), (ALONE, {"runner": {"pod": "etl-x7k2p-1-runner"}})],
)
def test_the_runner_that_is_looked_for_has_the_name_in_the_record(
    spec: dict[str, Any], record: dict[str, Any]
) -> None:
    stage = Stage(run(spec)).applied().record(**record)
    assert named_pod(stage.resource) == "etl-x7k2p-1-runner"
