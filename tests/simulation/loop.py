"""An asyncio event loop whose clock jumps to the next timer as soon as nothing else is to be done."""

import asyncio
import selectors
from collections.abc import Coroutine, Mapping
from contextvars import Context, ContextVar, copy_context
from typing import Any, TypeVar

T = TypeVar("T")


class Deadlock(Exception):
    """Everybody waits, and no timer is set: in the real world this would hang for ever."""


TURNS = 100_000
"""Of the loop, in one life: many times what any case takes."""


class _Selector(selectors.BaseSelector):
    """Waits for no file, and passes the time."""

    def __init__(self) -> None:
        self.now = 0.0
        self.turns = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.turns += 1
        if self.turns > TURNS:
            raise Deadlock("somebody is busy for ever")
        if timeout is None:
            raise Deadlock("nothing is ready and no timer is set")
        if timeout > 0:
            self.now += timeout
        return []

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return selectors.SelectorKey(fileobj, 0, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return selectors.SelectorKey(fileobj, 0, 0, None)

    def get_key(self, fileobj: Any) -> selectors.SelectorKey:
        raise KeyError(fileobj)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return {}


class VirtualLoop(asyncio.SelectorEventLoop):
    """Ready callbacks run in the order in which they became ready, timers by time: no chance is left."""

    def __init__(self) -> None:
        self._virtual = _Selector()
        super().__init__(self._virtual)
        self._clock_resolution = 1e-6

    def time(self) -> float:
        """Virtual seconds since the world began."""
        return self._virtual.now


class Process:
    """Whose code a context runs, once `enter` was called in it; nothing of it runs before `thaws`."""

    def __init__(self) -> None:
        self.thaws = 0.0

    def enter(self) -> None:
        """Everything that the present context begins is this process'."""
        _PROCESS.set(self)


_PROCESS: ContextVar[Process | None] = ContextVar("process", default=None)


class FreezingLoop(VirtualLoop):
    """One in which processes can be frozen, as by SIGSTOP: what comes meanwhile waits until they thaw."""

    def call_soon(self, callback: Any, *arguments: Any, context: Context | None = None) -> asyncio.Handle:
        """See asyncio."""
        guarded = self._guarded(callback, context)
        handle = super().call_soon(guarded, *arguments, context=context)
        if guarded is not callback:
            guarded.handle = handle
        return handle

    def call_at(
        self, when: float, callback: Any, *arguments: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """See asyncio."""
        guarded = self._guarded(callback, context)
        handle = super().call_at(when, guarded, *arguments, context=context)
        if guarded is not callback:
            guarded.handle = handle
        return handle

    def _guarded(self, callback: Any, context: Context | None) -> Any:
        context = context or copy_context()
        process = context.get(_PROCESS)
        return callback if process is None else _Guarded(self, process, callback, context)


class _Guarded:
    """A callback of a process, put off while that is frozen; what is cancelled meanwhile is not called."""

    handle: asyncio.Handle

    def __init__(self, loop: VirtualLoop, process: Process, callback: Any, context: Context) -> None:
        self._loop = loop
        self._process = process
        self._callback = callback
        self._context = context

    def __call__(self, *arguments: Any) -> None:
        if self.handle.cancelled():
            return
        if self._loop.time() < self._process.thaws:
            VirtualLoop.call_at(self._loop, self._process.thaws, self, *arguments, context=self._context)
        else:
            self._callback(*arguments)


def run(main: Coroutine[Any, Any, T], loop: type[VirtualLoop] = VirtualLoop) -> T:
    """Like `asyncio.run`, in a world of its own."""
    with asyncio.Runner(loop_factory=loop) as runner:
        return runner.run(main)
