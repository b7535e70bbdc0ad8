"""Kinds of flows on clusters that waited: their code comes with the claim, to scheduler, worker and runner.

All runs of all pools are under way at once, and each waits for a cluster of its own.
"""

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from daskflow.client.code.archive import Archive, archived, key

from tests.e2e.flows import flow_run
from tests.e2e.test_images import FLOWS, KINDS, ROWS, Row
from tests.kube import Kube, namespace

IMAGES = ("dev", "oldest", "prefect1", "prefect3")
SECONDS = 420
"""Until the last of a pool's runs has had its turn, on two cores."""


def told(row: Row, code: Archive) -> dict[str, Any]:
    """Its flow, with the files as `daskflow run` sends them."""
    files = {"files": {"sources": code.sources()}} if "files" in row.flow else {}
    return {**row.flow, **files}


CLAIMED = [row for row in ROWS if row.image in IMAGES]


def pool(image: str) -> dict[str, Any]:
    """Clusters of one worker of an image."""
    template = {"image": f"{FLOWS}:{image}", "cluster": {"workers": {"replicas": 1}}}
    return {
        "apiVersion": "daskflow.dev/v1alpha1",
        "kind": "ClusterPool",
        "metadata": {"name": image},
        "spec": {"ready": 1, "prefect": image == "prefect3", "template": {"spec": template}},
    }


@pytest.fixture(scope="module")
def kube(installed: None) -> Iterator[Kube]:
    """A namespace with the pools and all runs."""
    code = archived({path.name: path for path in KINDS})
    with namespace() as found:
        for number, (name, part) in enumerate(code.parts.items()):
            data = {key(number): base64.b64encode(part).decode()}
            found.create(
                {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "binaryData": data}
            )
        for image in IMAGES:
            found.create(pool(image))
        for row in CLAIMED:
            run = flow_run(row.name, told(row, code))
            run["spec"] = {"flow": run["spec"]["flow"], "pool": {"name": row.image, "otherwise": "Wait"}}
            found.create(run)
        yield found


@pytest.mark.parametrize("row", CLAIMED, ids=[row.name for row in CLAIMED])
def test_it_ends_as_on_a_cluster_of_its_own(kube: Kube, row: Row) -> None:
    status = kube.ended(row.name, SECONDS)
    claims = [each["claim"]["reason"] for each in status["attempts"]]
    assert claims == ["Claimed"], str(status["attempts"])
    assert status["phase"] == ("Succeeded" if row.reasons == ("",) else "Failed"), status
    assert status.get("result") == row.result
    assert row.reasons == ("",) or status["reason"] in row.reasons, status
    failure = status.get("failure") or {}
    said = " ".join([status["message"], *map(str, failure.values())])
    for words in row.says:
        assert words in said
