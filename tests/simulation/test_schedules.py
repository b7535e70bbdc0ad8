"""A thousand schedules on the same minute: each gets its run, once, though the operator dies meanwhile."""

import asyncio
from collections import Counter
from random import Random

from daskflow.api.names import FLOW_RUN, FLOW_SCHEDULE
from daskflow.controller.parts import planners

from tests.simulation import loop as virtual
from tests.simulation.kubernetes.api_server import Server
from tests.simulation.operators.client import Client
from tests.simulation.operators.process import Operator
from tests.simulation.scenarios.schedule_scenario import ScheduleScenario
from tests.simulation.world import SETTINGS

MANY = 1000
HOURLY = ScheduleScenario("many", (), {"cron": "1 * * * *"}, runs=MANY, cheap=True)


async def _many(dies_at: float) -> tuple[Server, float]:
    """The server after the minute, and when the last run was made."""
    server = Server(Random("many"))
    for key in HOURLY.subjects:
        server.create(HOURLY.manifest(key.name))
    first = _operator(server, 1)
    await asyncio.sleep(dies_at)
    first.kill()
    second = _operator(server, 2)
    await asyncio.sleep(max(0.0, 300.0 - dies_at))
    second.check()
    return server, server.times[FLOW_RUN][-1]


def _operator(server: Server, seed: int) -> Operator:
    operator = Operator(Client(server, Random(seed)), planners(SETTINGS), seed)
    operator.start()
    return operator


def test_a_thousand_schedules_on_the_same_minute() -> None:
    server, last = virtual.run(_many(dies_at=61.0))
    made = Counter(
        body["metadata"]["ownerReferences"][0]["name"]
        for _, type_, body, _ in server.history[FLOW_RUN]
        if type_ == "ADDED"
    )
    assert len(made) == MANY
    assert set(made.values()) == {1}
    # Eight workers and four calls of at most 20 ms each, for every schedule.
    assert last < 75.0
    for body in server.objects.values():
        if body["kind"] == FLOW_SCHEDULE:
            assert body["status"]["lastScheduleTime"] == "2026-01-01T00:01:00Z"
            assert body["status"]["activeCount"] == 1
