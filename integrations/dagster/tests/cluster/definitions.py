"""Assets that run in the namespace of a test: what `dagster` is given by the tests beside this file."""

import os

from dagster import (
    AssetCheckSpec,
    AssetExecutionContext,
    Definitions,
    MaterializeResult,
    asset,
    define_asset_job,
)
from dagster_daskflow import PipesDaskflowClient

IMAGE = "docker.io/local/daskflow-flows:data"
"""It has dagster-pipes."""
FLOW = """
import os
import time
from pathlib import Path

from dagster_pipes import open_dagster_pipes
from distributed import get_client


def square(number):
    assert "DAGSTER_PIPES_CONTEXT" not in os.environ  # workers are told nothing
    return number * number


def sales(fail=0):
    with open_dagster_pipes() as pipes:
        attempt = int(os.environ["DASKFLOW_ATTEMPT"])
        pipes.log.info(f"attempt {attempt} for day {pipes.get_extra('day')}")
        client = get_client()
        total = sum(client.gather(client.map(square, range(10))))
        print("this is no message")
        pipes.report_asset_materialization(metadata={"total": total, "attempt": attempt, "long": "x" * 40000})
        pipes.report_asset_check("positive", passed=attempt > fail)
        if attempt <= fail:
            raise RuntimeError(f"attempt {attempt} fails as told")
    return {"total": total}


def slow(seconds):
    with open_dagster_pipes() as pipes:
        pipes.log.info("slow has begun")
        for _ in range(seconds * 10):
            time.sleep(0.1)
        pipes.report_asset_materialization(metadata={"waited": seconds})
"""


def spec(flow: str, **more: object) -> dict[str, object]:
    """The spec of a FlowRun of one of these."""
    files = {"configMapRef": {"name": "etl"}}
    return {
        "flow": {"entrypoint": f"etl.py:{flow}", "files": files, "parameters": more.pop("parameters", {})},
        **more,
    }


@asset(check_specs=[AssetCheckSpec("positive", asset="sales")])
def sales(context: AssetExecutionContext, daskflow: PipesDaskflowClient) -> MaterializeResult:
    return daskflow.run(context=context, spec=spec("sales"), extras={"day": 7}).get_materialize_result()


@asset(check_specs=[AssetCheckSpec("positive", asset="twice")])
def twice(context: AssetExecutionContext, daskflow: PipesDaskflowClient) -> MaterializeResult:
    retries = {"limit": 1, "backoff": {"initial": "1s"}}
    given = spec("sales", parameters={"fail": 1}, retries=retries)
    return daskflow.run(context=context, spec=given, extras={"day": 8}).get_materialize_result()


@asset
def wrong(context: AssetExecutionContext, daskflow: PipesDaskflowClient) -> MaterializeResult:
    given = spec("sales", parameters={"fail": 1, "unknown": 2})
    return daskflow.run(context=context, spec=given).get_materialize_result()


@asset
def slow(context: AssetExecutionContext, daskflow: PipesDaskflowClient) -> MaterializeResult:
    given = spec("slow", parameters={"seconds": 15})
    return daskflow.run(context=context, spec=given).get_materialize_result()


common = {"image": IMAGE, "cluster": {"workers": {"replicas": 1}}}
defs = Definitions(
    assets=[sales, twice, wrong, slow],
    jobs=[define_asset_job("slow_job", selection=["slow"])],
    resources={
        "daskflow": PipesDaskflowClient(
            namespace=os.environ["DOOR_NAMESPACE"], spec=common, poll_interval=0.5
        )
    },
)
