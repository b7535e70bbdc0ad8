"""The oldest image that the runtime is made for: Python 3.9 with distributed 2023.1."""

from pathlib import Path

from daskflow.runtime import pack

import locks
from tests.runtime.conftest import Pods, environment

FLOWS = """
import os, sys
import dask
import distributed
from distributed import Client, LocalCluster, get_client
from helpers import double

def where():
    with Client() as client:
        return client.submit(os.getpid, pure=False).result()

def flow(n: int = 2):
    with LocalCluster(n_workers=4) as cluster, Client(cluster) as client:
        local = client.submit(os.getpid, pure=False).result()
    with Client(n_workers=2, processes=False) as client:
        return {
            "python": list(sys.version_info[:2]), "distributed": distributed.__version__, "local": local,
            "inner": get_client().submit(where).result(),
            "sum": sum(get_client().gather(get_client().map(double, range(n)))),
            "compute": dask.compute(dask.delayed(os.getpid)())[0],
        }

def failing():
    return get_client().submit(divide, 1).result()

def divide(n):
    return n / 0

async def elsewhere():
    async with Client("localhost:1", asynchronous=True):
        pass
"""


def test_flows_run_in_the_oldest_image(pods: Pods) -> None:
    pods.image("oldest")
    pods.file("flows.py", FLOWS)
    pods.file("helpers.py", "def double(n):\n    return 2 * n\n")
    pods.scheduler(DASKFLOW_OWNED="0")
    worker = pods.worker(DASKFLOW_THREADS=2)
    outcome = pods.runner({"entrypoint": "flows.py:flow", "parameters": {"n": 3}}, 1).outcome()
    pid = worker.popen.pid
    assert outcome["result"] == {
        "python": [3, 9],
        "distributed": locks.pins("flows/oldest")["distributed"][0],
        "local": pid,
        "inner": pid,
        "sum": 6,
        "compute": pid,
    }, pods.pods[-1].log()
    failed = pods.runner({"entrypoint": "flows:failing"}, 1, "failing").outcome()
    assert failed["failure"]["exception"] == "ZeroDivisionError"
    assert "in divide" in failed["failure"]["traceback"]
    lost = pods.runner({"entrypoint": "flows:elsewhere"}, 1, "lost").outcome()
    assert "Client('localhost:1') names a scheduler that does not answer" in lost["message"]


def test_all_of_the_runtime_can_be_read_by_the_oldest_python(tmp_path: Path, pods: Pods) -> None:
    pods.python = environment("oldest")
    script = "import ast, glob, os\n"
    script += f"names = glob.glob({str(Path(pack.__file__).parent / '**/*.py')!r}, recursive=True)\n"
    script += (
        "result = len([ast.parse(open(name, encoding='utf-8').read()) for name in names]) == len(names) > 40"
    )
    assert pods.alone({"script": script})["result"] is True
