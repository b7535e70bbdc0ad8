"""What `benchmarks.scale` says of runs is what the API server told of them."""

import pytest
from daskflow.api.names import LABEL_RUN

from benchmarks.scale.moments import Book
from benchmarks.scale.objects import LASTS, PODS, by_hand, owned
from benchmarks.scale.place import share
from benchmarks.scale.watching import Seen, _Meta, _Status


def seen(name: str, phase: str = "", component: str = "worker") -> Seen:
    labels = {LABEL_RUN: "a", "daskflow.dev/component": component}
    return Seen(_Meta(name, name, labels), _Status(phase))


@pytest.mark.parametrize("alone", [True, False])
def test_a_run_is_complete_when_its_outcome_is_known_and_its_pods_are_gone(alone: bool) -> None:
    done: list[str] = []
    ended: list[str] = []
    book = Book(lambda: done.append("a"), by_hand=alone, ended=ended.append)
    pods = ["scheduler", "worker-0", "worker-1"]
    for pod in pods:
        book.pod("ADDED", seen(pod))
    assert book.of("a").pods is None
    book.pod("ADDED", seen("runner", "Pending", "runner"))
    assert len(book.of("a").made) == PODS
    assert book.of("a").pods is not None
    book.pod("MODIFIED", seen("runner", "Succeeded", "runner"))
    assert ended == (["a"] if alone else [])
    for pod in pods:
        book.pod("DELETED", seen(pod))
    assert done == (["a"] if alone else [])
    if not alone:
        book.run("MODIFIED", Seen(_Meta("a"), _Status("Succeeded")))
    assert done == ["a"]
    assert not book.wrong(["a"])
    assert book.wrong(["b"]) == ["b"]
    assert len(book.spans("ended", "gone")) == 1


def test_what_is_made_by_hand_goes_with_its_service() -> None:
    labels = {LABEL_RUN: "x", "app.kubernetes.io/managed-by": "daskflow"}
    pod = {"metadata": {"name": "p", "labels": labels, "annotations": {LASTS: "1h", "b": "c"}}}
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}}
    children = [
        {"apiVersion": "v1", "kind": "Pod", **pod, "spec": {"nodeName": "n", "containers": []}},
        {**service, "spec": {"ports": [], "clusterIP": "10.0.0.1"}},
    ]
    first, second = by_hand(children, "a", "2s")
    assert first["spec"] == {"ports": []}
    assert second["metadata"]["annotations"] == {LASTS: "2s", "b": "c"}
    assert second["metadata"]["labels"][LABEL_RUN] == "a"
    assert second["spec"] == {"containers": []}
    reference = owned(second, {**first, "metadata": {"name": "a-s", "uid": "u"}})["metadata"][
        "ownerReferences"
    ]
    assert reference == [{"apiVersion": "v1", "kind": "Service", "name": "a-s", "uid": "u"}]


def test_shares_are_of_what_there_is() -> None:
    assert share(range(100), 0.5) == 50
    assert share(range(100), 0.99) == 99
    assert share([], 0.5) != share([], 0.5)
