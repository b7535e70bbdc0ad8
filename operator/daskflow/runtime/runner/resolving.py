"""What a flow returned is run to its end: generators, coroutines, futures, Delayed and collections, also
within lists, dictionaries and dataclasses. What fails there fails the flow with its own error.
"""

from __future__ import annotations

import collections
import inspect
import sys
from typing import Any

from ..flow import Failed
from .lazy_values import kind_of, lazy_in, of_loop
from .result import DEPTH, TooBig, Values

WINDOW = 1000
"""How many values of a generator may be computing at once; each further one waits for the oldest."""
FETCHED = 64 << 20
"""Bytes, as Dask counts them: what takes more is left on the workers, it could not be a result."""
_CLOSED = (
    "The flow returned a future of a Client that is closed, or whose event loop is over, on which its task"
    " is cancelled: return its result, or leave the client open."
)


class Resolver:
    """`known` says what became of each object that was run, by its id."""

    def __init__(self, client: Any) -> None:
        """`client`: connected to the run's cluster, if there is one."""
        self.known: dict[int, tuple[Any, Any]] = {}
        self._client = client

    def resolve(self, value: Any) -> None:
        """Run whatever is in `value`, and in what comes of it."""
        for _ in range(DEPTH):
            found = list(lazy_in(value, self.known))
            if not found:
                return
            by_kind: dict[str, list[Any]] = {}
            for one in found:
                by_kind.setdefault(kind_of(one), []).append(one)
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
            found = [each for value in results for each in lazy_in(value, self.known) if of_loop(each)]

    async def _iterate_async(self, generator: Any) -> None:
        import asyncio

        values = _Yielded(self._client)
        loop = asyncio.get_running_loop()
        async for value in generator:
            holder = Resolver(self._client)
            for one in [each for each in lazy_in(value, holder.known) if of_loop(each)]:
                if kind_of(one) == "future":
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
        self._queue: collections.deque[tuple[Any, Resolver]] = collections.deque()

    def put(self, value: Any, holder: Resolver | None = None) -> bool:
        """True when the oldest has to be taken first."""
        holder = holder or Resolver(self._client)
        if self._queue or next(lazy_in(value, holder.known), None) is not None:
            self._queue.append((value, holder))
            return len(self._queue) > WINDOW
        self.keep(value, holder.known)
        return False

    def take(self) -> None:
        """Wait for the oldest."""
        value, holder = self._queue.popleft()
        holder.resolve(value)
        self.keep(value, holder.known)

    def finish(self) -> None:
        """Wait for them all."""
        every = Resolver(self._client)
        for _, holder in self._queue:
            every.known.update(holder.known)
        every.resolve([value for value, _ in self._queue])
        for value, _ in self._queue:
            self.keep(value, every.known)
        self._queue.clear()


def _usable(found: list[Any], after_loop: bool = False) -> None:
    """Raise Failed for a future that can come to nothing any more."""
    for one in found:
        if kind_of(one) == "future":
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
