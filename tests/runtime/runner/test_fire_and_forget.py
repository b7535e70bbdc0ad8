"""A flow is over when its tasks of fire_and_forget are."""

import signal

import pytest

from tests.runtime.conftest import Pods, eventually

FLOW = """
import os, sys, time
from dask.distributed import Client, fire_and_forget, get_client

def write(name, seconds):
    time.sleep(seconds)
    open(name, "w").close()

def inner():
    fire_and_forget(get_client().submit(write, "inner", 1))

def flow():
    fire_and_forget(get_client().map(write, ["a", "b", "c"], [1.5] * 3))

def closed():
    with Client() as client:
        fire_and_forget(client.submit(write, "closed", 1))
    sys.exit()

def nested():
    get_client().submit(inner).result()

def busy():
    fire_and_forget(get_client().submit(write, "busy", 16))
    time.sleep(0.5)
    async def hold(): time.sleep(12)
    get_client().run_on_scheduler(hold, wait=False)

def failing():
    fire_and_forget(get_client().submit(write, "failing", 60))
    time.sleep(0.5)
    raise ValueError("no")
"""


@pytest.mark.parametrize("image", ["newest", "oldest"])
@pytest.mark.parametrize(("flow", "files"), [("flow", "abc"), ("closed", ["closed"]), ("nested", ["inner"])])
def test_it_waits_for_them(pods: Pods, image: str, flow: str, files: list[str]) -> None:
    if image == "oldest":
        pods.image("oldest")
    pods.file("etl.py", FLOW)
    pods.cluster(1, DASKFLOW_THREADS=3)
    runner = pods.runner({"entrypoint": f"etl:{flow}"}, 1)
    assert runner.outcome()["outcome"] == "Succeeded"
    assert all((pods.folder / "work" / name).exists() for name in files), runner.log()
    tasks = "1 task" if len(files) == 1 else "3 tasks"
    assert f"the flow has returned, and waits for {tasks} of fire_and_forget" in runner.log()


def test_tasks_of_others_on_a_shared_cluster_are_not_waited_for(pods: Pods) -> None:
    pods.file("etl.py", FLOW)
    pods.cluster(1, DASKFLOW_THREADS=4, DASKFLOW_OWNED="")
    failed = pods.runner({"entrypoint": "etl:failing"}, 1)
    assert failed.outcome()["reason"] == "FlowFailed"
    assert "the flow has failed, and 1 task of fire_and_forget may be dropped" in failed.log()
    runner = pods.runner({"entrypoint": "etl:flow"}, 1, "second")
    assert runner.outcome()["outcome"] == "Succeeded"
    assert (pods.folder / "work" / "c").exists()
    assert "waits for 3 tasks of fire_and_forget" in runner.log()


def test_a_scheduler_that_is_busy_meanwhile_is_waited_for(pods: Pods) -> None:
    pods.file("etl.py", FLOW)
    pods.cluster(1, DASKFLOW_LEASE_SECONDS=60)
    runner = pods.runner({"entrypoint": "etl:busy"}, 1, DASKFLOW_LEASE_SECONDS=60)
    runner.wait(60)
    assert (runner.message()["outcome"], (pods.folder / "work" / "busy").exists()) == ("Succeeded", True), (
        runner.log()
    )


def test_a_commands_run_waits_for_them_too(pods: Pods) -> None:
    pods.file("etl.py", FLOW)
    pods.cluster(1, DASKFLOW_THREADS=3)
    code = "from distributed import Client; import etl\nwith Client() as client:\n    etl.flow()"
    runner = pods.runner({"command": [pods.python, "-c", code]}, 1)
    assert runner.outcome()["outcome"] == "Succeeded"
    assert all((pods.folder / "work" / name).exists() for name in "abc"), runner.log()
    assert "waits for tasks of fire_and_forget: 3" in runner.log()


def test_a_command_that_is_told_to_end_meanwhile_has_not_succeeded(pods: Pods) -> None:
    pods.file("etl.py", FLOW)
    pods.cluster(1)
    code = "from distributed import Client; import etl\nwith Client() as client:\n"
    code += "    etl.fire_and_forget(client.submit(etl.time.sleep, 60))"
    runner = pods.runner({"command": [pods.python, "-c", code]}, 1)
    eventually(lambda: "waits for tasks of fire_and_forget: 1" in runner.log())
    runner.signal(signal.SIGTERM)
    outcome = runner.outcome()
    assert (outcome["outcome"], outcome["reason"]) == ("Failed", "Terminated")
