"""The runner pod's process 1: starts the flow when the scheduler says so, and tells what came of it.

It imports little and never runs user code, so it stays alive when the flow hangs, crashes or holds the GIL.
One loop waits for three things: signals, the flow's process, the lease keeper's thread.
"""

from __future__ import annotations

import collections
import json
import os
import select
import signal
import sys
import time
from typing import TYPE_CHECKING, Any

from .. import ready, record
from ..prefect.first_look import first_look
from ..settings import document, number, say, text
from .flow_process import FlowProcess

if TYPE_CHECKING:
    from .control_client import ControlClient
    from .hand_over import HandOver
    from .lease_keeper import LeaseKeeper

LINGER_SECONDS = 1.0
"""The scheduler gets the outcome when the flow's process has gone, but no later than this after it came."""


class Supervisor:
    """One run of one flow."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self._wake, self._waker = os.pipe()
        os.set_blocking(self._waker, False)
        os.set_blocking(self._wake, False)
        self._told: collections.deque[tuple[str, str]] = collections.deque()
        signal.set_wakeup_fd(self._waker, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for signum, word in ((signal.SIGTERM, "Terminated"), (signal.SIGINT, "Hurry")):
            told = (word, "The run was terminated.")
            signal.signal(signum, lambda *_, told=told: self._told.append(told))
        prefect = first_look(spec)
        self.process = FlowProcess(spec)
        if prefect:
            from ..prefect.server import Server

            self._prefect = Server(*prefect)
        if text("PARENT"):
            from ..local.processes import follow

            follow(lambda: os.kill(os.getpid(), signal.SIGTERM))
        self._begun: str | None = None
        self._stop: tuple[str, str] | None = None
        self._asked = self._told_early = self._handed_over = False
        self._deadline = float("inf")
        self._handover_at = float("inf")
        self._control: ControlClient | None = None
        self._hand_over: HandOver | None = None
        self._keeper: LeaseKeeper | None = None
        if text("CONTROL"):
            from .control_client import ControlClient  # the flow's process is importing Dask by now
            from .hand_over import HandOver
            from .keepers import lease_keeper

            runner = text("POD_UID", "runner")
            self._control = ControlClient(text("CONTROL"), runner)
            self._hand_over = HandOver(self._control)
            workers = json.loads(text("WORKERS", "{}"))
            self._keeper = lease_keeper(ControlClient(text("CONTROL"), runner), workers, self._tell)
            self._keeper.start()
        elif os.environ.get("DASK_SCHEDULER_ADDRESS", "").startswith(("tcp://", "tls://")):
            from .external_scheduler import SchedulerProbe

            SchedulerProbe(self._tell).start()
        else:
            self._tell("begun", record.now())

    def _tell(self, word: str, sentence: str) -> None:
        """Called by the thread of the lease keeper, or of the scheduler probe."""
        self._told.append((word, sentence))
        os.write(self._waker, b"\0")

    def run(self) -> int:
        """Until the flow's process is gone and its outcome handed over and written: the exit code."""
        while not self.process.gone:
            bounds = (self._deadline, self._handover_at)
            wait = max(min(bounds) - time.monotonic(), 0) if min(bounds) < float("inf") else None
            pipes = [fd for fd in (self._wake, self.process.pipe) if fd >= 0]
            select.select(pipes, [], [], wait)
            self._drain()
            self.process.read()
            if self._keeper is not None:
                self._keeper.park(self.process.parked)
            self._hear()
            self.process.reap()
            self.process.read()
            self._bound(time.monotonic())
            self._tell_early()
        final = self._final()
        if final["outcome"] == "Succeeded" and self.process.outcome is None:
            self._await_forgotten()
            self._hear()
            final = self._final()
        if not self._handed_over:
            self._tell_scheduler(final)
        if self._hand_over and self._hand_over.answered is False and final["reason"] == "FlowFailed":
            final.update(reason="SchedulerLost", message="The scheduler was lost. " + str(final["message"]))
        self._write(final)
        say(f"{final['outcome']}: {final['message']}")
        if final.get("resultNote"):
            say(str(final["resultNote"]))
        if final["outcome"] == "Succeeded":
            return 0
        return int(final.get("exitCode") or 1)

    def _tell_early(self) -> None:
        """A record for whoever finds this pod lost; the cluster stays for what the processes still do."""
        if self.process.early and not self._told_early:
            self._told_early = True
            final = self._final()
            self._write(final)
            if self._hand_over is not None:
                self._hand_over.early(final)

    def _await_forgotten(self) -> None:
        """Tasks of fire_and_forget belong to a command as well; on a shared cluster they go on without it."""
        from .control_client import Refused, Unreachable

        said = False
        while self._control is not None and not self._told:
            try:
                left = int(self._control.watch(-1, 0).get("forgotten") or 0)
            except (Refused, Unreachable):
                return
            if not left:
                return
            if not said:
                say(f"the command has ended, and its run waits for tasks of fire_and_forget: {left}")
                said = True
            select.select([self._wake], [], [], 0.5)
            self._drain()

    def _drain(self) -> None:
        try:
            while os.read(self._wake, 4096):
                continue
        except BlockingIOError:
            return

    def _hear(self) -> None:
        """Act on what the lease keeper and the signal handlers said."""
        while self._told:
            word, sentence = self._told.popleft()
            if word == "connect":
                self.process.say(b"c")
            elif word == "park":
                self.process.say(b"p")
            elif word == "claimed":
                if self._stop is None and not self.process.gone:
                    self.process.claimed(document("FLOW"))
            elif word == "begun":
                if self._stop is None and not self.process.gone:
                    self._begun = sentence
                    ready.serve_in_thread()
                    self.process.say(b"g")
            elif word == "Hurry" and self._stop is not None:  # a person has waited long enough
                self._deadline = time.monotonic()
            elif self._stop is None:
                self._stop = (word if word != "Hurry" else "Terminated", sentence)
                if self._begun is None:  # no user code runs yet
                    self.process.kill(signal.SIGKILL)
                elif self.process.outcome is None and not self.process.gone:
                    self._asked = True
                    self.process.kill(signal.SIGTERM)
                    self._deadline = time.monotonic() + number("GRACE_SECONDS", 30)

    def _bound(self, now: float) -> None:
        """Kill what outstays its time, hand over an outcome whose process lingers."""
        reported = self.process.outcome
        if reported is not None and self._handover_at == float("inf") and not self._handed_over:
            self._write(self._final())
            self._handover_at = now + LINGER_SECONDS
            self._deadline = min(self._deadline, now + number("END_SECONDS", 10))
        if now >= self._handover_at and not self.process.gone:
            self._handover_at = float("inf")
            self._tell_scheduler(self._final())
        if now >= self._deadline:
            self._deadline = float("inf")
            say("the flow's process is killed: it has not ended in time")
            self.process.kill(signal.SIGKILL)

    def _final(self) -> dict[str, Any]:
        """The whole record. What the flow said wins, but for the reason of a failure that came after we had
        told it to end; then why it was stopped; then how its process ended."""
        from . import outcome_record

        said = self.process.outcome or self.process.early
        if said is None and self._stop is not None:
            said = outcome_record.failed(*self._stop)
            if self._begun is None and self._keeper is not None and self._stop[0] == "Terminated":
                said["message"] = f"Terminated before the flow began: {self._keeper.progress()}."
        elif said is None:
            said = self.process.verdict()
            if text("STANDBY") and self._begun is None:
                what = f"The process that waited for a run has ended: {said['message']}"
                said = outcome_record.failed("RunnerLost", what)
        elif said["reason"] in ("FlowFailed", "Terminated") and said is not self.process.early:
            said = self._reasoned(said)
        record_ = {"v": 1, "role": "runner", "begun": self._begun, "ended": record.now()}
        empty = {"exitCode": None, "result": None, "failure": None}
        return {**record_, **empty, **said}

    def _reasoned(self, said: dict[str, Any]) -> dict[str, Any]:
        """A failure of the flow, with our reason if we had one to end it."""
        reason, why = self._stop or ("", "")
        if not self._asked and reason != "SchedulerLost":  # of which the flow may know before we do
            sent = "The flow's process was sent SIGTERM, by itself or another process."
            return said if said["reason"] == "FlowFailed" else dict(said, reason="FlowKilled", message=sent)
        if reason == "Terminated":
            if said["reason"] == "Terminated":
                return said
            why = f"The flow was told to end, and ended with {said['message']}"
        return dict(said, reason=reason, message=why)

    def _tell_scheduler(self, final: dict[str, Any]) -> None:
        """Give the outcome to the scheduler, on which the cluster goes down."""
        if self._hand_over is None or final["reason"] in ("RunnerSuperseded", "SchedulerUnreachable"):
            return
        self._handed_over = True
        self._write(final)  # handing over may take long, and this pod may not be given the time
        self._hand_over.now(final, self._stop[0] if self._stop else "")

    def _write(self, final: dict[str, Any]) -> None:
        """What is known by now, as this container's last words."""
        record.write(self._hand_over.with_report(final) if self._hand_over else record.fit(final))


def main() -> None:
    """Supervise the flow of DASKFLOW_FLOW. Ends the process without waiting for any thread."""
    if text("PARENT"):
        from ..local import descendants

        descendants.keep_orphans()
    code = Supervisor(document("FLOW")).run()
    if text("PARENT"):
        descendants.end()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
