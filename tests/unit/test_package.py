"""What the wheel of `daskflow` brings along is enough for the command and the SDK, under Python 3.10, too.

tests/release has the other Pythons.
"""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import uv

import locks
from release.packages import packages
from tests.runtime.environments.pythons import find
from tests.unit.client.api_in_memory import kubeconfig

EVERYTHING = """
import importlib, pkgutil, sys
def walk(name):
    package = importlib.import_module(name)
    for module in pkgutil.iter_modules(getattr(package, "__path__", [])):
        below = f"{name}.{module.name}"
        if module.name != "__main__" and below != "daskflow.cli.ui":  # which has an extra of its own
            walk(below)
for room in ("api", "client", "manifests", "cli"):
    walk(f"daskflow.{room}")
import daskflow
assert all(getattr(daskflow, name) for name in daskflow.__all__)
assert daskflow.__file__.startswith(sys.prefix), daskflow.__file__
from importlib.util import find_spec
for name in ("kopf", "kubernetes", "prometheus_client", "msgspec", "distributed"):
    assert not find_spec(name), name
from typer.testing import CliRunner
from daskflow.cli.main import COMMANDS, app
def helped(*words):
    said = CliRunner().invoke(app, [*words, "--help"])
    assert (said.exit_code, "Usage: " in said.output) == (0, True), (words, said.output, said.exception)
for name, place in COMMANDS.items():
    helped(name)
    for below in getattr(place.load(name), "commands", ()):
        helped(name, below)
from daskflow.api.flowrun_status import status_of
assert status_of({"status": {"phase": "Running", "startTime": "2026-01-01T00:00:00Z"}}).phase == "Running"
"""


KR8S = "ignore:'asyncio.iscoroutinefunction':DeprecationWarning"
"""Which kr8s calls, and Python 3.14 complains of."""
USER = """
from typing_extensions import assert_type

import daskflow
from daskflow import models

def flow(n: int) -> int:
    return n

async def main() -> None:
    run = await daskflow.AsyncRun.submit(flow, image="i", workers=2, parameters={"n": 1})
    assert_type(await run.wait(timeout=3), models.FlowRunStatus)
    async for status in run.watch():
        assert_type(status, models.FlowRunStatus)
    assert_type(await daskflow.AsyncRun.list(), list[daskflow.AsyncRun])

spec = models.FlowRunSpec(image="i", flow=models.Flow(entrypoint="a:b"), retries=models.Retries(limit=1))
written = daskflow.FlowRun(metadata=models.Metadata(name="a"), spec=spec)
run = daskflow.submit(written, namespace="n", code=False)
assert_type(run, daskflow.Run)
phase: str | None = run.wait(3).phase
assert_type([line.text for line in run.logs(follow=True)], list[str])
try:
    run.result()
except daskflow.FlowFailed as error:
    assert_type(error.traceback, str)
models.Workers(replcas=2)  # type: ignore[call-arg]
daskflow.submit(3)  # type: ignore[arg-type]
daskflow.submit(flow, imag="i")  # type: ignore[call-arg]
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made of an sdist, offline, by the locked setuptools, as a release has it; both checked by twine."""
    return next(each for each in packages(tmp_path_factory.mktemp("dist")) if each.suffix == ".whl")


def test_the_wheel_has_all_of_the_page(wheel: Path) -> None:
    sources = locks.PROJECT.parent / "operator"
    wanted = [
        path
        for folder in ("static", "templates")
        for path in (sources / "daskflow" / "cli" / "ui" / folder).rglob("*.*")
    ]
    names = zipfile.ZipFile(wheel).namelist()
    assert wanted
    assert not {str(path.relative_to(sources)) for path in wanted} - set(names)


def test_the_wheel_is_typed_and_has_no_tests(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "daskflow/py.typed" in names
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"daskflow"}


@pytest.mark.parametrize("version", ["3.10", f"{sys.version_info[0]}.{sys.version_info[1]}"])
def test_it_brings_all_that_command_and_sdk_import(wheel: Path, tmp_path: Path, version: str) -> None:
    imported(wheel, tmp_path, version)


def imported(wheel: Path, folder: Path, version: str) -> None:
    """Install it into an environment of its own, import all there, and ask each command for its help."""
    python = find(version)
    if python is None:
        pytest.skip(f"there is no Python {version} here")
    there, made = installed(wheel, folder, python)
    warnings = ["-W", "error", "-W", KR8S]
    subprocess.run([made / "python", *warnings, "-c", EVERYTHING], env=there, check=True, cwd=folder)
    helped = subprocess.run(
        [made / "daskflow", "--help"], env=there, capture_output=True, text=True, check=True, cwd=folder
    )
    assert "Usage: daskflow" in helped.stdout
    config = kubeconfig(folder / "config", "http://127.0.0.1:9")
    page = subprocess.run(
        [made / "daskflow", "ui", "--kubeconfig", config],
        env=there,
        capture_output=True,
        text=True,
        cwd=folder,
        check=False,
    )
    assert (page.returncode, "pip install 'daskflow[ui]'" in page.stderr) == (2, True)


def test_a_users_program_is_checked_by_its_types_alone(wheel: Path, tmp_path: Path) -> None:
    """What is wrong in it is found: mypy complains of an `ignore` that ignores nothing."""
    there, made = installed(wheel, tmp_path, sys.executable)
    (tmp_path / "user.py").write_text(USER)
    # Not with this environment's plugin of pydantic's, which is not everybody's.
    command = [sys.executable, "-m", "mypy", "--strict", "--python-executable"]
    said = subprocess.run(
        [*command, str(made / "python"), "user.py"],
        env=there,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stdout


def installed(wheel: Path, folder: Path, python: str) -> tuple[dict[str, str], Path]:
    """An environment with the wheel and what it depends on: its variables, and its programs."""
    there = {**os.environ, "VIRTUAL_ENV": str(folder / "there")}
    there.pop("PYTHONPATH", None)
    run_uv(there, "venv --quiet --python", python, str(folder / "there"))
    run_uv(there, "pip install --quiet --require-hashes --only-binary :all: -r", str(locks.lock("client")))
    run_uv(there, "pip install --quiet --no-deps", str(wheel))
    return there, folder / "there" / "bin"


def run_uv(environment: dict[str, str], command: str, *arguments: str) -> None:
    """uv in an environment; raises CalledProcessError."""
    subprocess.run([uv.find_uv_bin(), *command.split(), *arguments], env=environment, check=True)
