"""What flows of Prefect 3 return and yield, and task runners that name a cluster of their own."""

import pytest

from tests.runtime import environments
from tests.runtime.conftest import Pods

FLOWS = """
import os
from prefect import flow, task
from prefect_dask import DaskTaskRunner

RUNNER = DaskTaskRunner(
    cluster_class="dask_kubernetes.operator.KubeCluster",
    cluster_kwargs={"image": "etl:1"},
    adapt_kwargs={"minimum": 1, "maximum": 4},
)

@task
def double(n):
    if n > 100:
        raise KeyError("too many")
    return 2 * n

@flow(task_runner=RUNNER)
def own():
    return [double.submit(3), {"deep": [double.submit(4)]}]

@flow(task_runner=DaskTaskRunner(cluster_class="distributed.LocalCluster", adapt_kwargs={"maximum": 4}))
def deep():
    return {"parts": [double.submit(101)]}

@flow
def steps(n: int = 3):
    for i in range(n):
        print("step", i, flush=True)
        yield double.submit(i)

@flow
async def later(n: int = 3):
    for i in range(n):
        print("step", i, flush=True)
        yield {"n": double.submit(i)}

@flow
def broken():
    yield 1
    yield double.submit(101)
"""


@pytest.mark.parametrize(
    ("flow", "result", "failure"),
    [
        ("own", [6, {"deep": [8]}], ""),
        ("deep", None, "KeyError: 'too many'"),
        ("steps", [0, 2, 4], ""),
        ("later", [{"n": 0}, {"n": 2}, {"n": 4}], ""),
        ("broken", None, "KeyError: 'too many'"),
    ],
)
def test_flows(pods: Pods, flow: str, result: object, failure: str) -> None:
    pods.image("prefect3")
    pods.file("etl.py", FLOWS)
    database = environments.folder("prefect3") / "prefect.db"
    told = {"DASKFLOW_PREFECT_DATABASE": database, "DASKFLOW_LEASE_SECONDS": 20}
    pods.cluster(1, DASKFLOW_THREADS=2, DASKFLOW_LEASE_SECONDS=20)
    runner = pods.runner({"entrypoint": f"etl:{flow}"}, 1, **told)
    runner.wait(120)
    outcome, log = runner.message(), runner.log()
    assert outcome["result"] == result, log
    assert outcome["outcome"] == ("Failed" if failure else "Succeeded")
    assert failure in outcome["message"]
    if flow in ("steps", "later"):
        assert log.count("step ") == 3
    assert log.count("of DaskTaskRunner: of no effect, the run's cluster is used") == 1
