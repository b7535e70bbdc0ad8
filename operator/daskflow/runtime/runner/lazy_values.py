"""What in a flow's result is lazy, the promise of a value, and in which way each kind of it is run."""

from __future__ import annotations

import collections
import inspect
import sys
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from .result import DEPTH, became

_HOLDERS = (dict, list, tuple, set, frozenset, collections.deque)
_SCALARS = {str, int, float, bool, bytes, type(None)}
_END = object()
_ENDLESS = ("count", "cycle", "repeat")


def lazy_in(value: Any, known: Mapping[int, tuple[Any, Any]]) -> Iterator[Any]:
    """What is still to be run in `value`; each once, whatever holds itself. `known`: see Resolver."""
    seen: set[int] = set()
    todo = [iter([value])]
    while todo:
        value = next(todo[-1], _END)
        if value is _END:
            todo.pop()
            continue
        value = became(value, known)
        if id(value) in seen or id(value) in known:
            continue
        if kind_of(value):
            seen.add(id(value))
            yield value
        elif isinstance(value, _HOLDERS) or hasattr(type(value), "__dataclass_fields__"):
            held = _held(value)
            items = [item for item in held if type(item) not in _SCALARS]
            if items or len(held) > 8:  # a million pairs of numbers are not remembered
                seen.add(id(value))
            if len(todo) <= DEPTH:
                todo.append(iter(items))


def kind_of(value: Any) -> str:
    """How it is run; "" if it is a value."""
    kind = type(value)
    if kind in _SCALARS or kind in _HOLDERS or isinstance(value, type):
        return ""
    if inspect.isgenerator(value) or kind in (map, filter, zip):
        return "iterator"
    if kind.__module__ == "itertools" and kind.__name__ not in _ENDLESS:
        return "iterator"
    if kind.__module__ == "distributed.client" and kind.__name__ == "Future":
        return "future"
    # An actor has whatever attributes its class has.
    if kind.__module__ in ("concurrent.futures._base", "distributed.actor") and hasattr(kind, "result"):
        return "result"
    if inspect.isasyncgen(value) or inspect.iscoroutine(value):
        return "awaitable"
    if "asyncio" in sys.modules and isinstance(value, sys.modules["asyncio"].Future):
        return "result" if value.done() else "awaitable"  # its event loop may be over
    if hasattr(kind, "__dask_graph__"):
        import dask

        return "collection" if dask.is_dask_collection(value) else ""
    return ""


def of_loop(value: Any) -> bool:
    """Whether it can only be run in the event loop that made it."""
    kind = kind_of(value)
    return kind == "awaitable" or (
        kind == "future" and value.client is not None and value.client.asynchronous
    )


def _held(value: Any) -> Collection[Any]:
    if isinstance(value, dict):
        return value.values()
    if isinstance(value, _HOLDERS):
        return value
    return [getattr(value, name, None) for name in type(value).__dataclass_fields__]
