"""An operator that may not take its lease leads never, and says so."""

import logging
from typing import Any

import pytest
from daskflow.controller.kubernetes.verbs import ApiError

from tests.unit.controller.test_lease import World, live, taken


def test_who_may_not_take_it_says_so_once(caplog: pytest.LogCaptureFixture) -> None:
    async def story(world: World) -> None:
        lacking = world.lease("lacking")
        sentence = 'leases "operator" is forbidden: User "x" cannot get resource "leases" in API group'
        get, answers = world.clients["lacking"].get, [ApiError(403, "Forbidden", sentence)] * 5

        async def forbidden(*arguments: Any) -> Any:
            if answers:
                raise answers.pop()
            return await get(*arguments)

        world.clients["lacking"].get = forbidden  # type: ignore[method-assign]
        assert await taken(lacking) > 4
        (said,) = [each.getMessage() for each in caplog.records if each.levelno == logging.WARNING]
        assert "this operator cannot lead; its account needs get and patch" in said
        assert sentence in said

    live(story)
