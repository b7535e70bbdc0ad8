"""What writes were answered, and for how long it is believed."""

import asyncio
import logging

import pytest
from daskflow.controller.known.write_answers import REFUSED_SECONDS_AT_MOST, WriteAnswers
from daskflow.plan.model import Key, Refusal

from tests.simulation import loop, toy
from tests.unit.controller.toys import RUN, Toy

POD = Key("Pod", "default", "toy-0")


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)


def test_what_is_answered_after_its_owner_is_gone_is_not_kept() -> None:
    async def life() -> None:
        world = Toy()
        world.server.create(toy.parent("toy"))
        await asyncio.sleep(0.5)
        uid = world.server.objects[RUN]["metadata"]["uid"]
        answers = world.operator.store.answers
        assert answers.created([uid], asyncio.get_running_loop().time())
        world.server.delete(RUN)
        await asyncio.sleep(20)
        answers.succeeded(uid, Key("Secret", "default", "late"), 0.0, readable=False)
        answers.refuse(uid, Refusal(POD, 403, "late"), 0.0)
        assert not answers.created([uid], 0.0)
        assert not answers.refusals([uid], 0.0)

    loop.run(life())


def test_a_refusal_is_believed_for_longer_each_time_and_for_a_minute_at_most() -> None:
    answers, now, waits = WriteAnswers(), 0.0, []
    for _ in range(6):
        answers.refuse("r", Refusal(POD, 403, "no"), now)
        (refusal,) = answers.refusals(["r"], now)
        assert not refusal.retry
        until = answers.next_expiry(["r"], now)
        assert until is not None
        waits.append(until - now)
        now = until
        (refusal,) = answers.refusals(["r"], now)
        assert refusal.retry
    assert waits == [10.0, 20.0, 40.0, *[REFUSED_SECONDS_AT_MOST] * 3]


def test_what_another_asks_for_is_not_asked_for_as_well() -> None:
    answers = WriteAnswers()
    with answers.wanting("one", [POD]):
        assert answers.wanted_by_others("two") == {POD}
        assert not answers.wanted_by_others("one")
    assert not answers.wanted_by_others("two")
