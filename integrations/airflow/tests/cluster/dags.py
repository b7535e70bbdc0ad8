"""DAGs of the tests on a cluster: flows that go on until somebody lets them end."""

from datetime import timedelta

from airflow.sdk import DAG
from airflow_provider_daskflow.operators import DaskflowRunOperator

IMAGE = "docker.io/local/daskflow-flows:dev"
HELD = """
import os, time

print("held until /tmp/go is there", flush=True)
while not os.path.exists("/tmp/go"):
    time.sleep(0.1)
result = {"pid": os.getpid()}
"""


def held(name: str, **more: object) -> None:
    """A DAG of one task, `etl`."""
    alone = {"cluster": {"workers": {"replicas": 0}}, "cancelGracePeriod": "1s"}
    with DAG(name, schedule=None):
        DaskflowRunOperator(
            task_id="etl", image=IMAGE, script=HELD, manifest=alone, poll_interval=0.5, **more
        )


held("deferred", deferrable=True)
held("short", deferrable=True, execution_timeout=timedelta(seconds=5))
held("direct", retries=1, retry_delay=timedelta(seconds=1))
