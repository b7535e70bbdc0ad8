"""Who comes next where many wait: namespaces take turns, so that nobody waits for another's thousands."""

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from daskflow.plan.model import Key


class Turns:
    """Keys, first come, first served within a namespace."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[str, deque[Key]] = OrderedDict()
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def append(self, key: Key) -> None:
        """At the end of its namespace's."""
        self._waiting.setdefault(key.namespace, deque()).append(key)
        self._count += 1

    def popleft(self) -> Key:
        """The first of the namespace whose turn it is. IndexError if there is none."""
        if not self._count:
            raise IndexError("nobody waits")
        namespace, keys = self._waiting.popitem(last=False)
        key = keys.popleft()
        if keys:
            self._waiting[namespace] = keys
        self._count -= 1
        return key


class Slots:
    """At most `limit` calls at once, `each` of them for one object; free ones go to namespaces in turn.

    So a cluster of 2,000 workers keeps neither a small run nor the next step of any other object waiting.
    """

    def __init__(self, limit: int, each: int) -> None:
        self._free = limit
        self._each = each
        self._taken: Counter[Key] = Counter()
        self._waiting: dict[Key, deque[asyncio.Future[None]]] = {}
        self._turns = Turns()
        self._lined: set[Key] = set()
        """The keys in `_turns`: each that somebody waits for, and that may have one more."""

    @asynccontextmanager
    async def slot(self, key: Key) -> AsyncIterator[None]:
        """Waits for a slot of this object, and holds it."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(key, deque()).append(turn)
        self._line_up(key)
        self._pump()
        try:
            await turn
            yield
        finally:
            if turn.done() and not turn.cancelled():
                self._free += 1
                self._taken[key] -= 1
                if not self._taken[key]:
                    del self._taken[key]
                self._line_up(key)
                self._pump()

    def _line_up(self, key: Key) -> None:
        if key not in self._lined and key in self._waiting and self._taken[key] < self._each:
            self._lined.add(key)
            self._turns.append(key)

    def _pump(self) -> None:
        while self._free and self._turns:
            key = self._turns.popleft()
            self._lined.discard(key)
            waiting = self._waiting[key]
            turn = waiting.popleft()
            if not waiting:
                del self._waiting[key]
            if not turn.cancelled():
                self._free -= 1
                self._taken[key] += 1
                turn.set_result(None)
            self._line_up(key)
