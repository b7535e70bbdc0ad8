"""The flow's process. The supervisor starts it early; it imports Dask, then waits for the word to go.

It reads single letters from one pipe (c: the scheduler is up, connect; p: get ready for a flow that is not
known yet, see parking; g: go) and writes the outcome, one
line of JSON, into another. It never runs user code before "g".
"""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import io
import os
import signal
import sys
from typing import Any, NoReturn

from .. import frames, record, sigterm
from ..clusters.one_machine_code import use_runs_cluster
from ..flow import Invalid
from ..image import without_distributed
from ..settings import document, say, text
from . import fire_and_forget, nanny_plugins, parking
from .run_flow import run_flow


def main(go: int, out: int) -> NoReturn:
    """Called in the fork with its two pipes. Leaves by the interpreter's usual way, with atexit handlers."""
    _become_ordinary()
    pipe = os.fstat(out)
    connected = _await(go, out)
    sys.argv[:] = [text("ENTRYPOINT") or "flow"]
    logs = _worker_logs(connected)
    faulthandler.enable()  # where a segmentation fault was, in the log
    report = run_flow(document("FLOW"), connected)
    if report["outcome"] == "Failed" and report["reason"] == "FlowFailed":
        fire_and_forget.warn_of_dropped(connected)
    sigterm.ignore()  # too late to change the outcome
    if logs is not None:
        logs.finish()
    try:
        # The flow may have left half a line there, into whatever is open.
        os.write(_still(out, pipe), b"\n" + record.encode(record.fit(report)) + b"\n")
    except OSError:
        say("the outcome could not be reported: the flow has closed files that are not its own")
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if not isinstance(connected, Exception) and connected is not None:
        try:
            connected.close(timeout=2)
        except Exception:
            say("the client did not close in order")
    code = report.get("exitCode")
    sys.exit(code if code else int(report["outcome"] != "Succeeded"))


def _still(out: int, pipe: os.stat_result) -> int:
    """The descriptor, or another of this pipe if the flow closed it: daemons close whatever is open."""
    with contextlib.suppress(OSError):
        if os.path.samestat(os.fstat(out), pipe):
            return out
    return os.open(f"/proc/{os.getppid()}/fd/{out}", os.O_WRONLY)


def _become_ordinary() -> None:
    """What a Python process has when it starts: signals' defaults, unbuffered output, no input."""
    signal.set_wakeup_fd(-1)
    for signum in (signal.SIGTERM, signal.SIGCHLD):
        signal.signal(signum, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for name, fd in (("stdout", 1), ("stderr", 2)):
        old = getattr(sys, name)
        raw = io.FileIO(fd, "w", closefd=False)
        new = io.TextIOWrapper(raw, old.encoding, old.errors, write_through=True)
        setattr(sys, name, new)
        setattr(sys, f"__{name}__", new)


def _await(go: int, out: int) -> Any:
    """Return when told to go: the default client, None without a cluster, or why there is none.

    An image that cannot have one says so at once: its scheduler will not come up either.
    """
    gc.disable()  # see launcher
    client: Any = None
    try:
        import distributed
    except ImportError as error:
        distributed = None
        if os.environ.get("DASK_SCHEDULER_ADDRESS"):
            return Invalid("ContainerCannotRun", without_distributed(error))
    if text("PREFECT"):
        _import_prefect()
    gc.enable()
    gc.freeze()
    tried = False
    while True:
        word = os.read(go, 1)
        if not word:
            os._exit(1)  # the supervisor is gone
        if not tried and distributed is not None and os.environ.get("DASK_SCHEDULER_ADDRESS"):
            tried = True
            try:
                client = distributed.Client(timeout=30)
            except Exception as error:
                client = error
        if word == b"p":
            parking.prepare(client, out)
        if word == b"g":
            if text("STANDBY"):
                from ..claimed import hear

                hear()
            if distributed is not None:
                use_runs_cluster()
                fire_and_forget.watch()
                nanny_plugins.watch()
                frames.keep_files()
            import threading

            threading.Thread(target=_leave_with_supervisor, args=(go,), daemon=True).start()
            return client


def _import_prefect() -> None:
    """While the cluster comes up: it takes longer than all the rest. Errors come again when it is used."""
    with contextlib.suppress(Exception):
        import prefect

        getattr(prefect, "flow", None)  # Prefect 3 imports itself as it is asked
    with contextlib.suppress(Exception):
        import prefect_dask  # noqa: F401


def _worker_logs(connected: Any) -> Any:
    """Follows them when asked to; see forward_logs.py."""
    if text("FORWARD_LOGS") != "1" or connected is None or isinstance(connected, Exception):
        return None
    from ..forward_logs import follow

    return follow(connected)


def _leave_with_supervisor(go: int) -> None:
    """A flow must not outlive its supervisor: the lease is lost, and its cluster goes."""
    import time

    parent = os.getppid()
    try:
        os.read(go, 1)
    except OSError:  # closed by the flow's own code
        while os.getppid() == parent:
            time.sleep(1)
    os.killpg(0, signal.SIGKILL)
