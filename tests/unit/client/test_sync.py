"""Loops of programs without `await` end as they are told to."""

import asyncio
import signal
import threading
from collections.abc import AsyncGenerator

import pytest
from daskflow.client.sync import iterate


def test_an_interrupt_in_the_middle_of_a_step_is_an_interrupt() -> None:
    closed = threading.Event()

    async def endless() -> AsyncGenerator[int, None]:
        try:
            yield 1
            main = threading.main_thread().ident
            assert main
            signal.pthread_kill(main, signal.SIGINT)
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            closed.set()

    items = iterate(endless())
    assert next(items) == 1
    with pytest.raises(KeyboardInterrupt):
        next(items)
    assert closed.is_set()


def test_what_is_left_early_is_closed() -> None:
    closed = threading.Event()

    async def numbers() -> AsyncGenerator[int, None]:
        try:
            for number in range(5):
                yield number
        finally:
            closed.set()

    items = iterate(numbers())
    assert next(items) == 0
    items.close()  # type: ignore[attr-defined]
    assert closed.is_set()
