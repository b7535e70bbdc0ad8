"""States of Prefect 3: whether they are failures, and the data in them."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterator
from typing import Any


def is_bad(state: Any) -> bool:
    """It failed or crashed; a cancelled one is not bad."""
    return bool(state.is_failed() or state.is_crashed())


def plain(value: Any) -> Any:
    """The data of states, also inside of what a flow returned."""
    from prefect.states import State

    if isinstance(value, State):
        return plain(awaited(value.result(raise_on_failure=False)))
    if type(value) in (list, tuple, set):
        return [plain(item) for item in value]
    if type(value) is dict:
        return {key: plain(item) for key, item in value.items()}
    return value


def failed(value: Any) -> Iterator[Any]:
    """States that are bad, inside of what a completed flow returned."""
    from prefect.states import State

    if isinstance(value, State):
        if is_bad(value):
            yield value
        else:
            yield from failed(awaited(value.result(raise_on_failure=False)))
    elif type(value) in (list, tuple, set, dict):
        for item in value.values() if type(value) is dict else value:
            yield from failed(item)


def resolved(value: Any) -> Any:
    """With results in place of Prefect's futures; raises what the first bad one raised."""
    from prefect.futures import PrefectFuture, PrefectFutureList

    if isinstance(value, (PrefectFuture, PrefectFutureList)):
        return awaited(value.result())
    if type(value) in (list, tuple, set):
        return [resolved(item) for item in value]
    if type(value) is dict:
        return {key: resolved(item) for key, item in value.items()}
    return value


def awaited(value: Any) -> Any:
    """What Prefect returns, which is a coroutine where it believes to be in one."""
    return asyncio.run(_await(value)) if inspect.isawaitable(value) else value


async def _await(value: Any) -> Any:
    return await value
