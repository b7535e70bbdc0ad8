"""Making a DaskCluster: in stages that fall out of planning again."""

from dataclasses import replace

from daskflow.plan.model import Key, Refusal

from tests.unit.plan.cluster.stage import BARE, BASE, BASED, MADE, running, scaled, scheduler, worker
from tests.unit.plan.stage import kinds


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
