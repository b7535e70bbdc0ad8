"""How much memory the store takes for what users keep in the cluster, as `benchmarks.memory` makes it."""

import json
import tracemalloc
from typing import Any

import pytest
from daskflow.controller.known.store import Store
from daskflow.controller.kubernetes.objects import object_from

from benchmarks.memory import SHAPES, filled, finished, large


def taken(bodies: list[dict[str, Any]]) -> int:
    """Bytes of memory that a store takes for them."""
    store = Store(changed=lambda key: None)
    filled(store, iter([finished(0)]))
    tracemalloc.start()
    try:
        filled(store, iter(bodies))
        return tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("shape", SHAPES)
def test_large_objects_take_no_more_than_their_text(shape: str) -> None:
    bodies = [large(number, shape) for number in range(3)]
    specs = sum(len(json.dumps(body["spec"], ensure_ascii=False).encode()) for body in bodies)
    assert taken(bodies) < 1.2 * specs


@pytest.mark.parametrize("name", ["labels", "annotations"])
def test_metadata_takes_no_more_than_its_text(name: str) -> None:
    texts = {f"k{number}": "" for number in range(5_000)}
    bodies = [finished(number) for number in range(1, 31)]
    for body in bodies:
        body["metadata"] = {**body["metadata"], name: {**texts, "daskflow.dev/run": "a"}}
    assert taken(bodies) < 1.2 * 30 * (len(json.dumps(texts)) + 9_000)
    known = object_from(json.dumps(bodies[0]).encode(), "FlowRun")
    assert known["metadata"][name] == {**texts, "daskflow.dev/run": "a"}
    assert known["metadata"][name].get("daskflow.dev/run") == "a"
    assert known["metadata"][name].get("other") is None


def test_ten_thousand_finished_runs_take_90_mb_at_most() -> None:
    assert taken([finished(number) for number in range(1, 301)]) < 300 * 9_000
