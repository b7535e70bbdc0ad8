"""Numbers of workers that are changed on a live run."""

from tests.unit.plan.stage import running


def test_more_workers_are_asked_of_the_cluster() -> None:
    (patch,) = running().spec(cluster={"workers": {"replicas": 5}}).plan().patches
    assert (patch.key.kind, patch.body) == ("DaskCluster", {"spec": {"workers": {"replicas": 5}}})
