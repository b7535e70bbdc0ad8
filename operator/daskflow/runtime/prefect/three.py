"""Flows of Prefect 3: recognised, run, and what they come to."""

from __future__ import annotations

import inspect
import sys
from typing import Any

from ..errors import sentence
from ..flow import Failed, Flow, Invalid, check
from ..settings import say
from .three_failures import await_events, failures, listed, submitted
from .three_prepare import patch
from .three_states import awaited, failed, is_bad, plain, resolved
from .three_unread_futures import Unlooked


def recognise(target: Any, parameters: dict[str, Any]) -> Flow | None:
    """A Flow of Prefect 3."""
    module = sys.modules.get("prefect.flows")
    if module is None or not isinstance(target, module.Flow):
        return None
    version = sys.modules["prefect"].__version__
    if int(version.partition(".")[0]) < 3:
        raise Invalid(
            "EntrypointInvalid", f"Flows of Prefect {version} are not supported: use Prefect 3 or 1.4."
        )
    check(target.fn, parameters)
    if getattr(target, "should_validate_parameters", True):
        try:
            target.validate_parameters(dict(parameters))
        except Exception as error:
            text = " ".join(str(error).split())
            raise Invalid(
                "ParametersInvalid", f"The parameters do not fit the flow {target.name!r}: {text}"
            ) from error
    patch()
    return Flow(f"Prefect flow ({version})", lambda: _run(target, parameters))


def _run(flow: Any, parameters: dict[str, Any]) -> Any:
    """Its result. Raises Failed with Prefect's own words and the names of the task runs that failed."""
    if inspect.isgeneratorfunction(flow.fn) or inspect.isasyncgenfunction(flow.fn):
        return _yielded(flow, flow(**parameters))
    state = awaited(flow(**parameters, return_state=True))
    if state.is_completed():
        state = next(failed(state), state)  # one inside of a dictionary, which Prefect does not look at
    if state.is_completed():
        return plain(state)
    error = plain(state) if is_bad(state) else None
    error = error if isinstance(error, BaseException) else None
    raise Failed(_words(flow, state, error), error)


def _yielded(flow: Any, generator: Any) -> Any:
    """The generator, with results for the futures that it yields, each when it is yielded."""
    if inspect.isasyncgen(generator):

        async def values() -> Any:
            try:
                async for value in generator:
                    yield plain(resolved(value))
            except Exception as error:
                raise Failed(_said(flow, "Failed", error), error) from error

        return values()

    def values_sync() -> Any:
        try:
            for value in generator:
                yield plain(resolved(value))
        except Exception as error:
            raise Failed(_said(flow, "Failed", error), error) from error

    return values_sync()


def _words(flow: Any, state: Any, error: BaseException | None) -> str:
    return _said(flow, state.name, error, state.message or "it gave no reason")


def _said(flow: Any, name: str, error: BaseException | None, reason: str = "") -> str:
    said = sentence(error) if error is not None else reason
    if isinstance(error, Unlooked):
        said = str(error)
    words = f"The Prefect flow {flow.name!r} is {name}: {said}"
    try:
        await_events()
    except Exception as problem:  # the scheduler may be what failed
        say(f"which task runs failed is not known: {problem!r}")
    if failures and not isinstance(error, Unlooked):
        words += "; failed task runs: " + listed([submitted[id_] for id_ in failures if id_ in submitted])
    return words + "."
