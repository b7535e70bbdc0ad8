"""What is gone stays gone, whoever tells of it late."""

import logging
from typing import Any

import pytest
from daskflow.api.names import ANNOTATION_OWNER, API_VERSION
from daskflow.controller.known.store import Store
from daskflow.plan.model import Key, Object, Refusal

from tests.simulation import toy
from tests.unit.controller.toys import RUN, a_pod


def test_what_a_newer_list_did_not_hold_does_not_come_back_through_a_late_watch() -> None:
    store = Store(lambda key: None)
    store.completed("Pod", None, 10)
    assert not store.put(a_pod("w", 9, "c"))
    assert store.put(a_pod("w", 11, "c"))


POD = Key("Pod", "default", "w")


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)


def test_answers_go_with_the_object_they_were_for() -> None:
    store = Store(changed=lambda key: None)
    run = {**toy.parent("toy"), "metadata": {"name": "toy", "namespace": "default", "uid": "r"}}
    store.put({**run, "metadata": {**run["metadata"], "resourceVersion": "1"}})
    store.answers.succeeded("r", Key("Secret", "default", "toy"), 0.0, readable=False)
    store.answers.refuse("r", Refusal(POD, 403, "no"), 0.0)
    store.remove(RUN, "r")
    assert not store.answers.created(["r"], 0.0)
    assert not store.answers.refusals(["r"], 0.0)


def test_who_is_dead_stays_dead_whoever_tells_of_it_late() -> None:
    store = Store(changed=lambda key: None)
    store.put(a_pod("w", 5, "c"))
    store.remove(POD, "w")
    assert not store.put(a_pod("w", 6, "c")), "an answer to a patch that was sent before"
    assert store.get(POD) is None
    another = a_pod("v", 9, "c")
    another["metadata"]["name"] = "w"
    assert store.put(another)
    assert not store.put(a_pod("w", 10, "c")), "the one that had the name before"
    assert store.has(POD, "v")


def test_what_cannot_be_measured_is_known_and_announced_all_the_same() -> None:
    def told(key: Key, body: Object | None, before: Object | None) -> None:
        raise KeyError("a label")

    changed: list[Key] = []
    store = Store(changed.append, told)
    run = toy.parent("toy")
    store.put({**run, "metadata": {**run["metadata"], "uid": "r", "resourceVersion": "1"}})
    assert store.has(RUN, "r")
    assert changed == [RUN]
    store.remove(RUN, "r")
    assert store.get(RUN) is None
    assert changed == [RUN, RUN]


def _run(uid: str, version: int) -> Object:
    run = toy.parent("toy")
    return {**run, "metadata": {**run["metadata"], "uid": uid, "resourceVersion": str(version)}}


def _owned(*uids: str, api_version: str = API_VERSION, **metadata: Any) -> Object:
    pod = a_pod("w", 7, "c")
    first = {"apiVersion": api_version, "kind": "FlowRun", "name": "toy", "uid": uids[0], "controller": True}
    more = [{**first, "uid": uid, "controller": False} for uid in uids[1:]]
    pod["metadata"] |= {"ownerReferences": [first, *more], **metadata}
    return pod


@pytest.mark.parametrize(
    ("orphan", "found"),
    [
        (_owned("old"), True),
        (_owned("older", "old"), True),
        (_owned("new"), False),
        (_owned("old", "new"), False),
        (_owned("old", api_version="example.com/v1"), False),
        (_owned("old", deletionTimestamp="2026-03-01T12:00:00Z"), False),
        (_owned("old", ownerReferences=[], annotations={ANNOTATION_OWNER: "FlowRun/toy/old/w"}), False),
    ],
    ids=["another's", "two others'", "its own", "both", "of another kind", "going", "let go"],
)
def test_what_is_left_of_another_of_its_name(orphan: Object, found: bool) -> None:
    store = Store(changed=lambda key: None)
    store.put(_run("old", 1))
    store.put(_run("new", 8))
    store.put(orphan)
    run = store.get(RUN)
    assert run is not None
    assert bool(list(store.orphans(run))) is found
