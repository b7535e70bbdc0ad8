"""Recognising what was found at the entrypoint: what kind of flow it is, and how that is run."""

from __future__ import annotations

import inspect
import sys
from typing import Any, Callable

from ..flow import Flow, Invalid, check


def recognise(target: Any, parameters: dict[str, Any], entrypoint: str) -> Flow:
    """Ask RECOGNISERS in turn. Raises Invalid when the object cannot be run, or not with these parameters."""
    recognisers = RECOGNISERS
    if "prefect" in sys.modules:
        from ..prefect import one, three

        recognisers = (three.recognise, one.recognise, *RECOGNISERS)
    for recogniser in recognisers:
        flow = recogniser(target, parameters)
        if flow is not None:
            return flow
    raise Invalid(
        "EntrypointInvalid",
        f"{entrypoint} is of type {type(target).__qualname__}, which is not a flow:"
        " a function, a coroutine function, a Prefect flow or a Dask collection is.",
    )


def _delayed_function(target: Any, parameters: dict[str, Any]) -> Flow | None:
    if type(target).__name__ != "DelayedLeaf" or not callable(getattr(target, "_obj", None)):
        return None
    check(target._obj, parameters)
    return Flow("delayed function", lambda: target(**parameters).compute())


def _collection(target: Any, parameters: dict[str, Any]) -> Flow | None:
    if isinstance(target, type) or not hasattr(target, "__dask_graph__") or not hasattr(target, "compute"):
        return None
    if parameters:
        raise Invalid(
            "ParametersInvalid", "A Dask collection takes no parameters: {}.".format(", ".join(parameters))
        )
    return Flow(f"Dask {type(target).__name__}", target.compute)


def _coroutine_function(target: Any, parameters: dict[str, Any]) -> Flow | None:
    if not inspect.iscoroutinefunction(target):
        return None
    check(target, parameters)
    return Flow("coroutine function", lambda: target(**parameters))


def _function(target: Any, parameters: dict[str, Any]) -> Flow | None:
    if not callable(target):
        return None
    check(target, parameters)
    what = "function" if inspect.isroutine(target) else "callable"
    if inspect.isgeneratorfunction(target) or inspect.isasyncgenfunction(target):
        what = "generator function"
    return Flow(what, lambda: target(**parameters))


RECOGNISERS: tuple[Callable[[Any, dict[str, Any]], Flow | None], ...] = (
    _delayed_function,  # callable and a collection too: asked first
    _collection,
    _coroutine_function,
    _function,
)
