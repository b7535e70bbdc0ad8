"""The cluster of the run, as code that asks a Dask cluster for its workers sees it."""

from typing import Any

from daskflow.runtime.clusters.runs_cluster import RunsCluster


class Client:
    """As of those versions of Dask that tell of five workers unless they are asked for all."""

    def scheduler_info(self, n_workers: int = 5, **_: Any) -> Any:
        names = range(9) if n_workers < 0 else range(n_workers)
        return {"workers": {f"tcp://{name}": {"name": name} for name in names}}


def test_the_runs_cluster_has_all_workers() -> None:
    cluster = RunsCluster("tcp://scheduler", Client())
    assert (len(cluster.workers), len(cluster.plan), len(cluster.scheduler.workers)) == (9, 9, 9)
