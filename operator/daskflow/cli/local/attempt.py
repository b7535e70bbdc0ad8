"""One local run: the processes that are pods in Kubernetes, started, watched and taken down."""

import contextlib
import json
import secrets
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from daskflow.api.conditions import timestamp
from daskflow.api.flowrun_status import ClusterUse, FlowRunStatus
from daskflow.api.quantities import seconds
from daskflow.api.reasons import Reason
from daskflow.cli.local.display import Display
from daskflow.cli.local.environment import common, first_lease_seconds, on_cluster, runner, single_machine
from daskflow.cli.local.machine import Group, Machine
from daskflow.cli.local.manifest import Manifest
from daskflow.cli.local.outcome import Stopped, reported, status
from daskflow.cli.local.progress import Watch
from daskflow.cli.local.workers import Workers
from daskflow.runtime.local import descendants
from daskflow.runtime.local.processes import Processes
from daskflow.runtime.pack import pack

LOOK_SECONDS = 0.2
NEWS_SECONDS = 1.0
"""How much later than a worker's end the news may come that its flow had begun before."""
LOG_LINES = 15


@dataclass
class Attempt:
    """Everything that one run needs. `run` may be called once."""

    manifest: Manifest
    parameters: Mapping[str, Any]
    groups: Sequence[Group]
    machine: Machine
    folder: Path
    directory: Path
    python: str
    files: Path | None
    archive: Path | None
    scheduler: str | None
    """One of Dask's single-machine schedulers instead of a cluster."""
    threads: int
    """How many of them such a scheduler may use."""
    display: Display
    logs: bool = False
    """Whether the logs of scheduler and workers are shown, too."""
    signalled: int = 0
    """The signal that ended it, once there was one."""
    said: str = field(default="", init=False)
    """What the runner said of the run's end, which is on stderr already."""
    _stopped: Stopped | None = field(default=None, init=False)
    _ends: dict[str, float] = field(default_factory=dict, init=False)
    """When each process was first seen to have ended before the flow had begun."""

    def run(self) -> FlowRunStatus:
        """Start, wait, take down. Signals SIGINT and SIGTERM cancel the flow, a second one kills it."""
        started = time.monotonic()
        start_time = timestamp(datetime.now(timezone.utc))
        token = secrets.token_hex(16)
        others = descendants.keep_orphans()
        processes = self._processes(token)
        watch = Watch(processes.control, token, self.display.progress)
        try:
            workers = self._start_cluster(processes) if self.groups else None
            if workers:
                watch.start()
            self._start_runner(processes)
            with self._signals(processes.children["runner"]):
                self._wait(processes, watch, workers, started)
        finally:
            watch.stop()
            processes.stop()
            descendants.end(others)
        record, schedulers = (_record(Path(processes.message(name))) for name in ("runner", "scheduler"))
        self.said = str(record.get("message") or "")
        return status(
            record,
            started=start_time,
            ended=timestamp(datetime.now(timezone.utc)),
            stopped=self._stopped,
            cluster=self._use(processes, watch),
            progress=(watch.done, watch.total),
            report=reported(record, schedulers, timeline=self.manifest.spec.report.timeline),
        )

    def _processes(self, token: str) -> Processes:
        pyz = self.folder / "runtime.pyz"
        pyz.write_bytes(pack())
        (self.folder / "token").write_text(token)
        (self.folder / "dask.yaml").write_text(json.dumps(dict(self.manifest.spec.cluster.config)))
        environment = common(self.manifest.spec, self.folder, self.python, self.machine)
        for name, at in (("DASKFLOW_FILES", self.files), ("DASKFLOW_ARCHIVE", self.archive)):
            if at is not None:
                environment[name] = str(at)
        processes = Processes(
            str(pyz), str(self.folder), environment, python=self.python, directory=str(self.directory)
        )
        processes.streams = self._streams
        return processes

    def _streams(self, name: str) -> Mapping[str, Any]:
        if name == "runner":
            return self.display.streams
        return {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT} if self.logs else {}

    def _start_cluster(self, processes: Processes) -> Workers:
        cluster = self.manifest.spec.cluster
        dashboard = "1" if cluster.dashboard else ""
        processes.scheduler(list(cluster.scheduler.args), DASKFLOW_OWNED="1", DASKFLOW_DASHBOARD=dashboard)
        if dashboard:
            # As tunnels have it (`BROWSER_HOST`): code of flows shows what it likes there.
            at = f"http://localhost:{processes.dashboard_port}/status"
            self.display.say(f"the dashboard is at {at}, if {self.python} has bokeh")
        self.display.follow(processes.children["scheduler"].stdout, "scheduler")
        patience = first_lease_seconds(self.manifest.spec)
        workers = Workers(processes, self.groups, self.display, patience)
        workers.start()
        return workers

    def _start_runner(self, processes: Processes) -> None:
        environment = runner(self.manifest, self.parameters)
        if self.scheduler:
            environment |= single_machine(self.scheduler, self.threads)
        if self.groups:
            environment |= on_cluster(self.groups, processes.address, processes.control)
        processes.start("runner", ["runner"], environment)
        child = processes.children["runner"]
        self.display.follow(child.stdout)
        self.display.follow(child.stderr)

    def _wait(self, processes: Processes, watch: Watch, workers: Workers | None, started: float) -> None:
        runner = processes.children["runner"]
        deadlines = self.manifest.spec.deadlines
        bounds = [(deadlines.start, "start", True), (deadlines.active, "active", False)]
        while True:
            with contextlib.suppress(subprocess.TimeoutExpired):
                runner.wait(LOOK_SECONDS)
                return
            for bound, name, unless_begun in bounds:
                late = bound is not None and time.monotonic() - started > seconds(bound)
                begun = watch.begun or not self.groups
                if late and not (unless_begun and begun):
                    what = "the flow's first line" if unless_begun else "the flow's end"
                    message = f"spec.deadlines.{name} of {bound} passed before {what}."
                    self._stop(runner, ("Failed", Reason.DEADLINE_EXCEEDED, message))
            if not watch.begun:
                self._look_after(processes, runner)
            elif workers is not None and processes.children["scheduler"].poll() is None:
                workers.replace()

    def _look_after(self, processes: Processes, runner: "subprocess.Popen[bytes]") -> None:
        """Before the flow begins: what cannot start is not waited for."""
        now = time.monotonic()
        for name, child in processes.children.items():
            if child is runner or not child.poll():
                continue
            if self._stopped is None and now > self._ends.setdefault(name, now) + NEWS_SECONDS:
                last = _tail(Path(processes.log(name)))
                for line in last:
                    self.display.say(f"{name}: {line}")
                reason = Reason.SCHEDULER_LOST if name == "scheduler" else Reason.WORKERS_FAILING
                words = f": {last[-1]}" if last else ""
                message = f"The {name} ended with exit code {child.returncode} as it started{words}"
                self._stop(runner, ("Failed", reason, f"{message.rstrip('.')}."))

    def _stop(self, runner: "subprocess.Popen[bytes]", why: Stopped) -> None:
        if self._stopped is None:
            self._stopped = why
            runner.send_signal(signal.SIGTERM)

    @contextlib.contextmanager
    def _signals(self, runner: "subprocess.Popen[bytes]") -> Iterator[None]:
        def cancel(signum: int, _: object) -> None:
            if self.signalled:
                runner.send_signal(signal.SIGINT)
                return
            self.signalled = signum
            grace = self.manifest.spec.cancel_grace_period
            self.display.say(f"cancelling: the flow has {grace} to end; once more to kill it")
            name = signal.Signals(signum).name
            self._stop(runner, ("Cancelled", Reason.CANCELLED, f"Cancelled by {name}."))

        old = {signum: signal.signal(signum, cancel) for signum in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for signum, handler in old.items():
                signal.signal(signum, handler)

    def _use(self, processes: Processes, watch: Watch) -> ClusterUse | None:
        if not self.groups:
            return None
        count = sum(group.count for group in self.groups)
        return ClusterUse(
            name="local",
            address=processes.address,
            workers_ready=watch.workers,
            workers_desired=count,
            workers=f"{watch.workers}/{count}",
        )


def _record(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text()))
    except (OSError, ValueError):
        return {}


def _tail(path: Path) -> list[str]:
    return path.read_text(errors="replace").strip().splitlines()[-LOG_LINES:]
