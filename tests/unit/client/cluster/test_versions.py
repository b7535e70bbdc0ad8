"""What is of another version here than in a cluster."""

from typing import Any

import pytest
from daskflow.client.cluster.versions import differences
from distributed.versions import get_versions


def versions(python: str, **packages: str) -> dict[str, Any]:
    return {"host": {"python": python}, "packages": packages}


def test_the_same_is_not_worth_a_word() -> None:
    assert differences(get_versions(), get_versions()) == ""


@pytest.mark.parametrize(
    ("there", "words"),
    [
        (versions("3.11.9.final.0", dask="1"), ""),
        (versions("3.11.2.final.0"), ""),
        (versions("3.13.1.final.0", dask="1"), "Python is 3.11 here and 3.13 in the cluster: functions"),
        (
            versions("3.11.2.final.0", dask="2", distributed="3"),
            "dask is 1 here and 2 in the cluster, distributed is 1 here and 3 in the cluster: it may not fit",
        ),
        ({"host": [("python", "3.10.1.final.0")], "packages": {}}, "Python is 3.11 here and 3.10"),
        ({}, ""),
    ],
)
def test_what_differs_is_named(there: dict[str, Any], words: str) -> None:
    said = differences(versions("3.11.2.final.0", dask="1", distributed="1"), there)
    assert said.startswith(words)
    assert bool(said) == bool(words)
