"""The record of each task, kept where `spec.report.to` says.

By a process of its own: it may take its time, be without memory, or hang in the image's fsspec, and all of
that is no more than a note in the report.
"""

from __future__ import annotations

import contextlib
import os
import re
import select
import signal
import subprocess
import sys
import time

from ..errors import sentence
from ..record import cut
from ..settings import say, text
from .control_client import ControlClient

SECONDS = 20.0
HURRY_SECONDS = 3.0
"""Of a run that was ended: its pod has not much time left."""
FILE = "tasks.json.gz"
_PASSWORD = re.compile(r"(?<=://)([^/@:\s]*):[^/\s]*@")
_QUERY = re.compile(r"(?<=[?&])([^=&\s]+)=[^&\s]+")


def keep(hurry: bool) -> dict[str, str]:
    """`record`: where it lies, or `note`: why it does not, for the report."""
    seconds = HURRY_SECONDS if hurry else SECONDS
    where = place(text("REPORT_TO"))
    try:
        why = _why_not(where, seconds)
    except OSError as error:
        why = str(error)
    shown = without_credentials(where)
    if not why:
        return {"record": shown}
    note = f"The record of each task is not at {cut(shown, 120)}: {cut(without_credentials(why), 150)}"
    say(note)
    return {"note": note}


def place(to: str) -> str:
    """Of the record of this run's attempt."""
    names = (text("NAMESPACE", "default"), text("RUN", "run"), text("ATTEMPT", "1"))
    return "/".join((to.rstrip("/"), *names, FILE))


def without_credentials(text: str) -> str:
    """The same for logs and statuses: URLs without what may be a password or a signature."""
    return _QUERY.sub(r"\1=***", _PASSWORD.sub(r"\1:***@", text))


def _why_not(where: str, seconds: float) -> str:
    """ "" if a child has kept it."""
    until = time.monotonic() + seconds
    child = subprocess.Popen(
        [sys.executable, os.path.abspath(sys.argv[0]), "keep-tasks", where],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    pipe, said = child.stdout, b""
    assert pipe is not None
    while (left := until - time.monotonic()) > 0:
        if select.select([pipe], [], [], left)[0]:
            data = os.read(pipe.fileno(), 4096)
            said = (said + data)[-4096:]
            if not data:
                break
    with contextlib.suppress(OSError):
        os.killpg(child.pid, signal.SIGKILL)  # not waited for: it may be beyond the reach of signals
    if left <= 0:
        return f"it took longer than {seconds:g} s."
    lines = said.decode("utf-8", "replace").splitlines()
    return "" if lines and lines[-1] == "kept" else (lines or ["its process was killed."])[-1]


def main(where: str) -> None:
    """In the child: fetch it, write it, and say "kept", or why not, as the last line."""
    try:
        from fsspec.core import url_to_fs

        control = ControlClient(text("CONTROL"), text("POD_UID", "runner"))
        packed = control.tasks(SECONDS)
        system, path = url_to_fs(where)
        system.makedirs(path.rpartition("/")[0], exist_ok=True)
        with system.open(path, "wb") as file:
            file.write(packed)
    except BaseException as error:
        print(sentence(error).replace("\n", " "), flush=True)
    else:
        print("kept", flush=True)
    os._exit(0)
