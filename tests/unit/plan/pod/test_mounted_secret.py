"""A Secret that pods wait for is asked for after a while, now and then, and not against a refusal."""

from dataclasses import replace
from datetime import timedelta

from daskflow.api.conditions import timestamp
from daskflow.manifests.common_pod import OWN_VOLUMES
from daskflow.plan.model import Key, Observed, Plan, Refusal
from daskflow.plan.pod.mounted_secret import made_again
from daskflow.plan.pod.pod import Pod
from daskflow.plan.pod.volumes_and_network import LONG

from tests.unit.plan.stage import NOW, pod

KEY = Key("Secret", "data", "ours")
MADE = {"kind": "Secret"}
SOON = Plan(requeue_at=NOW + LONG)


def waiting(secret: str = "ours", set_up: str = "False", deadline: int | None = None) -> Pod:
    conditions = (
        {"type": "PodScheduled", "status": "True", "lastTransitionTime": timestamp(NOW - LONG)},
        {"type": "PodReadyToStartContainers", "status": set_up},
    )
    state = {"reason": "ContainerCreating"}
    raw = pod("pod", "worker", phase="Pending", waiting=state, conditions=conditions)
    sources = [{"secret": {"name": secret}}]
    raw["spec"] = {"volumes": [{"name": OWN_VOLUMES[0], "projected": {"sources": sources}}]}
    raw["spec"]["activeDeadlineSeconds"] = deadline
    return Pod(raw)


def asked(each: Pod, seen: Observed | None = None) -> Plan:
    return made_again([each], KEY, lambda: MADE, seen or Observed(), NOW)


def test_what_a_pod_has_waited_for_is_made_again() -> None:
    assert asked(waiting()).creates == (MADE,)
    early = made_again([waiting()], KEY, lambda: MADE, Observed(), NOW - timedelta(seconds=1))
    assert early == Plan(requeue_at=NOW)


def test_nobody_asks_where_no_pod_lacks_it() -> None:
    for each in (waiting(set_up="True"), waiting("theirs"), waiting(deadline=1)):
        assert asked(each) == Plan()


def test_it_is_asked_for_now_and_then() -> None:
    assert asked(waiting(), Observed(created=frozenset({KEY}))) == SOON
    refused = Refusal(KEY, 403, "quota")
    assert asked(waiting(), Observed(refusals=(refused,))) == SOON
    assert asked(waiting(), Observed(refusals=(replace(refused, retry=True),))).creates == (MADE,)
