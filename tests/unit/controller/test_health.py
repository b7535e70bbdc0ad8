"""Each thing that a new start mends is broken in a real operator, and noticed; what is only slow is not."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import pytest
from daskflow.controller.health import SILENT_SECONDS, STUCK_SECONDS, UNANSWERED_SECONDS, Health
from daskflow.controller.kubernetes.verbs import ApiError
from daskflow.plan.model import Key

from tests.simulation import loop, toy
from tests.simulation.operators.client import Faults
from tests.unit.controller.toys import Toy


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)


class Patient(Toy):
    """A toy's operator, and its health."""

    def __init__(self, faults: Faults | None = None) -> None:
        super().__init__(faults=faults)
        self.health = Health(self.operator.queue)
        for informer in self.operator.informers:
            informer._heard = self.health.listener(f"watch of {informer._kind}")
        # As `main` does it: whatever is answered is a sign.
        self.operator.client.answered = self.health.answered

    async def ailing(self, seconds: float) -> str:
        """What is wrong after so long."""
        await asyncio.sleep(seconds)
        return self.health.ailment()

    async def well(self, seconds: float) -> None:
        """All is well for so long."""
        for _ in range(int(seconds / 10)):
            assert await self.ailing(10) == ""


def live(story: Callable[[Patient], Awaitable[None]], faults: Faults | None = None) -> None:
    async def within() -> None:
        patient = Patient(faults)
        await story(patient)
        patient.operator.kill()

    loop.run(within())


def test_an_operator_with_nothing_to_do_is_well() -> None:
    live(lambda patient: patient.well(2000))


def test_one_that_is_merely_slow_is_well() -> None:
    async def story(patient: Patient) -> None:
        for number in range(20):
            patient.server.create(toy.parent(f"toy-{number}"))
        await patient.well(2000)

    live(story, Faults(latency=(5.0, 9.0), lag=(10.0, 60.0)))


def test_one_of_which_nine_calls_of_ten_fail_is_well() -> None:
    async def story(patient: Patient) -> None:
        patient.server.create(toy.parent("toy"))
        await patient.well(2000)

    live(story, Faults(refused=0.9))


def test_a_look_that_hangs() -> None:
    async def story(patient: Patient) -> None:
        await asyncio.sleep(5)
        patient.operator.client.create = lambda body: asyncio.Event().wait()  # type: ignore[method-assign, assignment, return-value]
        patient.server.create(toy.parent("toy"))
        assert await patient.ailing(STUCK_SECONDS - 5) == ""
        assert "at one object" in await patient.ailing(10)

    live(story)


def test_a_queue_that_stands_still() -> None:
    async def story(patient: Patient) -> None:
        await asyncio.sleep(5)
        queue = patient.operator.queue
        # A key that waits, and stands in no line: nobody ever comes to it.
        queue._queued[Key("FlowRun", "default", "toy")] = asyncio.get_running_loop().time()
        assert await patient.ailing(STUCK_SECONDS - 10) == ""
        assert "none was looked at" in await patient.ailing(20)

    live(story)


def test_a_queue_that_was_not_started_stands_by() -> None:
    async def story(patient: Patient) -> None:
        await asyncio.sleep(5)
        await patient.operator.queue.stop(0)
        patient.server.create(toy.parent("toy"))
        await patient.well(2000)

    live(story)


def test_a_watch_that_is_dead() -> None:
    async def story(patient: Patient) -> None:
        await asyncio.sleep(5)
        pods = next(each for each in patient.operator.informers if each._kind == "Pod")
        patient.operator._tasks[patient.operator.informers.index(pods)].cancel()
        # The operator goes on to be answered.
        assert await patient.ailing(SILENT_SECONDS - 60) == ""
        await asyncio.sleep(120)
        assert patient.health.ailment().startswith("the watch of Pod has given no sign for")

    live(story)


def test_a_connection_that_goes_nowhere() -> None:
    async def story(patient: Patient) -> None:
        await asyncio.sleep(5)
        patient.operator.client.cut = True
        await patient.well(UNANSWERED_SECONDS - 100)
        assert "answered nothing" in await patient.ailing(150)
        patient.operator.client.cut = False
        assert await patient.ailing(150) == "", "it has found back by itself"

    live(story)


def test_no_watch_is_dead_while_nothing_is_answered() -> None:
    """kopf's gives no sign while it cannot connect."""

    async def story(patient: Patient) -> None:
        await asyncio.sleep(5)
        patient.health.listener("kopf's watch")
        patient.operator.client.cut = True
        await patient.well(UNANSWERED_SECONDS - 100)

    live(story)


def test_refusals_are_answers() -> None:
    async def story(patient: Patient) -> None:
        await asyncio.sleep(5)

        def refuse(*_: object) -> None:
            raise ApiError(403, "Forbidden", "no")

        patient.server.list = refuse  # type: ignore[method-assign, assignment]
        for kind in ("Pod", "Service", "FlowRun"):
            patient.server.forget_history(kind)
        await patient.well(2000)

    live(story)
