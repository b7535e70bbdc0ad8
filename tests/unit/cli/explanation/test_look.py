"""What is looked at around a run, and no more of it than is told."""

from pathlib import Path

from daskflow.cli.explanation.look import LOG_LINES, around_run
from daskflow.client.connection import Connection
from daskflow.client.run import AsyncRun

from tests.unit.cli.api_of_objects import Objects, serving
from tests.unit.cli.explanation.around import META, waiting


async def test_only_the_last_lines_of_a_long_log_are_asked_for(tmp_path: Path) -> None:
    run = {"kind": "FlowRun", "metadata": {**META, "namespace": "team"}, "status": {"attempt": 1}}
    runner = {**waiting("etl-1-runner", "ErrImagePull", "not found"), "kind": "Pod"}
    runner["metadata"]["labels"]["daskflow.dev/attempt"] = "1"
    log = "".join(f"2026-01-01T12:00:{n // 1000:02}.{n % 1000:03}Z line {n}\n" for n in range(5000))
    objects = Objects(run, runner, logs={"etl-1-runner": log})
    with serving(objects, tmp_path) as kubeconfig:
        connection = Connection(kubeconfig=kubeconfig)
        found = await around_run(await AsyncRun.get("etl", connection=connection))
    assert found.log == [f"line {n}" for n in range(5000 - LOG_LINES, 5000)]
    assert objects.lines == LOG_LINES
