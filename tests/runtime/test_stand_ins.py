"""Objects of the runtime in the place of Dask's and Python's own, by themselves."""

import sys
from typing import Any

import pytest
from daskflow.runtime.clusters.runs_cluster import RunsCluster
from daskflow.runtime.prefect.import_hook import ImportHook


class Client:
    """As of those versions of Dask that tell of five workers unless they are asked for all."""

    def scheduler_info(self, n_workers: int = 5, **_: Any) -> Any:
        names = range(9) if n_workers < 0 else range(n_workers)
        return {"workers": {f"tcp://{name}": {"name": name} for name in names}}


def test_the_runs_cluster_has_all_workers() -> None:
    cluster = RunsCluster("tcp://scheduler", Client())
    assert (len(cluster.workers), len(cluster.plan), len(cluster.scheduler.workers)) == (9, 9, 9)


def test_the_finder_of_prefect_leaves_pythons_list_to_other_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python goes through it without a lock: what moves in it is overlooked, and a module is not found."""
    hook = ImportHook(None)
    seen = []

    class Spy:
        def find_spec(self, name: str, *_: Any) -> None:
            if name == "prefect":
                seen.append([*sys.meta_path] == before)

    before = [hook, Spy(), *sys.meta_path]
    monkeypatch.setattr(sys, "meta_path", [*before])
    for name in [each for each in sys.modules if each.partition(".")[0] == "prefect"]:
        monkeypatch.delitem(sys.modules, name)
    hook.find_spec("prefect")
    assert seen
    assert all(seen)
