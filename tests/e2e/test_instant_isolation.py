"""A cluster that a run has claimed is closed to whoever has what a waiting cluster of another pool has."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.intrusion import intrusion
from tests.e2e.test_instant import WAITS, cluster_pool, from_pool, idle, waiting
from tests.kube import namespace


@pytest.fixture(scope="module")
def tried(installed: None) -> Iterator[dict[str, Any]]:
    """What the intruder tried: first against a claimed cluster, then the other way round."""
    with namespace() as kube:
        for pool in ("small", "other"):
            kube.create(cluster_pool(pool))
        for pool in ("small", "other"):
            waiting(kube, pool)
        kube.create(from_pool("claims", WAITS))
        kube.wait("the flow", lambda: kube.status("FlowRun", "claims").get("phase") == "Running", 30)
        claimed = kube.status("FlowRun", "claims")["attempts"][0]["cluster"]
        waits = next(name for name in idle(kube) if name.startswith("other-"))
        statuses = [kube.status("DaskCluster", name) for name in (claimed, waits)]
        yield {
            "claimed": intrusion(kube, *statuses),
            "waiting": intrusion(kube, *reversed(statuses)),
            "still": [kube.status("DaskCluster", waits), kube.status("FlowRun", "claims")],
        }


@pytest.mark.parametrize("which", ["claimed", "waiting"])
def test_another_pools_certificates_and_token_open_nothing(tried: dict[str, Any], which: str) -> None:
    found = tried[which]
    assert found["submit with the cluster's own"] == 45, "else nothing of what follows would prove anything"
    for who in ("no certificate", "another cluster's"):
        for what in ("submit", "control"):
            assert str(found[f"{what} with {who}"]).startswith("refused"), found


def test_nothing_has_come_of_it(tried: dict[str, Any]) -> None:
    waits, run = tried["still"]
    assert waits["standby"]["parked"]
    assert run["phase"] == "Running"
