"""The SDK on a real cluster: what a program submits, waits for, reads and stops."""

import asyncio
import importlib
import os
import subprocess
import sys
from pathlib import Path

import daskflow
import pytest
from daskflow.client.errors import Refused

from tests.e2e.flows import IMAGE, QUICK, WAITING, flow_run
from tests.kube import Kube

SECONDS = 90
FAILS = """
print("first line", flush=True)
raise LookupError("no such day")
"""
COUNTS = """
import time
for number in range(20):
    print("line", number, flush=True)
    time.sleep(0.1)
result = number
"""
ETL = """
from distributed import get_client
from parts import scaled
def flow(n):
    return sum(get_client().gather(get_client().map(scaled, range(n))))
"""


def test_a_result_in_one_line(kube: Kube) -> None:
    run = daskflow.submit(flow_run("one", QUICK), namespace=kube.namespace)
    assert run.result(SECONDS) == 45
    assert (run.phase, run.status.attempt, run.spec.image) == ("Succeeded", 1, IMAGE)
    assert daskflow.Run.get("one", namespace=kube.namespace).status == run.status


def test_an_entrypoint_of_the_image(kube: Kube) -> None:
    run = daskflow.submit(
        "squares/squares.py:flow", image=IMAGE, workers=1, parameters={"n": 10}, namespace=kube.namespace
    )
    assert run.name.startswith("squares-")
    assert run.result(SECONDS) == sum(number**2 for number in range(10))


async def test_a_function_of_a_module_brings_its_project(
    kube: Kube, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it is, and without pickling it: this Python is another one than the image's."""
    (tmp_path / "parts.py").write_text("def scaled(n):\n    return 3 * n\n")
    (tmp_path / "sdketl.py").write_text(ETL)
    monkeypatch.syspath_prepend(tmp_path)
    flow = importlib.import_module("sdketl").flow
    run = await daskflow.AsyncRun.submit(
        flow, image=IMAGE, workers=1, parameters={"n": 4}, namespace=kube.namespace
    )
    assert run.name.startswith("sdketl-")
    assert await run.result(SECONDS) == 18


def test_a_failure_and_its_retry(kube: Kube) -> None:
    run = daskflow.submit(flow_run("one", FAILS), namespace=kube.namespace)
    with pytest.raises(daskflow.FlowFailed) as caught:
        run.result(SECONDS)
    error = caught.value
    assert (error.exception, error.message, error.reason) == ("LookupError", "no such day", "FlowFailed")
    assert "raise LookupError" in error.traceback
    assert "first line" in [line.text for line in run.logs()]
    again = run.retry(spec={"flow": {"script": "result = 2"}})
    assert (again.name != run.name, again.result(SECONDS)) == (True, 2)
    assert {each.name for each in daskflow.Run.list(namespace=kube.namespace)} == {run.name, again.name}


async def test_logs_are_followed_to_the_end_while_states_are_watched(kube: Kube) -> None:
    run = await daskflow.AsyncRun.submit(flow_run("one", COUNTS), namespace=kube.namespace)

    async def phases() -> list[str | None]:
        return [status.phase async for status in run.watch()]

    watching = asyncio.create_task(phases())
    lines = [line.text async for line in run.logs(follow=True)]
    assert [line for line in lines if line.startswith("line")] == [f"line {number}" for number in range(20)]
    seen = await watching
    assert "Running" in seen
    assert seen[-1] == "Succeeded"


def test_cancel_suspend_and_resume(kube: Kube) -> None:
    run = daskflow.submit(flow_run("one", WAITING.format(seconds=120)), namespace=kube.namespace)
    next(line for line in run.logs(follow=True) if line.text == "begun")
    with pytest.raises(daskflow.NotFinished):
        run.result(0)
    run.suspend()
    assert next(status.phase for status in run.watch() if status.phase == "Suspended")
    run.resume()
    assert next(status.phase for status in run.watch() if status.phase == "Running")
    run.cancel()
    with pytest.raises(daskflow.Cancelled):
        run.result(SECONDS)
    run.delete()
    kube.wait("the run to go", lambda: not kube.get("FlowRun", "one"))


def test_what_the_api_server_refuses(kube: Kube) -> None:
    for spec, words in (
        ({"image": None}, "spec.image is missing; only with clusterRef"),
        ({"imag": "x"}, 'unknown field "spec.imag"'),
    ):
        with pytest.raises(Refused, match=words):
            daskflow.submit(flow_run("one", QUICK), spec=spec, namespace=kube.namespace)
    assert not kube.get("FlowRun", "one")
    dry = daskflow.submit(flow_run("one", QUICK), namespace=kube.namespace, dry_run=True)
    assert (dry.phase, kube.get("FlowRun", "one")) == ("Pending", None)


def test_who_may_not_is_told_which_verb_on_what(kube: Kube) -> None:
    nobody = daskflow.Connection(as_user="bob", as_groups=["system:authenticated"], namespace=kube.namespace)
    with pytest.raises(daskflow.DaskflowError, match=r"bob may not list flowruns\.daskflow\.dev in namesp"):
        daskflow.Run.list(connection=nobody)


def test_no_key_is_left_behind(kube: Kube, tmp_path: Path) -> None:
    program = "import daskflow; daskflow.Run.list(namespace='default')"
    subprocess.run([sys.executable, "-c", program], env={**os.environ, "TMPDIR": str(tmp_path)}, check=True)
    assert not list(tmp_path.iterdir())
