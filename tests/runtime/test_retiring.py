"""Workers retire by the word of real schedulers without a listener of ours: nothing is lost or run twice."""

import asyncio
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from daskflow.controller.schedulers.questions import dial
from daskflow.controller.schedulers.retiring import Retiring
from daskflow.plan.model import Question

from tests.ports import reserved_port
from tests.runtime import environments
from tests.runtime.conftest import PYTHON, answers, eventually

PYTHONS = [PYTHON, str(environments.python("oldest"))]
WORKERS = ("one", "two", "three")


@pytest.fixture(params=PYTHONS, ids=["usual", "oldest"])
def address(request: pytest.FixtureRequest) -> Iterator[str]:
    """Of a scheduler with three workers of one thread."""
    port, python = reserved_port(), request.param
    found = f"tcp://127.0.0.1:{port}"
    scheduler = [
        "-m",
        "distributed.cli.dask_scheduler",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--no-dashboard",
    ]
    worker = ["-m", "distributed.cli.dask_worker", found, "--nthreads", "1", "--no-dashboard"]
    with ExitStack() as stack:
        for arguments in (scheduler, *([*worker, "--name", name] for name in WORKERS)):
            process = subprocess.Popen([python, *arguments, "--no-dashboard"], stderr=subprocess.DEVNULL)
            stack.callback(process.wait)
            stack.callback(process.kill)
        eventually(lambda: answers(port))
        yield found


CLIENT = """
import os, sys, time
from distributed import Client, wait
client = Client(sys.argv[1])
client.wait_for_workers(3)
data = client.map(lambda x: bytes(1000), range(30), pure=False)
wait(data)
mark = lambda path: (open(path + "-begun", "a").close(), time.sleep(4), open(path, "a").write("x"))[2]
slow = client.submit(mark, sys.argv[2], workers=["one"])
while not os.path.exists(sys.argv[2] + "-begun"):
    time.sleep(0.05)
print("begun", flush=True)
sys.stdin.readline()
print(slow.result() + sum(map(len, client.gather(data))), flush=True)
"""


async def test_workers_hand_over_what_they_hold_and_finish_what_they_compute(
    address: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    python, marks = request.node.callspec.params["address"], tmp_path / "marks"
    client = await asyncio.create_subprocess_exec(
        *(python, "-c", CLIENT, address, str(marks)), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert client.stdout is not None
    assert await client.stdout.readline() == b"begun\n"
    connection, retiring = await dial(address, None, b""), Retiring()
    assert await connection.call("adaptive_target") >= 1
    assert sum((await connection.call("nbytes")).values()) >= 30_000
    # Schedulers before 2023.3.2 know no such call, and answer as one that is never idle.
    assert await connection.call("check_idle") is None
    now = asyncio.get_running_loop().time
    question = Question("uid", address, workers={"one": "", "two": ""}, surplus=2)
    gone = frozenset[str]()
    async with asyncio.timeout(60):
        while len(gone) < 2:
            gone |= await retiring.step(connection, question, now)
            assert marks.exists() or "one" not in gone, "it was told that it may go while it computed"
            await asyncio.sleep(0.2)
    held = await connection.call("has_what")
    (kept,) = [len(keys) for keys in held.values() if len(keys) >= 31]
    assert kept == 31, "one worker has all that there is"
    out, _ = await client.communicate(b"go on\n")
    assert out == b"30001\n"
    assert marks.read_text() == "x", "it ran twice"
    connection.close()
