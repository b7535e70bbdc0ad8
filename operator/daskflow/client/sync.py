"""The SDK without `await`: each call is made by the async one, on an event loop of a thread of its own.

So it may also be used where a loop runs already, in a notebook for example.
"""

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from functools import wraps
from typing import Any, Concatenate, Generic, TypeVar

from typing_extensions import ParamSpec

from daskflow.client.connection import Connection, Object
from daskflow.client.known_run import KnownRun
from daskflow.client.run import AsyncRun

P = ParamSpec("P")
T = TypeVar("T")


class _Loop:
    """An event loop in a daemon thread, one a process: a fork gets its own."""

    _lock = threading.Lock()
    _loop: asyncio.AbstractEventLoop | None = None
    _process = 0

    @classmethod
    def get(cls) -> asyncio.AbstractEventLoop:
        with cls._lock:
            if cls._loop is None or cls._process != os.getpid():
                cls._loop, cls._process = asyncio.new_event_loop(), os.getpid()
                threading.Thread(target=cls._loop.run_forever, name="daskflow", daemon=True).start()
            return cls._loop


def call(coroutine: Coroutine[Any, Any, T]) -> T:
    """What a coroutine returns or raises. An interrupt of this thread cancels it."""
    future = asyncio.run_coroutine_threadsafe(coroutine, _Loop.get())
    try:
        return future.result()
    except BaseException:
        future.cancel()
        raise


async def awaited(coroutine: Coroutine[Any, Any, T]) -> T:
    """The same for a program with a loop of its own, in which the coroutine would be in the way."""
    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(coroutine, _Loop.get()))


def iterate(items: AsyncIterator[T]) -> Iterator[T]:
    """What an async iterator has, one by one; it is closed when this one is."""
    end: Any = object()
    steps = _Steps(items)
    try:
        while (item := call(steps.next(end))) is not end:
            yield item
    finally:
        call(steps.close())


class _Steps(Generic[T]):
    """An async iterator that is asked step by step, and may be closed in the middle of one."""

    def __init__(self, items: AsyncIterator[T]) -> None:
        self._items = items
        self._step: asyncio.Task[T] | None = None

    async def next(self, end: T) -> T:
        self._step = asyncio.ensure_future(self._next(end))
        # Whoever is interrupted here leaves the step to `close`: cancelled twice it could not end in order.
        await asyncio.wait([self._step])
        return self._step.result()

    async def _next(self, end: T) -> T:
        return await anext(self._items, end)

    async def close(self) -> None:
        if self._step and not self._step.done():
            self._step.cancel()
            await asyncio.gather(self._step, return_exceptions=True)
        if close := getattr(self._items, "aclose", None):
            await close()


def _method(
    method: Callable[Concatenate[AsyncRun, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate["Run", P], T]:
    @wraps(method)
    def sync(self: "Run", /, *args: P.args, **kwargs: P.kwargs) -> T:
        return call(method(self._run, *args, **kwargs))

    return sync


def _iterator(
    method: Callable[Concatenate[AsyncRun, P], AsyncIterator[T]],
) -> Callable[Concatenate["Run", P], Iterator[T]]:
    @wraps(method)
    def sync(self: "Run", /, *args: P.args, **kwargs: P.kwargs) -> Iterator[T]:
        return iterate(method(self._run, *args, **kwargs))

    return sync


def _run(function: Callable[P, Coroutine[Any, Any, AsyncRun]]) -> Callable[P, "Run"]:
    @wraps(function)
    def sync(*args: P.args, **kwargs: P.kwargs) -> "Run":
        return Run(call(function(*args, **kwargs)))

    return sync


def _runs(function: Callable[P, Coroutine[Any, Any, list[AsyncRun]]]) -> "Callable[P, list[Run]]":
    @wraps(function)
    def sync(*args: P.args, **kwargs: P.kwargs) -> "list[Run]":
        return [Run(each) for each in call(function(*args, **kwargs))]

    return sync


class Run(KnownRun):
    """One FlowRun; programs have them by `submit`, `get` and `list`."""

    def __init__(self, run: AsyncRun) -> None:
        """The same run, without `await`."""
        self._run = run

    @property
    def resource(self) -> Object:
        return self._run.resource

    @property
    def connection(self) -> Connection:
        return self._run.connection

    refresh = _method(AsyncRun.refresh)
    wait = _method(AsyncRun.wait)
    result = _method(AsyncRun.result)
    watch = _iterator(AsyncRun.watch)
    logs = _iterator(AsyncRun.logs)
    cancel = _method(AsyncRun.cancel)
    suspend = _method(AsyncRun.suspend)
    resume = _method(AsyncRun.resume)
    delete = _method(AsyncRun.delete)

    def retry(self, **overrides: Any) -> "Run":
        return Run(call(self._run.retry(**overrides)))

    submit = staticmethod(_run(AsyncRun.submit))
    get = staticmethod(_run(AsyncRun.get))
    list = staticmethod(_runs(AsyncRun.list))

    retry.__doc__ = AsyncRun.retry.__doc__


submit = Run.submit
