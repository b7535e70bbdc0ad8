"""Making a DaskCluster: in stages that fall out of planning again, with the objects that are written down."""

from dataclasses import replace

from daskflow.manifests.common_pod import mounted_secret
from daskflow.manifests.naming import secret_name
from daskflow.plan.model import Key, Object, Occupied, Refusal

from tests.unit.plan.cluster import stage as cluster_stage
from tests.unit.plan.cluster.stage import BARE, BASE, BASED, MADE, running, scaled, scheduler, worker
from tests.unit.plan.stage import ALONE, SETTINGS, UID, Stage, another, kinds, run


def test_service_secret_and_network_policy_first() -> None:
    assert kinds(BARE.plan().creates) == ["Service", "Secret", "NetworkPolicy"]
    open_to_all = {"security": {"networkPolicy": {"enabled": False}}}
    assert kinds(replace(BARE, spec=open_to_all).plan().creates) == ["Service", "Secret"]


def test_then_all_pods_at_once() -> None:
    names = [item["metadata"]["name"] for item in BASED.plan().creates]
    assert names == [f"{BASE}-scheduler", f"{BASE}-worker-0", f"{BASE}-worker-1"]


def test_that_the_scheduler_was_made_is_written_down() -> None:
    assert MADE.status is not None
    assert MADE.status["scheduler"] == {"pod": f"{BASE}-scheduler", "uid": f"uid-{BASE}-scheduler"}
    assert MADE.status["phase"] == "Starting"
    assert not MADE.plan().acts


def test_a_refused_worker_does_not_keep_the_scheduler_from_being_written_down() -> None:
    refusal = Refusal(Key("Pod", "data", f"{BASE}-worker-1"), 403, "exceeded quota: small")
    stage = replace(BASED.with_pods(scheduler(), worker(0)), refusals=(refusal,))
    assert stage.applied().status["scheduler"]  # type: ignore[index]
    degraded = stage.applied().applied().status
    assert degraded is not None
    assert (degraded["phase"], degraded["reason"]) == ("Degraded", "QuotaExceeded")


def test_what_is_refused_does_not_keep_workers_from_going() -> None:
    refusal = Refusal(Key("Pod", "data", f"{BASE}-worker-3"), 403, "exceeded quota: small")
    short = replace(scaled(running(2), 4).worker(2, started=False), refusals=(refusal,)).applied()
    assert short.status["reason"] == "QuotaExceeded"
    assert scaled(short, 2).applied().deleted == ["worker-2"]


def test_nothing_is_made_for_a_cluster_that_may_not_be() -> None:
    stage = replace(BARE, spec={"template": {"spec": {"hostNetwork": True}}})
    plan = stage.plan()
    assert plan.status is not None
    assert (plan.status["phase"], plan.status["reason"]) == ("Failed", "SpecInvalid")
    assert not plan.creates
    assert not stage.applied().plan().acts


def test_a_cluster_that_has_begun_waits_for_the_spec_to_be_corrected() -> None:
    bad = {"workerGroups": [{"name": "gpu", "template": {"spec": {"hostNetwork": True}}}]}
    made = BASED.plan().creates
    uids = (f"uid-{each['metadata']['name']}" for each in made)
    living = MADE.with_pods(
        *(
            {**each, "metadata": {**each["metadata"], "uid": uid}}
            for each, uid in zip(made, uids, strict=True)
        )
    )
    broken = replace(living, spec=bad).plan()
    assert broken.status is not None
    assert (broken.status["phase"], broken.status["reason"]) == ("Degraded", "SpecInvalid")
    assert not broken.creates
    assert not broken.deletes


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


def test_a_cluster_of_a_run_that_is_not_there_is_never_made() -> None:
    owner = {key: value for key, value in cluster_stage.OWNER.items() if key != "controller"}
    made = replace(BARE, more={"ownerReferences": [owner]})
    assert kinds(made.plan().creates) == ["Service", "Secret", "NetworkPolicy"]
    assert not replace(made, owner=None).plan().creates
