"""The process that executes a step is killed or asked to end: its FlowRun goes on, or ends with it."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dagster import DagsterEventType, DagsterInstance, DagsterRunStatus

from integrations.kubectl import Namespace, Object, until

DEFINITIONS = Path(__file__).with_name("definitions.py")


@contextmanager
def executing(home: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`dagster job execute` of the job that takes a while, as a process of its own."""
    command = ["dagster", "job", "execute", "-f", str(DEFINITIONS), "-a", "defs", "-j", "slow_job"]
    with (home / "log").open("ab") as log:
        environment = {**os.environ, "DAGSTER_HOME": str(home)}
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment, start_new_session=True)
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def running(door: Namespace) -> Object:
    """The one FlowRun that is there, once its flow has begun."""

    def there() -> Object | None:
        living = [
            each for each in door.items("flowruns") if not (each.get("status") or {}).get("completionTime")
        ]
        return living[0] if living and (living[0].get("status") or {}).get("flowStartTime") else None

    return until("a flow to begin", there, 90, door.picture) or {}


def test_a_run_whose_process_was_killed_is_adopted_by_the_next(door: Namespace, tmp_path: Path) -> None:
    (tmp_path / "dagster.yaml").touch()
    with executing(tmp_path) as process:
        run = running(door)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    with DagsterInstance.from_config(str(tmp_path)) as instance:
        [lost] = instance.get_runs()
        assert lost.status == DagsterRunStatus.STARTED
        instance.report_run_failed(lost)  # as Dagster's monitoring of runs does
    retry = ["-c", RETRY, str(DEFINITIONS), lost.run_id]
    environment = {**os.environ, "DAGSTER_HOME": str(tmp_path)}
    done = subprocess.run(["python", *retry], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(door.items("flowruns")) == 1
    assert door.status(run["metadata"]["name"])["attempt"] == 1
    with DagsterInstance.from_config(str(tmp_path)) as instance:
        again = next(each for each in instance.get_runs() if each.run_id != lost.run_id)
        logs = instance.all_logs(again.run_id, of_type=DagsterEventType.ASSET_MATERIALIZATION)
        [event] = [each.dagster_event for each in logs]
        assert event is not None
        metadata = event.step_materialization_data.materialization.metadata
        assert metadata["waited"].value == 15
        assert metadata["daskflow_run"].value == f"{door.name}/{run['metadata']['name']}"


RETRY = """
import sys
from dagster import DagsterInstance, ReexecutionOptions, execute_job, reconstructable
from dagster._core.definitions.reconstruct import ReconstructableRepository
repository = ReconstructableRepository.for_file(sys.argv[1], "defs")
job = repository.get_reconstructable_job("slow_job")
with DagsterInstance.get() as instance:
    options = ReexecutionOptions.from_failure(sys.argv[2], instance)
    with execute_job(job, instance, reexecution_options=options) as done:
        sys.exit(not done.success)
"""


def test_an_interruption_cancels_the_run(door: Namespace, tmp_path: Path) -> None:
    (tmp_path / "dagster.yaml").touch()
    with executing(tmp_path) as process:
        run = running(door)
        os.killpg(process.pid, signal.SIGINT)
        process.wait(60)
    assert door.ended(run["metadata"]["name"])["phase"] == "Cancelled"
