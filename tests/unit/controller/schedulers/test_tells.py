"""A word as it goes over the line, and what its answers mean."""

from collections.abc import Callable

import pytest
from daskflow.controller.schedulers.answers import ControlError
from daskflow.controller.schedulers.wire import Connection, Overruled
from daskflow.plan.question import Tell

from tests.unit.controller.schedulers.test_wire import KEY, answer, listener

WORD = Tell("etl-1", "s", "/v1/note", {"attempt": 1, "variables": {"name": "größer"}})


async def said(text: bytes) -> None:
    def writes(write: Callable[[bytes], object]) -> None:
        write(text)

    async with listener(writes) as where:
        connection = await Connection.dial(where, KEY)
        try:
            await connection.tell(WORD)
        finally:
            connection.close()


async def test_an_answer_of_any_kind_is_enough() -> None:
    await said(answer(b"{}"))
    await said(answer(b""))


async def test_a_refusal_is_told_from_no_answer() -> None:
    with pytest.raises(Overruled):
        await said(answer(b"{}", b"HTTP/1.1 409 Conflict\r\n"))
    for text in (answer(b"{}", b"HTTP/1.1 423 Locked\r\n"), b"", b"HTTP/1.1 200 OK\r\n\r\n"):
        with pytest.raises(ControlError) as error:
            await said(text)
        assert not isinstance(error.value, Overruled)
