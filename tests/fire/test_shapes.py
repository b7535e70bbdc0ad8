"""What is thrown at the operator: enough of everything, and the same for the same seed."""

import json
from collections import Counter

from tests.fire.shapes import BASES, DEPTHS, POISON, paths, shapes, text, walks


def test_a_seed_draws_the_same() -> None:
    assert shapes(40, 3) == shapes(40, 3)
    assert shapes(40, 3) != shapes(40, 4)
    assert len(shapes(40, 3)) == 40


def test_all_kinds_are_changed_in_many_places() -> None:
    found = shapes(150, 1)
    assert set(Counter(each.kind for each in found)) == set(BASES)
    assert sum(each.spec == BASES[each.kind] for each in found) < 75
    assert any(each.status is not None for each in found)
    assert len({path for each in found for path in paths(each.spec)}) > 60


def test_what_is_deep_is_deep_as_text() -> None:
    body = text("FlowRun", "x", {"a": POISON, "b": "ü"}, DEPTHS[-1])
    assert body.count(b"[") == DEPTHS[-1]
    assert json.loads(text("FlowRun", "x", {"a": "b"}))["spec"] == {"a": "b"}


def test_a_walk_has_so_many_steps() -> None:
    assert [len(walk) for walk in walks("DaskCluster", 3, 4, 1)] == [4, 4, 4]
