"""The flow's process as its parent sees it: started in a session of its own, signalled, reaped."""

from __future__ import annotations

import contextlib
import json
import os
import signal
from typing import Any

from ..prefect.engine_states import FLOW_RUN
from ..settings import CLIENT_NAME, private, say, text
from .execute import command as executed
from .execute import early
from .oom import oom_kills
from .parking import parked

PRELOAD = "DASK_DISTRIBUTED__CLIENT__PRELOAD"
PARAMETERS_LIMIT = 100 * 1024
"""Bytes of JSON in DASKFLOW_PARAMETERS; the kernel takes 128 KiB in a variable."""
_KEPT = 64 * 1024
"""Bytes of an unfinished line from the flow's process that are kept, and that are read at a time."""


class FlowProcess:
    """A program, or a Python flow (see flow_main), whose process is made early and told to go.

    `outcome` is what it reported, and `early` what that will be; `parked`, once it is ready for a run that is
    not known yet, what it could not do for that one, or ""; `code`, once it is gone, its exit status
    (negative: the signal).
    """

    def __init__(self, spec: dict[str, Any]) -> None:
        self._command: list[str] | None = spec.get("command")
        os.environ["PYTHONUNBUFFERED"] = "1"
        # By which a scheduler that runs share knows whose tasks are whose.
        os.environ.setdefault("DASK_CLIENT_NAME", CLIENT_NAME + text("POD_UID", "runner"))
        _tell_parameters(json.dumps(spec.get("parameters") or {}))
        self.pid = 0
        self._received = b""
        self._oom_kills = oom_kills()
        self.outcome: dict[str, Any] | None = None
        self.early: dict[str, Any] | None = None
        self.parked: str | None = None
        self.code: int | None = None
        self.gone = False
        self._go = self.pipe = -1
        if self._command is None:
            self._fork()

    def _fork(self) -> None:
        """The flow's process is a fork, made while there is one thread: it need not boot Python again."""
        go, self._go = os.pipe()
        self.pipe, out = os.pipe()
        os.set_blocking(self.pipe, False)
        self.pid = os.fork()
        if self.pid == 0:
            os.setsid()
            os.close(self._go)
            os.close(self.pipe)
            from . import flow_main

            flow_main.main(go, out)
        os.close(go)  # the other pipe's end stays open here, for a flow that closes its own

    def say(self, letter: bytes) -> None:
        """One letter to the flow's process (see flow_main); a command is started on "g"."""
        if self._command is None:
            with contextlib.suppress(OSError):
                os.write(self._go, letter)
        elif letter == b"g":
            self._start(self._command)

    def claimed(self, spec: dict[str, Any]) -> None:
        """The flow that a process waited for is this one. A program takes the place of that process."""
        _tell_parameters(json.dumps(spec.get("parameters") or {}))
        self._command = spec.get("command")
        if self._command is None:
            from ..claimed import tell

            tell()
            return
        self.kill(signal.SIGKILL)
        for fd in (self._go, self.pipe):
            if fd >= 0:
                os.close(fd)
        self.pid, self.pipe = 0, -1

    def _start(self, command: list[str]) -> None:
        import subprocess

        out = -1
        if os.environ.get(FLOW_RUN):
            self.pipe, out = os.pipe()
            os.set_blocking(self.pipe, False)
            command = executed(command, out)
        try:
            popen = subprocess.Popen(
                command,
                start_new_session=True,
                stdin=subprocess.DEVNULL,
                env=_environment(),
                pass_fds=(out,) if out >= 0 else (),
            )
            self.pid = popen.pid
            popen.returncode = 0  # it is reaped below
        except (OSError, ValueError) as error:
            self.gone = True
            from . import outcome_record

            message = f"The command {command[0]!r} cannot be started: {error}."
            self.outcome = outcome_record.failed("EntrypointInvalid", message)

    def read(self) -> None:
        """Take what it has written: of all lines, which a flow may have written too, the first record.

        Never blocks, nor goes on for as long as somebody writes.
        """
        for _ in range(16):
            if self.pipe < 0 or self.outcome is not None:
                return
            try:
                data = os.read(self.pipe, _KEPT)
            except BlockingIOError:
                return
            if not data:
                os.close(self.pipe)
                self.pipe = -1
            *lines, rest = (self._received + data).split(b"\n")
            self._received = rest[-_KEPT:]
            self.parked = next((said for said in map(parked, lines) if said is not None), self.parked)
            self.early = self.early or next(filter(None, map(early, lines)), None)
            self.outcome = next(filter(None, map(_outcome, lines)), None)

    def kill(self, signum: int) -> None:
        """Signal the flow's whole process group."""
        if self.pid == 0:
            self.gone = True
        else:
            with contextlib.suppress(OSError):
                os.killpg(self.pid, signum)

    def reap(self) -> None:
        """Collect every dead child: as process 1 we inherit the orphans of the flow."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if pid == self.pid:
                self.code = os.waitstatus_to_exitcode(status)
                self.gone = True
                self.kill(signal.SIGKILL)  # what it left behind in its group

    def verdict(self) -> dict[str, Any]:
        """The outcome of a process that ended without reporting one."""
        from . import outcome_record

        code = self.code or 0
        if code < 0:
            name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
            if code == -signal.SIGKILL and oom_kills() > self._oom_kills:
                message = "The flow's process ran out of memory: raise the runner's memory limit."
                return outcome_record.failed("OutOfMemory", message, exit_code=128 - code)
            message = f"The flow's process was killed by {name}."
            return outcome_record.failed("FlowKilled", message, exit_code=128 - code)
        if self._command is not None and code == 0:
            return outcome_record.succeeded(None, "The command")
        if self._command is not None:
            message = f"The command ended with exit code {code}."
        else:
            message = f"The flow's process ended with exit code {code} before the flow returned."
        return outcome_record.failed("FlowFailed", message, exit_code=code)


def _outcome(line: bytes) -> dict[str, Any] | None:
    """The record of outcome_record.py that it is, if it is one."""
    try:
        found = json.loads(line)
        fits = found["outcome"] in ("Succeeded", "Failed") and isinstance(
            found.get("failure"), (dict, type(None))
        )
        texts = isinstance(found["reason"], str) and isinstance(found["message"], str)
        return found if fits and texts and isinstance(found.get("exitCode"), (int, type(None))) else None
    except (ValueError, RecursionError, TypeError, LookupError, AttributeError):
        return None


def _tell_parameters(text: str) -> None:
    """To scripts and commands; those that no program could be started with are in a file."""
    if len(text.encode()) <= PARAMETERS_LIMIT:
        os.environ["DASKFLOW_PARAMETERS"] = text
        return
    path = os.path.join(private(), "parameters.json")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.environ["DASKFLOW_PARAMETERS_FILE"] = path
    say(f"the parameters are too long for a variable: DASKFLOW_PARAMETERS_FILE is {path}")


def _environment() -> dict[str, str]:
    """A command's: with the flow's mounted files on the import path, in front of the image's own; its Dask
    clients tell workers what else is on it."""
    path = [text("FILES"), os.environ.get("PYTHONPATH", "")] if text("FILES") else []
    more = {"PYTHONPATH": os.pathsep.join(filter(None, path))} if path else {}
    told = os.environ.get("DASK_SCHEDULER_ADDRESS") and PRELOAD not in os.environ
    preload = {PRELOAD: f"['{__package__}.command_preload']"} if told else {}
    return {**os.environ, **more, **preload, "DASKFLOW_DIRECTORY": os.getcwd()}
