"""What comes back of a flow on a cluster: collections' results, failures on workers, its log."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.runtime.conftest import Pods, eventually

DATA = """
import datetime, os, pathlib
import dask, dask.array, dask.bag, dask.dataframe
import numpy, pandas

def pid(*_):
    return os.getpid()

def everything():
    return {"collections": collections(), "scalars": scalars()}

def collections():
    there = dask.delayed(pid)().compute()
    frame = pandas.DataFrame({"n": range(6), "half": [0, 1] * 3})
    ones = dask.array.ones((4, 4), chunks=2)
    return {
        "compute": dask.compute(dask.delayed(pid)())[0] == there != os.getpid(),
        "array": ones.map_blocks(lambda block: block * os.getpid()).max().compute() == there,
        "bag": dask.bag.from_sequence([1, 2]).map(pid).distinct().compute() == [there],
        "frame": dask.dataframe.from_pandas(frame, npartitions=2).groupby("half").n.sum().compute().to_dict(),
    }

total = dask.array.arange(10, chunks=5).sum()

def scalars():
    return {
        "int": numpy.int64(3), "float": numpy.float32(0.5), "bool": numpy.bool_(True), "zero": numpy.array(7),
        "one": numpy.array([7]), "when": numpy.datetime64("2026-01-02T03:00:00", "ns"), "nan": numpy.nan,
        "stamp": pandas.Timestamp("2026-01-02"), "day": datetime.date(2026, 1, 2),
        "path": pathlib.PurePath("a"), numpy.int64(1): None,
    }

def big():
    return numpy.zeros(10**6)

def table():
    return pandas.DataFrame({"n": [1, 2, 3]})
"""

FLOWS = """
import logging, os
import dask
from distributed import get_client

class Unpicklable(Exception):
    def __init__(self, text):
        super().__init__(text)
        self.held = open(os.devnull)

def raising():
    raise Unpicklable("cannot travel")

def unpicklable():
    return get_client().submit(raising).result()

def deep(n=3):
    return deep(n - 1) if n else {}["missing"]

def on_a_worker():
    return dask.delayed(deep)().compute()

def logs():
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    logging.info("configured")
    logging.getLogger("mine").warning("named")
    print("printed")
    print("half", end="")
    os.write(1, b"\\xff\\n")
"""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory, pyz: bytes, certificates: Path) -> Iterator[Pods]:
    """A standing cluster in an image with numpy and pandas, for all of these tests."""
    pods = Pods(tmp_path_factory.mktemp("outcomes"), pyz, certificates).image("data")
    pods.file("flows.py", FLOWS)
    pods.file("data.py", DATA)
    pods.scheduler(DASKFLOW_OWNED="0")
    pods.worker()
    yield pods
    pods.end()


def run(cluster: Pods, entrypoint: str) -> dict[str, Any]:
    runner = cluster.runner({"entrypoint": entrypoint}, 1, f"runner-{len(cluster.pods)}")
    runner.wait(60)
    return {**runner.message(), "log": runner.log()}


def test_collections_land_on_the_cluster_and_scalars_of_all_kinds_are_results(cluster: Pods) -> None:
    outcome = run(cluster, "data:everything")
    truth = {"compute": True, "array": True, "bag": True}
    assert outcome["result"]["collections"] == {**truth, "frame": {"0": 6, "1": 9}}, outcome["log"]
    assert outcome["result"]["scalars"] == {
        "int": 3,
        "float": 0.5,
        "bool": True,
        "zero": 7,
        "one": [7],
        "when": "2026-01-02T03:00:00.000000000",
        "nan": "nan",
        "stamp": "2026-01-02T00:00:00",
        "day": "2026-01-02",
        "path": "a",
        "1": None,
    }


def test_an_entrypoint_may_be_a_collection(cluster: Pods) -> None:
    outcome = run(cluster, "data:total")
    assert outcome["result"] == 45, outcome["log"]
    assert "data:total is a Dask Array" in outcome["log"]


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("big", "numpy.ndarray of shape (1000000,), takes more than 3 KiB as JSON: write it to storage"),
        ("table", "DataFrame of shape (3, 1), is not JSON: return numbers"),
    ],
)
def test_what_does_not_fit_is_described(cluster: Pods, name: str, note: str) -> None:
    outcome = run(cluster, f"data:{name}")
    assert (outcome["outcome"], outcome["result"]) == ("Succeeded", None)
    assert note in outcome["resultNote"]


def test_an_exception_that_cannot_be_pickled_is_told_all_the_same(cluster: Pods) -> None:
    outcome = run(cluster, "flows:unpicklable")
    assert outcome["reason"] == "FlowFailed"
    assert "cannot travel" in outcome["message"]


def test_frames_of_a_worker_come_without_dasks_own(cluster: Pods) -> None:
    failure = run(cluster, "flows:on_a_worker")["failure"]
    assert failure["exception"] == "KeyError"
    assert failure["traceback"].count("in deep") == 4
    assert 'return deep(n - 1) if n else {}["missing"]' in failure["traceback"]
    assert "site-packages" not in failure["traceback"]


def test_prints_and_logging_are_in_the_runners_log_once(cluster: Pods) -> None:
    log = run(cluster, "flows:logs")["log"]
    for line in ("INFO configured\n", "WARNING named\n", "printed\n", "half\ufffd\n"):
        assert log.count(line.strip()) == 1, log
        assert line in log


def test_a_task_that_kills_its_workers_is_named(pods: Pods) -> None:
    pods.scheduler(DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES=0)
    pods.worker()
    script = "import os\nfrom distributed import get_client\n"
    script += "def fatal():\n    os._exit(9)\nget_client().submit(fatal).result()"
    outcome = pods.runner({"script": script}, 1).outcome()
    assert (outcome["reason"], outcome["failure"]["exception"]) == ("FlowFailed", "KilledWorker")
    assert "fatal" in outcome["message"]


def test_an_image_without_distributed_says_so_in_all_its_pods(pods: Pods) -> None:
    pods.file("../none/distributed.py", "raise ModuleNotFoundError(\"No module named 'distributed'\")")
    told = {"PYTHONPATH": pods.folder / "none"}
    scheduler, (worker,) = pods.cluster(1, **told)
    runner = pods.runner({"script": "print('user code')"}, 1, **told)
    words = "The image cannot import distributed (No module named 'distributed'): install distributed 2023.1"
    for pod in (scheduler, worker):
        assert pod.wait(10) == 1
        assert words in (pods.folder / f"{pod.name}.message").read_text()
        assert words in pod.log()
    outcome = runner.outcome()
    assert (outcome["reason"], outcome["begun"]) == ("ContainerCannotRun", None)
    assert words in outcome["message"]
    assert "user code" not in runner.log()
    eventually(lambda: runner.popen.poll() == 1)
