"""What the scheduler's state is known by, and those who wait for another one."""

from __future__ import annotations

import asyncio


class Version:
    """A number that rises, and those who wait for it."""

    def __init__(self) -> None:
        self.value = 1
        self._waiting: set[asyncio.Future[None]] = set()

    def rise(self) -> None:
        """Answer everybody who waits."""
        self.value += 1
        for future in self._waiting:
            if not future.done():
                future.set_result(None)

    def waiter(self) -> asyncio.Future[None]:
        """A future that is done at the next rise; cancelling it is how a waiter leaves."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        future.add_done_callback(self._waiting.discard)
        return future

    def __len__(self) -> int:
        return len(self._waiting)
