"""Flags become a manifest."""

from typing import Any

import pytest
from daskflow.cli.submission import cluster_manifest, put
from daskflow.client.errors import WrongUse


@pytest.mark.parametrize(
    ("spec", "path", "value", "made"),
    [
        ({}, "image", "x", {"image": "x"}),
        ({"a": {"b": 1}}, "a.c", 2, {"a": {"b": 1, "c": 2}}),
        ({"a": 1}, "a.b", 2, {"a": {"b": 2}}),
        ({}, "groups[0].name", "big", {"groups": [{"name": "big"}]}),
        ({"groups": [{"name": "a"}]}, "groups[0].replicas", 3, {"groups": [{"name": "a", "replicas": 3}]}),
        ({"args": ["a"]}, "args[0]", "b", {"args": ["b"]}),
        ({"args": ["a"]}, "args[1]", "b", {"args": ["a", "b"]}),
    ],
)
def test_a_value_is_put_at_a_path(spec: dict[str, Any], path: str, value: Any, made: dict[str, Any]) -> None:
    before = repr(spec)
    assert put(spec, path, value) == made
    assert repr(spec) == before


@pytest.mark.parametrize("path", ["", "a..b", "a[x]", "a[2]", "[0]"])
def test_a_path_that_is_none_is_refused(path: str) -> None:
    with pytest.raises(WrongUse):
        put({"a": []}, path, 1)


def test_a_cluster_has_the_times_after_which_it_ends() -> None:
    times = {"idleTimeout": "1h", "noClientTimeout": "10m"}
    made = cluster_manifest("lab", "flows:1", 2, None, None, "1h", "10m", ())
    assert made["spec"] == {"image": "flows:1", "workers": {"replicas": 2}, **times}
