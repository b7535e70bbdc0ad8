"""What a flow returned is run to its end: generators, coroutines, futures, Delayed and collections, also
within lists, dictionaries and dataclasses. What fails there fails the flow with its own error.
"""

from __future__ import annotations

import collections
import inspect
import sys
from collections.abc import Collection, Iterator
from typing import Any

from .entrypoints import Failed
from .result import DEPTH, TooBig, Values, became

WINDOW = 1000
"""How many values of a generator may be computing at once; each further one waits for the oldest."""
FETCHED = 64 << 20
"""Bytes, as Dask counts them: what takes more is left on the workers, it could not be a result."""
_CLOSED = (
    "The flow returned a future of a Client that is closed, or whose event loop is over, on which its task"
    " is cancelled: return its result, or leave the client open."
)


class Returned:
    """`known` says what became of each object that was run, by its id."""

    def __init__(self, client: Any) -> None:
        """`client`: connected to the run's cluster, if there is one."""
        self.known: dict[int, tuple[Any, Any]] = {}
        self._client = client

    def settle(self, value: Any) -> None:
        """Run whatever is in `value`, and in what comes of it."""
        for _ in range(DEPTH):
            found = list(self._open(value))
            if not found:
                return
            by_kind: dict[str, list[Any]] = {}
            for one in found:
                by_kind.setdefault(_kind(one), []).append(one)
            for iterator in by_kind.get("iterator", ()):
                self._iterate(iterator)
            if "awaitable" in by_kind:
                import asyncio

                asyncio.run(self._await(by_kind["awaitable"]))
            if "collection" in by_kind:
                self._compute(by_kind["collection"])
            if "future" in by_kind:
                self._gather(by_kind["future"])
            for one in by_kind.get("result", ()):
                self._know(one, one.result())

    def _know(self, one: Any, value: Any) -> None:
        self.known[id(one)] = (one, value)

    def _open(self, value: Any) -> Iterator[Any]:
        """What is still to be run in `value`; each once, whatever holds itself."""
        seen: set[int] = set()
        todo = [iter([value])]
        while todo:
            value = next(todo[-1], _END)
            if value is _END:
                todo.pop()
                continue
            value = became(value, self.known)
            if id(value) in seen or id(value) in self.known:
                continue
            if _kind(value):
                seen.add(id(value))
                yield value
            elif isinstance(value, _HOLDERS) or hasattr(type(value), "__dataclass_fields__"):
                held = _held(value)
                items = [item for item in held if type(item) not in _SCALARS]
                if items or len(held) > 8:  # a million pairs of numbers are not remembered
                    seen.add(id(value))
                if len(todo) <= DEPTH:
                    todo.append(iter(items))

    def _iterate(self, iterator: Any) -> None:
        values = _Yielded(self._client)
        while True:
            try:
                value = next(iterator)
            except StopIteration as end:
                values.returned = end.value is not None
                break
            if values.put(value):
                values.take()
        values.finish()
        self._know(iterator, values)

    async def _await(self, found: list[Any]) -> None:
        """Coroutines and asynchronous generators, and what of their values belongs to this event loop."""
        import asyncio

        for _ in range(DEPTH):
            if not found:
                return
            plain = [one for one in found if not inspect.isasyncgen(one)]
            _usable(plain)
            results = await asyncio.gather(*plain)
            for one, value in zip(plain, results):
                self._know(one, value)
            for one in found:
                if inspect.isasyncgen(one):
                    await self._iterate_async(one)
            found = [each for value in results for each in self._open(value) if _of_loop(each)]

    async def _iterate_async(self, generator: Any) -> None:
        import asyncio

        values = _Yielded(self._client)
        loop = asyncio.get_running_loop()
        async for value in generator:
            holder = Returned(self._client)
            for one in [each for each in holder._open(value) if _of_loop(each)]:
                if _kind(one) == "future":
                    holder._know(one, _before_close(one))  # the generator goes on while it runs
                else:
                    await holder._await([one])
            if values.put(value, holder):
                await loop.run_in_executor(None, values.take)
        await loop.run_in_executor(None, values.finish)
        self._know(generator, values)

    def _compute(self, found: list[Any]) -> None:
        import dask

        persisted = dask.persist(*found)
        futures = []
        if "distributed" in sys.modules:
            futures = sys.modules["distributed"].futures_of(list(persisted))
        big = bool(futures) and self._wait(futures)
        values = [TooBig()] * len(found) if big else dask.compute(*persisted)
        for one, value in zip(found, values):
            self._know(one, value)

    def _gather(self, found: list[Any]) -> None:
        by_client: dict[int, list[Any]] = {}
        _usable(found, True)
        for one in found:
            by_client.setdefault(id(one.client), []).append(one)
        for futures in by_client.values():
            big = self._wait(futures)
            values = [TooBig()] * len(futures) if big else futures[0].client.gather(futures)
            for one, value in zip(futures, values):
                self._know(one, value)

    def _wait(self, futures: list[Any]) -> bool:
        """Until they are done, or one has failed, whose error is raised. True: they are too big to fetch."""
        import distributed

        client = futures[0].client
        with client.as_current():
            for done in distributed.as_completed(futures):
                if done.status != "finished":
                    done.result()
        sizes = client.nbytes([future.key for future in futures], summary=False)
        return bool(sum(sizes.values()) > FETCHED)


class _Yielded(Values):
    """Values that may hold futures: `put` them, `take` the oldest when told to, `finish`."""

    def __init__(self, client: Any) -> None:
        super().__init__()
        self._client = client
        self._queue: collections.deque[tuple[Any, Returned]] = collections.deque()

    def put(self, value: Any, holder: Returned | None = None) -> bool:
        """True when the oldest has to be taken first."""
        holder = holder or Returned(self._client)
        if self._queue or next(holder._open(value), None) is not None:
            self._queue.append((value, holder))
            return len(self._queue) > WINDOW
        self.keep(value, holder.known)
        return False

    def take(self) -> None:
        """Wait for the oldest."""
        value, holder = self._queue.popleft()
        holder.settle(value)
        self.keep(value, holder.known)

    def finish(self) -> None:
        """Wait for them all."""
        every = Returned(self._client)
        for _, holder in self._queue:
            every.known.update(holder.known)
        every.settle([value for value, _ in self._queue])
        for value, _ in self._queue:
            self.keep(value, every.known)
        self._queue.clear()


_HOLDERS = (dict, list, tuple, set, frozenset, collections.deque)
_SCALARS = {str, int, float, bool, bytes, type(None)}
_END = object()
_ENDLESS = ("count", "cycle", "repeat")


def _held(value: Any) -> Collection[Any]:
    if isinstance(value, dict):
        return value.values()
    if isinstance(value, _HOLDERS):
        return value
    return [getattr(value, name, None) for name in type(value).__dataclass_fields__]


def _kind(value: Any) -> str:
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


def _of_loop(value: Any) -> bool:
    """Whether it can only be run in the event loop that made it."""
    kind = _kind(value)
    return kind == "awaitable" or (
        kind == "future" and value.client is not None and value.client.asynchronous
    )


def _usable(found: list[Any], after_loop: bool = False) -> None:
    """Raise Failed for a future that can come to nothing any more."""
    for one in found:
        if _kind(one) == "future":
            client = one.client
            if (
                client is None
                or client.status in ("closed", "closing")
                or (after_loop and client.asynchronous)
            ):
                raise Failed(_CLOSED, None)


def _before_close(future: Any) -> Any:
    """Its result, or error, as a future of no event loop; its client does not close before it is known."""
    import asyncio
    from concurrent.futures import Future

    box: Any = Future()

    async def fill() -> None:
        try:
            box.set_result(await future)
        except BaseException as error:
            box.set_exception(error)

    client = future.client
    if not hasattr(client, "daskflow_held"):
        client.daskflow_held, close = [], client._close

        async def _close(*args: Any, **kwargs: Any) -> Any:
            await asyncio.gather(*client.daskflow_held)
            return await close(*args, **kwargs)

        client._close = _close
    client.daskflow_held.append(asyncio.ensure_future(fill()))
    return box
