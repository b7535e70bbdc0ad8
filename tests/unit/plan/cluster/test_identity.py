"""A cluster's scheduler and Secret are the very objects that are written down."""

from dataclasses import replace

from daskflow.manifests.common_pod import mounted_secret
from daskflow.manifests.naming import secret_name
from daskflow.plan.model import Key, Object, Occupied

from tests.unit.plan.cluster import stage as cluster_stage
from tests.unit.plan.cluster.stage import BARE, BASE, BASED, running
from tests.unit.plan.stage import ALONE, SETTINGS, UID, Stage, another, run


def test_another_scheduler_is_none_of_the_clusters() -> None:
    stage = running()
    other = replace(stage, pods={**stage.pods, "scheduler": another("new", stage.pods["scheduler"])})
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
    made = BASED.plan().creates
    (secret,) = (each for each in BARE.plan().creates if each["kind"] == "Secret")
    assert {_mounted(each) for each in made} == {secret["metadata"]["name"]}
    named = tuple(another(each["metadata"]["name"], each) for each in made)
    there = BASED.with_pods(*named).plan().status
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


def _more_workers(stage: cluster_stage.Stage) -> tuple[list[Object], set[str]]:
    """What is made for two more: pods, and the names of Secrets."""
    made = stage.change(workers={"replicas": 4}).applied().plan().creates
    pods = [each for each in made if each["kind"] == "Pod"]
    assert len(pods) == 2
    return pods, {each["metadata"]["name"] for each in made if each["kind"] == "Secret"}


def test_a_standalone_cluster_waits_for_its_name() -> None:
    taken = Occupied(Key("Service", "data", BASE))
    plan = replace(BARE, occupied=(taken,)).plan()
    assert plan.status is not None
    assert (plan.status["phase"], plan.status["reason"]) == ("Pending", "NameConflict")
    assert plan.requeue_at is not None
