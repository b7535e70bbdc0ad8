"""Functions that a program sent, of every kind that it may have, run by the packed runtime in real processes.

What they are is pickled by the interpreter that plays the image: another Python is refused.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import daskflow
import pytest

from tests.runtime.conftest import PYTHON, Pod, Pods
from tests.runtime.prefect.database import database
from tests.runtime.test_unpack import mounted

PROGRAM = """
import sys
from dataclasses import dataclass

import dask
from distributed import get_client

FACTOR = 3

@dataclass
class Part:
    size: int

def scaled(part):
    return FACTOR * part.size

def flow(n):
    return sum(get_client().gather(get_client().map(scaled, [Part(i) for i in range(n)])))

async def asynchronous(n):
    return n

def generator(n):
    yield from get_client().map(scaled, [Part(n)])

class Flow:
    def run(self, n):
        return flow(n)

def wrong(n):
    part = Part(n)
    raise ValueError(f"no part {part.size} today")

KINDS = {
    "function": flow,
    "coroutine": asynchronous,
    "generator": generator,
    "method": Flow().run,
    "delayed": dask.delayed(scaled)(Part(6)),
    "delayed function": dask.delayed(lambda n: scaled(Part(n))),
    "wrong": wrong,
}
"""
SENDS = """
from daskflow.client.code.functions import sent
made = sent(KINDS[sys.argv[1]], None)
open(sys.argv[2], "wb").write(made.archive.data)
print(made.entrypoint)
"""
PREFECT = """
import sys
from prefect import flow, task

@task
def scaled(part):
    return 3 * part

@flow
def etl(n: int = 1):
    return sum(scaled.map(list(range(n))).result())

KINDS = {"prefect": etl}
"""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory, pyz: bytes, certificates: Path) -> Iterator[Pods]:
    """A standing one, with nothing of what is sent."""
    pods = Pods(tmp_path_factory.mktemp("sent"), pyz, certificates)
    pods.cluster(1, DASKFLOW_OWNED="0")
    yield pods
    pods.end()


@pytest.mark.parametrize(
    ("kind", "what", "parameters", "result"),
    [
        ("function", "function", {"n": 4}, 18),
        ("coroutine", "coroutine function", {"n": 4}, 4),
        ("generator", "generator function", {"n": 4}, [12]),
        ("method", "function", {"n": 4}, 18),
        ("delayed", "Dask Delayed", {}, 18),
        ("delayed function", "delayed function", {"n": 4}, 12),
    ],
)
def test_a_flow_of_any_kind_is_run(
    cluster: Pods, tmp_path: Path, kind: str, what: str, parameters: Any, result: Any
) -> None:
    runner = _run(cluster, tmp_path, kind, parameters)
    outcome = runner.outcome()
    assert outcome.get("result") == result, runner.log()
    assert f"is a {what};" in runner.log()


def test_its_failure_has_the_line_of_the_program(cluster: Pods, tmp_path: Path) -> None:
    outcome = _run(cluster, tmp_path, "wrong", {"n": 4}).outcome()
    line = PROGRAM.split("\n").index('    raise ValueError(f"no part {part.size} today")') + 1
    assert outcome["message"] == f"ValueError: no part 4 today (etl.py, line {line}, in wrong)"


def test_a_flow_of_prefect_is_one(tmp_path: Path, pyz: bytes, certificates: Path) -> None:
    pods = Pods(tmp_path, pyz, certificates).image("prefect3")
    entrypoint, archive = send(tmp_path, "prefect", PREFECT, pods.python)
    told = {**mounted(pods, archive), "DASKFLOW_ENTRYPOINT": entrypoint}
    pods.cluster(1, **told)
    more = {
        "DASKFLOW_POD_IP": "127.0.0.1",
        "DASKFLOW_PREFECT_PORT": 0,
        "DASKFLOW_PREFECT_DATABASE": database(),
    }
    flow = {"entrypoint": entrypoint, "parameters": {"n": 3}}
    runner = pods.runner(flow, 1, **told, **more)
    runner.wait(120)
    assert runner.message().get("result") == 9, runner.log()
    assert "is a Prefect flow (3." in runner.log()
    pods.end()


def test_another_python_says_what_to_do(pods: Pods, tmp_path: Path) -> None:
    pods.image("oldest")
    entrypoint, archive = send(tmp_path, "function", python=sys.executable)
    outcome = pods.runner(
        {"entrypoint": entrypoint, "parameters": {"n": 4}}, None, **mounted(pods, archive)
    ).outcome()
    here = ".".join(map(str, sys.version_info[:2]))
    assert outcome["reason"] == "EntrypointInvalid"
    assert (
        f"was sent by Python {here}, and the image has 3.9: use an image with Python {here}"
        in outcome["message"]
    )


def _run(cluster: Pods, tmp_path: Path, kind: str, parameters: dict[str, Any]) -> Pod:
    entrypoint, (archive,) = send(tmp_path, kind)
    (tmp_path / "archive").mkdir()
    (tmp_path / "archive" / "part-000").write_bytes(archive)
    told = {"DASKFLOW_ARCHIVE": tmp_path / "archive", "DASKFLOW_PRIVATE": tmp_path}
    flow = {"entrypoint": entrypoint, "parameters": parameters}
    return cluster.runner(flow, 1, f"runner-{len(cluster.pods)}", **told)


def send(tmp_path: Path, kind: str, program: str = PROGRAM, python: str = PYTHON) -> tuple[str, list[bytes]]:
    """Entrypoint and archive of what a program sends that this Python runs."""
    (tmp_path / "home").mkdir()
    file = tmp_path / "home" / "etl.py"
    file.write_text(program + SENDS)
    environment = {**os.environ, "PYTHONPATH": str(Path(daskflow.__file__).parents[1])}
    command = [python, file.name, kind, str(tmp_path / "sent")]
    done = subprocess.run(
        command, env=environment, cwd=file.parent, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip(), [(tmp_path / "sent").read_bytes()]
