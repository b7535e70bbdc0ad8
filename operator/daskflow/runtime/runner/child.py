"""The flow's process. The supervisor starts it early; it imports Dask, then waits for the word to go.

It reads single letters from one pipe (c: the scheduler is up, connect; g: go) and writes the outcome, one
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
from collections.abc import Iterator
from typing import Any, NoReturn

from .. import frames, record, termination, unheeded
from ..clusters.one_machine_code import adopt
from ..importing import import_path
from ..launcher import without_distributed
from ..settings import document, private, say, text
from . import entrypoints as flows
from . import fire_and_forget as forgotten
from . import outcome
from .returned import Returned


class _Unconnected(Exception):
    """No client could be had; nothing of the flow has run."""


def main(go: int, out: int) -> NoReturn:
    """Called in the fork with its two pipes. Leaves by the interpreter's usual way, with atexit handlers."""
    _become_ordinary()
    pipe = os.fstat(out)
    sys.argv[:] = [text("ENTRYPOINT") or "flow"]
    connected = _await(go)
    logs = _worker_logs(connected)
    faulthandler.enable()  # where a segmentation fault was, in the log
    report = _run(document("FLOW"), connected)
    if report["outcome"] == "Failed" and report["reason"] == "FlowFailed":
        forgotten.dropped(connected)
    termination.ignore()  # too late to change the outcome
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


def _await(go: int) -> Any:
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
            return flows.Invalid("ContainerCannotRun", without_distributed(error))
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
        if word == b"g":
            if distributed is not None:
                adopt()
                forgotten.watch()
                unheeded.watch()
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
    """Follows them when asked to; see logs.py."""
    if text("FORWARD_LOGS") != "1" or connected is None or isinstance(connected, Exception):
        return None
    from ..logs import follow

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


def _run(spec: dict[str, Any], connected: Any) -> dict[str, Any]:
    """Load, recognise and run the flow: its outcome, whatever happens."""
    import_path(spec.get("entrypoint") or "")
    what = "The script" if "script" in spec else f"The flow {spec.get('entrypoint')}"
    termination.arm()
    try:
        if isinstance(connected, flows.Invalid):
            raise connected
        if isinstance(connected, Exception):
            raise _Unconnected(f"The flow's process cannot reach Dask: {connected}") from connected
        value, result = None, Returned(connected)
        try:
            with _forks_end():
                value = _recognised(spec, connected).call()
                result.settle(value)
        except SystemExit as error:
            if error.code not in (None, 0):
                return _exited(error, what)
        forgotten.wait(connected)
        return outcome.succeeded(value, what, result.known)
    except flows.Invalid as error:
        return outcome.failed(error.reason, str(error))
    except flows.Failed as error:
        return outcome.failed("FlowFailed", str(error), error.error)
    except _Unconnected as error:
        return outcome.failed("SchedulerUnreachable", str(error), error.__cause__)
    except termination.Terminated as error:
        where = outcome.sentence(error).partition(": ")[2]  # the name of the class says nothing to users
        return outcome.failed("Terminated", f"The flow was terminated: {where}.", error)
    except BaseException as error:
        frames.log(error)
        return outcome.failed("FlowFailed", outcome.sentence(error), error)


@contextlib.contextmanager
def _forks_end() -> Iterator[None]:
    """A fork that the flow lets return ends here, with the exit code that it has as a program."""
    me, error = os.getpid(), None
    try:
        yield
    except BaseException as raised:
        error = raised
        if os.getpid() == me:
            raise
    finally:
        if os.getpid() != me:
            os._exit(_code(error))


def _code(error: BaseException | None) -> int:
    """Python's own, of a program that ends so, which it has said."""
    if isinstance(error, SystemExit):
        if error.code is None or isinstance(error.code, int):
            return (error.code or 0) & 0xFF
        print(error.code, file=sys.stderr)
    elif error is not None:
        frames.log(error)
    return int(error is not None)


def _recognised(spec: dict[str, Any], client: Any) -> flows.Flow:
    parameters = spec.get("parameters") or {}
    if text("PREFECT") == "3":
        from ..prefect.three_prepare import expect

        expect(client)
    elif "prefect" not in sys.modules:
        from ..prefect.recognition import Hook

        sys.meta_path.insert(0, Hook(client))
    if "script" in spec:
        flow = flows.Flow("script", lambda: _script(spec["script"]))
        say("the flow is a script")
    else:
        flow = flows.recognise(flows.load(spec["entrypoint"]), parameters, spec["entrypoint"])
        given = ", ".join(parameters) or "none"
        say(f"{spec['entrypoint']} is a {flow.what}; parameters: {given}")
    return flow


def _script(source: str) -> Any:
    """Run the text as `__main__` from a file, so that tracebacks show its lines; `result` is the result.

    The file has the same name in every attempt, so that the same failure reads the same.
    """
    import types

    path = os.path.join(private(), "flow.py")
    with open(path, "w", encoding="utf-8") as file:
        file.write(source)
    module = types.ModuleType("__main__")
    module.__file__ = path
    sys.modules["__main__"] = module
    sys.argv[:] = [path]
    with flows.compiled():
        code = compile(source, path, "exec")
    exec(code, module.__dict__)
    return getattr(module, "result", None)


def _exited(error: SystemExit, what: str) -> dict[str, Any]:
    """Of sys.exit() with other than None and 0: a number is the exit code, a text is 1 with that text."""
    code = error.code
    number = code & 0xFF if isinstance(code, int) else 1
    said = f"exit code {code}" if isinstance(code, int) else str(code)
    return outcome.failed("FlowFailed", f"{what} called sys.exit: {said}.", error, number or 1)
