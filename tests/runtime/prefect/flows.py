"""Modules of users with flows of Prefect 3, as text: tests write them into an image."""

ETL = """
import os, time, urllib.error, urllib.request
from prefect import flow, task
from prefect.task_runners import ThreadPoolTaskRunner

@task
def pid(n):
    return os.getpid()

@flow
def sub():
    return pid.submit(0).result()

@flow(task_runner=ThreadPoolTaskRunner(max_workers=2), log_prints=True)
def etl(n: int, day: str = "today"):
    print("on", day)
    url = os.environ["PREFECT_API_URL"] + "/flows/filter"
    try:
        urllib.request.urlopen(urllib.request.Request(url, b"{}", {"Content-Type": "application/json"}))
    except urllib.error.HTTPError as error:
        refused = error.code
    found = {future.result() for future in pid.map(range(n))}
    inner = sub()
    print("server", os.environ["PREFECT_API_URL"], os.environ["PREFECT_API_AUTH_STRING"], flush=True)
    while not os.path.exists("enough"):
        time.sleep(0.05)
    return {"workers": sorted(found), "sub": inner, "refused": refused, "day": day}
"""

FLOWS = """
import asyncio, os, time
from prefect import allow_failure, flow, task
from prefect.futures import wait
from prefect.states import Completed

@task
def good(n=1):
    return os.getpid()

@task
def bad(n=1):
    raise ValueError(f"no {n} today")

@task
def careless(error):
    return type(error).__name__

@flow
def failing(n: int = 1):
    good.submit().wait()
    return bad.submit(n).result()

@flow
def swallowing():
    wait([bad.submit(7), good.submit()])
    return "fine"

@flow
def forgetting():
    time.sleep(0.1)
    bad.submit(8)

@flow
def caring():
    seen = []
    try:
        bad.submit().result()
    except ValueError as error:
        seen.append(str(error))
    future = bad.submit()
    future.wait()
    seen.append(future.state.name)
    seen.append(bad.submit(return_state=True).name)
    seen.append(careless.submit(allow_failure(bad.submit())).result())
    try:
        bad.map([1, 2]).result()
    except ValueError:
        seen.append("map")
    try:
        swallowing()
    except Exception as error:
        seen.append(type(error).__name__)
    return seen

@flow
def overlooking():
    first = bad.submit(0)
    first.wait()
    for n in range(1, 6):
        try:
            bad.submit(n).result()
        except ValueError:
            continue

@flow
def deciding():
    bad.submit().wait()
    return Completed(message="happy")

@flow
def handling():
    try:
        [future.result() for future in bad.map([1, 2])]
    except ValueError:
        pass
    try:
        good.submit(bad.submit()).result()
    except Exception:
        return "handled"

@flow
async def asynchronous():
    await asyncio.sleep(0)
    return good.submit()

@flow
def sleepy():
    print("asleep", flush=True)
    time.sleep(60)

async def busy():
    while True:
        time.sleep(0.001)
        await asyncio.sleep(0)

@flow
async def nightly(side: bool = False):
    beside = asyncio.create_task(busy()) if side else None
    await asyncio.sleep(0.1)
    print("asleep", flush=True)
    try:
        await asyncio.sleep(60)
    finally:
        print("tidied up", flush=True)
"""

SCRIPT = """
import os
from prefect import flow, task

@task
def where():
    return os.getpid()

@flow
def main():
    return where.submit().result()

if __name__ == "__main__":
    result = main()
"""

DEPLOYED = """
import os
import time

from distributed import get_worker
from helper import double
from prefect import flow, task


@task
def work(n, seconds):
    time.sleep(seconds)
    return double(n), get_worker().name


@task
def broken():
    raise ValueError("part 2 is empty")


def hook(flow, flow_run, state):
    time.sleep(flow_run.parameters.get("linger") or 0)


@flow(log_prints=True, on_completion=[hook])
def etl(n: int = 1, seconds: float = 0.0, fail: bool = False, linger: float = 0.0):
    done = work.map(range(n), seconds).result()
    print("doubled", [each for each, _ in done], [name for _, name in done])
    if fail:
        broken()
"""
"""A flow of a deployment, with a module beside it."""

DEPLOY = """
import sys

from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate

with get_client(sync_client=True) as client:
    client.create_work_pool(WorkPoolCreate(name="pool", type="process"))
deployed = flow.from_source(source=sys.argv[1], entrypoint="etl.py:etl")
print(deployed.deploy("deployed", work_pool_name="pool", print_next_steps=False))
"""
"""Prints the deployment's id last."""
