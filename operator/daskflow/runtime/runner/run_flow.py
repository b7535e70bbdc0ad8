"""Running the flow in its process: finding it, recognising it, and what it came to, whatever happens."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import Any

from .. import frames, sigterm
from ..errors import sentence
from ..flow import Failed, Flow, Invalid
from ..importing import import_path
from ..settings import private, say, text
from . import fire_and_forget, outcome_record
from .entrypoints import compiled, load
from .recognise import recognise
from .resolving import Resolver


class _Unconnected(Exception):
    """No client could be had; nothing of the flow has run."""


def run_flow(spec: dict[str, Any], connected: Any) -> dict[str, Any]:
    """The outcome of the flow of `spec`. `connected`: the default client, None, or why there is none."""
    import_path(spec.get("entrypoint") or "")
    what = "The script" if "script" in spec else f"The flow {spec.get('entrypoint')}"
    sigterm.arm()
    try:
        if isinstance(connected, Invalid):
            raise connected
        if isinstance(connected, Exception):
            raise _Unconnected(f"The flow's process cannot reach Dask: {connected}") from connected
        value, resolver = None, Resolver(connected)
        try:
            with _forks_end():
                value = _recognised(spec, connected).call()
                resolver.resolve(value)
        except SystemExit as error:
            if error.code not in (None, 0):
                return _exited(error, what)
        fire_and_forget.wait(connected)
        return outcome_record.succeeded(value, what, resolver.known)
    except Invalid as error:
        return outcome_record.failed(error.reason, str(error))
    except Failed as error:
        return outcome_record.failed("FlowFailed", str(error), error.error)
    except _Unconnected as error:
        return outcome_record.failed("SchedulerUnreachable", str(error), error.__cause__)
    except sigterm.Terminated as error:
        where = sentence(error).partition(": ")[2]  # the name of the class says nothing to users
        return outcome_record.failed("Terminated", f"The flow was terminated: {where}.", error)
    except BaseException as error:
        frames.log(error)
        return outcome_record.failed("FlowFailed", sentence(error), error)


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


def _recognised(spec: dict[str, Any], client: Any) -> Flow:
    parameters = spec.get("parameters") or {}
    if text("PREFECT") == "3":
        from ..prefect.three_prepare import prepare

        prepare(client)
    elif "prefect" not in sys.modules:
        from ..prefect.import_hook import ImportHook

        sys.meta_path.insert(0, ImportHook(client))
    if "script" in spec:
        flow = Flow("script", lambda: _script(spec["script"]))
        say("the flow is a script")
    else:
        flow = recognise(load(spec["entrypoint"]), parameters, spec["entrypoint"])
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
    with compiled():
        code = compile(source, path, "exec")
    exec(code, module.__dict__)
    return getattr(module, "result", None)


def _exited(error: SystemExit, what: str) -> dict[str, Any]:
    """Of sys.exit() with other than None and 0: a number is the exit code, a text is 1 with that text."""
    code = error.code
    number = code & 0xFF if isinstance(code, int) else 1
    said = f"exit code {code}" if isinstance(code, int) else str(code)
    return outcome_record.failed("FlowFailed", f"{what} called sys.exit: {said}.", error, number or 1)
