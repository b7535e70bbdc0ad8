"""A command that executes a flow run of a Prefect server, as `prefect flow-run execute` does: it ends with
0 whatever became of the flow, so what the server says then is the outcome.

A process between the supervisor and the command. A flow run that has ended already is not executed again:
Prefect would, and an attempt whose runner was lost after its flow had ended is followed by another.
"""

from __future__ import annotations

import json
import os
import sys
import time
from importlib.util import find_spec
from typing import Any, NamedTuple
from uuid import UUID

from .. import record
from ..prefect.engine import ENGINE
from ..prefect.engine_states import FLOW_RUN, TOLD
from ..settings import ARCHIVE, number, private, say
from .oom import oom_kills

_EXECUTE = ["prefect", "flow-run", "execute"]
PATIENCE = 300.0
"""Seconds for which a server that does not answer is asked again."""
_SITE = f"""\
import os, sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
sys.path[:] = [each for each in sys.path if each != os.path.dirname(__file__)]
if {ENGINE!r} in os.environ:
    from {__name__.partition(".")[0]}.prefect import engine
    engine.prepare()
if spec := PathFinder.find_spec(__name__):
    sys.modules[__name__] = module_from_spec(spec)
    spec.loader.exec_module(sys.modules[__name__])
"""
"""Our `sitecustomize`, and then the image's own, if it has one."""


class Ended(NamedTuple):
    """What a flow run has come to: its name, and the type, name and message of its state."""

    run: str
    type: str
    state: str
    message: str


def command(given: list[str], out: int) -> list[str]:
    """What is started in place of a command that has a flow run; the outcome is written to `out`."""
    return [sys.executable, ARCHIVE, "execute", str(out), *given]


def main(out: int, given: list[str]) -> None:
    """The process. Raises SystemExit with the command's own exit code."""
    os.environ["PREFECT_FLOW_RUN_EXECUTE_SIGTERM_BEHAVIOR"] = "relinquish"
    os.environ[TOLD] = f"/proc/{os.getpid()}/fd/{out}"
    if find_spec("prefect") is None:
        os.write(out, b"\n" + record.encode(record.fit(without_prefect())) + b"\n")
        sys.exit(1)
    killed = oom_kills()
    found = _asked("is not executed")
    if found.type not in ("SCHEDULED", "PENDING", "RUNNING", "CANCELLING"):
        say(f"the flow run is {found.state} already: it is not executed again")
        _tell(out, found)
        sys.exit(0)
    code = _execute(given)
    found = _asked("has ended, and nobody knows how")
    _tell(out, found, code, oom_kills() > killed)
    sys.exit(code)


def _execute(given: list[str]) -> int:
    site = os.path.join(private(), "daskflow-site")
    os.makedirs(site, exist_ok=True)
    with open(os.path.join(site, "sitecustomize.py"), "w", encoding="utf-8") as file:
        file.write(_SITE)
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [site, os.environ.get("PYTHONPATH")]))
    if given != _EXECUTE:
        return _started(given)
    import runpy

    sys.argv[:] = given
    try:  # here, where Prefect is imported already
        runpy.run_module("prefect", run_name="__main__", alter_sys=True)
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else int(error.code is not None)
    return 0


def _started(given: list[str]) -> int:
    """Of another program, which is in this process' group and hears of SIGTERM by itself."""
    import signal
    import subprocess

    signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        code = subprocess.run(given, check=False).returncode
    except OSError as error:
        say(f"the command {given[0]!r} cannot be started: {error}")
        return 127
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
    return 128 - code if code < 0 else code


def _asked(otherwise: str) -> Ended:
    """What the server says; exits if it says nothing for long."""
    from prefect.client.orchestration import get_client
    from prefect.exceptions import ObjectNotFound

    id_, until, said = os.environ[FLOW_RUN], time.monotonic() + number("PREFECT_PATIENCE", PATIENCE), ""
    while True:
        try:
            with get_client(sync_client=True) as client:
                run = client.read_flow_run(UUID(id_))
            state = run.state
            return Ended(run.name, state.type.value, state.name, " ".join((state.message or "").split()))
        except ObjectNotFound:
            return Ended(id_, "", "deleted", "")
        except Exception as error:
            status = getattr(getattr(error, "response", None), "status_code", 500)
            if time.monotonic() > until or (400 <= status < 500 and status not in (408, 429)):
                sys.exit(f"daskflow: the flow run {otherwise}: Prefect's server does not answer: {error!r}")
            if said != repr(error):
                said = repr(error)
                say(f"Prefect's server does not answer, it is asked again: {said}")
            time.sleep(2)


def _tell(out: int, found: Ended, code: int = 0, starved: bool = False) -> None:
    os.write(out, b"\n" + record.encode(record.fit(outcome(found, code, starved))) + b"\n")


def without_prefect() -> dict[str, Any]:
    """The record of a flow run in an image that cannot execute any."""
    from . import outcome_record

    message = "The image has no prefect; install prefect, prefect-dask and distributed in it."
    return outcome_record.failed("ContainerCannotRun", message, exit_code=1)


def early(line: bytes) -> dict[str, Any] | None:
    """The record of a flow run whose end the engine tells, before its processes have ended."""
    try:
        return outcome(Ended(*json.loads(line)["state"]), 0)
    except (ValueError, TypeError, LookupError, RecursionError):
        return None


def outcome(found: Ended, code: int, starved: bool = False) -> dict[str, Any]:
    """The record of a flow run that its server calls this, after its command has ended with `code`.

    `starved`: a process of it was killed meanwhile, since the container had no more memory.
    """
    from . import outcome_record

    words = f"The Prefect flow run {found.run!r} is {found.state}"
    said = f"{words}: {found.message.rstrip('.')}." if found.message else f"{words}."
    if found.type == "COMPLETED":
        return outcome_record.succeeded(None, "") | {"message": said}
    if found.type in ("SCHEDULED", "PAUSED"):
        message = f"{words}: Prefect goes on with it in another FlowRun."
        return outcome_record.succeeded(None, "") | {"message": message}
    if found.type == "CANCELLED":
        return outcome_record.failed("Cancelled", said)
    if found.type == "CRASHED" and starved:
        message = f"{words}: its process ran out of memory; raise the runner's memory limit."
        return outcome_record.failed("OutOfMemory", message, exit_code=137)
    if found.type in ("FAILED", "CRASHED"):
        return outcome_record.failed("FlowFailed", said, exit_code=code or None)
    if found.state == "deleted":
        return outcome_record.failed("FlowFailed", f"The Prefect flow run {found.run} was deleted.")
    what = f"Its command ended with exit code {code} while {words[0].lower()}{words[1:]}."
    return outcome_record.failed("FlowFailed", what, exit_code=code or 1)
