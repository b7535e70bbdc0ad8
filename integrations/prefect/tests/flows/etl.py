"""Flows of users, without a word of Dask."""

import os
import time

from helper import double
from prefect import flow, runtime, task
from prefect.flow_runs import pause_flow_run, suspend_flow_run


@task
def work(n: int, seconds: float) -> tuple[int, str]:
    time.sleep(seconds)
    return double(n), os.uname().nodename


@task
def broken() -> None:
    raise ValueError("part 2 is empty")


@flow(log_prints=True)
def etl(n: int = 2, seconds: float = 0.0, fail: bool = False, die: int = 0) -> int:
    done = work.map(range(n), seconds).result()
    print(
        "doubled",
        sum(each for each, _ in done),
        "on",
        *{where for _, where in done},
        "by",
        os.uname().nodename,
    )
    if die:
        os._exit(die)
    if fail:
        broken()
    return n


@flow(log_prints=True)
def suspended() -> None:
    print("before")
    suspend_flow_run(timeout=600, key="once")
    print("after")


@flow(log_prints=True)
def patient() -> None:
    """Waits in its process."""
    pause_flow_run(timeout=600, poll_interval=1)
    print("resumed")


@flow(retries=1, retry_delay_seconds=1, log_prints=True)
def native() -> None:
    """Fails once, and is retried by Prefect in the same process."""
    tried = runtime.flow_run.run_count
    print("try", tried)
    if tried == 1:
        raise RuntimeError("once")
