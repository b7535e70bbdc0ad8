"""The operator's own way to ask a scheduler, with real schedulers of the oldest and the usual Dask."""

import asyncio
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from daskflow.controller.schedulers.answers import ControlError
from daskflow.controller.schedulers.dask_rpc import SchedulerComm

from tests.ports import reserved_port
from tests.runtime import environments
from tests.runtime.conftest import PYTHON, answers, eventually

RESULTS = """
import sys, time
from distributed import Client
client = Client(sys.argv[1])
futures = client.map(lambda n: n, range(10), pure=False)
client.gather(futures)
print("held", flush=True)
sys.stdin.read()
"""


async def calls(port: int, *questions: tuple[str, dict[str, Any]]) -> list[Any]:
    comm = await SchedulerComm.dial("127.0.0.1", port)
    try:
        return [await comm.call(op, **arguments) for op, arguments in questions]
    finally:
        comm.close()


@pytest.fixture(params=["usual", "oldest"])
def held(request: pytest.FixtureRequest) -> Iterator[int]:
    """The port of a scheduler with two workers that hold results of a client who is there."""
    python = PYTHON if request.param == "usual" else environments.python("oldest")
    if python is None:
        pytest.skip("this machine has no Python 3.9")
    port = reserved_port()
    address = f"tcp://127.0.0.1:{port}"
    command = [python, "-m", "dask.__main__"]
    started = []

    def start(*args: str, **pipes: Any) -> "subprocess.Popen[str]":
        process = subprocess.Popen(args, stderr=subprocess.DEVNULL, text=True, **pipes)
        started.append(process)
        return process

    try:
        start(*command, "scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard")
        eventually(lambda: answers(port))
        for name in ("w-0", "w-1"):
            more = ("--no-nanny", "--nthreads", "1", "--memory-limit", "200MB", "--no-dashboard")
            start(*command, "worker", address, "--name", name, *more)
        eventually(lambda: len(identity(port)["workers"]) == 2)
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        client = start(str(python), "-c", RESULTS, address, **pipes)
        assert client.stdout is not None
        assert client.stdout.readline() == "held\n"
        yield port
    finally:
        for process in started:
            process.kill()
        for process in started:
            with suppress(subprocess.TimeoutExpired):
                process.wait(10)


def identity(port: int) -> dict[str, Any]:
    (answer,) = asyncio.run(calls(port, ("identity", {})))
    found: dict[str, Any] = answer
    return found


def test_a_scheduler_is_asked_in_its_own_protocol(held: int) -> None:
    target, close = asyncio.run(
        calls(held, ("adaptive_target", {}), ("workers_to_close", {"n": 1, "attribute": "name"}))
    )
    assert target == 1  # one is enough for what is held, and nobody computes
    assert close in (["w-0"], ["w-1"])
    retired = {"names": ["w-0"], "close_workers": False, "remove": False}
    asyncio.run(calls(held, ("retire_workers", retired)))
    said = {worker["name"]: worker["status"] for worker in identity(held)["workers"].values()}
    assert said == {"w-0": "closing_gracefully", "w-1": "running"}


def test_what_a_scheduler_cannot_do_is_said_in_its_words(held: int) -> None:
    with pytest.raises(ControlError, match="workers_to_close raised UnpicklingError"):
        asyncio.run(calls(held, ("workers_to_close", {"key": b"nonsense"})))
