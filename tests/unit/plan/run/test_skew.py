"""Pods that name one image and run different builds of it."""

from dataclasses import replace
from typing import Any

import pytest
from daskflow.plan.model import Counts, Event

from tests.unit.plan.stage import Stage, failed, opened

A, B = (f"registry.example/flows@sha256:{letter * 64}" for letter in "ab")

BARE_A, BARE_B = (f"sha256:{letter * 64}" for letter in "cd")


def stage(scheduler: str, worker: str, runner: str, *, worker_image: str = "flows:1", **spec: Any) -> Stage:
    """A run that has just begun, with these image IDs."""
    one = opened({"cluster": {"workers": {"replicas": 1}}, **spec})
    one = one.with_scheduler(started=True).with_worker(started=True).with_runner(started=True)
    ids = {
        "scheduler": (scheduler, "flows:1"),
        "worker": (worker, worker_image),
        "runner": (runner, "flows:1"),
    }
    return replace(
        one,
        children=tuple(_with_image(body, ids) for body in one.children),
        members=tuple(_with_image(body, ids) for body in one.members),
    ).later(seconds=5)


def _with_image(body: dict[str, Any], ids: dict[str, tuple[str, str]]) -> dict[str, Any]:
    if body["kind"] != "Pod":
        return body
    container = body["status"]["containerStatuses"][0]
    image_id, image = ids[container["name"]]
    spec = {
        "containers": [{"name": "sidecar", "image": "proxy:1"}, {"name": container["name"], "image": image}]
    }
    status = {**body["status"], "containerStatuses": [{**container, "imageID": image_id}]}
    return {**body, "spec": spec, "status": status}


def condition(status: dict[str, Any]) -> dict[str, Any] | None:
    return next((each for each in status["conditions"] if each["type"] == "ImageSkew"), None)


@pytest.mark.parametrize(
    ("ids", "more", "skewed"),
    [
        ((A, A, A), {}, False),
        (("", "", ""), {}, False),
        ((A, "", A), {}, False),
        ((A, B, A), {}, True),
        ((A, A, B), {}, True),
        ((B, A, A), {}, True),
        ((BARE_A, BARE_B, BARE_A), {}, True),
        # loaded into one node, pulled by the other: nothing can be said
        ((A, BARE_A, A), {}, False),
        # pulled through a mirror
        ((A, A.replace("registry", "mirror"), A), {}, False),
        # a template names another image: that is somebody's wish
        ((A, B, A), {"worker_image": "flows:gpu"}, False),
    ],
)
def test_builds_are_compared(ids: tuple[str, str, str], more: dict[str, Any], skewed: bool) -> None:
    assert (condition(stage(*ids, **more).applied().status) is not None) == skewed


def test_it_is_told_once_with_names_and_remedy_in_the_write_that_comes_anyway() -> None:
    begun = stage(A, B, A)
    plan = begun.plan()
    assert plan.status is not None
    assert plan.status["phase"] == "Running"
    warnings = [event for event in plan.events if event.type == "Warning"]
    told = condition(dict(plan.status))
    assert told is not None
    assert warnings == [Event("Warning", "ImageSkew", told["message"])]
    assert told["status"] == "True"
    for part in ('"flows:1"', "sha256:aaaaaaaaaaaa", "worker-0", "digest", "imagePullPolicy"):
        assert part in told["message"]
    after = begun.applied()
    assert not after.plan().acts
    assert not after.later(hours=1).plan().acts


def test_without_skew_nothing_is_written_for_it() -> None:
    assert not stage(A, A, A).applied().plan().acts


def test_a_worker_that_comes_later_with_another_build_is_told_of_at_once() -> None:
    same = stage(A, A, A).applied()
    other = stage(A, B, A)
    late = replace(same, members=other.members)
    assert [event.reason for event in late.plan().events] == ["ImageSkew"]
    told = condition(late.applied().status)
    # It stays when that worker has gone: what it computed has been computed.
    gone = replace(late.applied(), members=same.members)
    assert not gone.plan().acts
    assert told is not None


def test_it_stays_on_the_record_and_leaves_with_the_next_attempt() -> None:
    begun = stage(A, B, A, retries={"limit": 1}).applied()
    over = begun.without_runner().with_runner(exit_code=1, message=failed()).applied()
    assert over.status["phase"] == "Retrying"
    assert condition(over.status) is not None
    again = replace(over, children=(), members=()).later(hours=1).applied()
    assert again.status["attempt"] == 2
    assert condition(again.status) is None


def test_many_pods_are_counted_rather_than_named() -> None:
    begun = stage(A, B, A)
    worker = next(
        each for each in begun.members if each["kind"] == "Pod" and "worker" in each["metadata"]["name"]
    )
    copies = tuple(
        {**worker, "metadata": {**worker["metadata"], "name": f"w-worker-{number}", "uid": f"w-{number}"}}
        for number in range(500)
    )
    told = condition(replace(begun, members=(*begun.members, *copies)).applied().status)
    assert told is not None
    assert "and 498 more" in told["message"]
    assert len(told["message"]) < 500


@pytest.mark.parametrize(
    ("versions", "skewed"), [((), False), (("2026.8.0",), False), (("2023.1.0", "2026.8.0"), True)]
)
def test_versions_of_distributed_are_compared(versions: tuple[str, ...], skewed: bool) -> None:
    begun = stage(A, A, A).applied()
    told = replace(begun, more={"counts": Counts(0, 0, "s", versions)})
    assert [event.reason for event in told.plan().events] == ["VersionSkew"] * skewed
    found = condition(told.applied().status)
    assert (found is not None) == skewed
    assert found is None or "2023.1.0, 2026.8.0" in found["message"]
    earlier = replace(begun, more={"counts": Counts(0, 0, "of an earlier attempt", versions)})
    assert not earlier.plan().acts
