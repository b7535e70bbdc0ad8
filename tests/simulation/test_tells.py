"""Words to schedulers in whole lives: each is heard by whom it is for, and is acknowledged once."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from daskflow.api.names import SCHEDULER
from daskflow.manifests.settings import Settings
from daskflow.plan.model import Object, Observed, Plan
from daskflow.plan.question import Tell, unsaid
from daskflow.plan.run import life as flowrun

from tests.simulation import loop
from tests.simulation.cases import Case
from tests.simulation.scenarios import SCENARIOS, Scenario
from tests.simulation.world import World

CASES = (
    Case("retry"),
    *(Case("a flow of a minute", crash=at) for at in (9, 11, 13, 15)),
    *(Case("retry", crash=at, twins=True) for at in (12, 20, 24)),
    *(Case("success", seed, storm=True, crashes=2) for seed in range(6)),
)


@pytest.fixture(autouse=True)
def _telling(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs that tell their schedulers their number, once they are known."""
    real = flowrun.plan

    def plan(resource: Object, seen: Observed, now: datetime, settings: Settings) -> Plan:
        found = real(resource, seen, now, settings)
        return found + Plan(tells=tuple(_words(resource, seen)))

    monkeypatch.setattr(flowrun, "plan", plan)


def _words(run: Object, seen: Observed) -> Iterator[Tell]:
    attempts: Any = (run.get("status") or {}).get("attempts") or ({},)
    last = attempts[-1]
    for cluster in seen.children:
        made = ((cluster.get("status") or {}).get("scheduler") or {}).get("uid")
        if made and cluster["metadata"]["name"] == last.get("cluster") and not last.get("endTime"):
            word = Tell(last["cluster"], made, "/v1/note", {"attempt": last["number"]})
            yield from unsaid(word, seen.told)


def lived(case: Case, scenario: Scenario | None = None, refuses: bool = False) -> World:
    worlds: list[World] = []

    async def live() -> None:
        world = World(case, scenario)
        worlds.append(world)
        if refuses:
            world.server.changed.append(partial(_refusing, world))
        await world.live()

    loop.run(live())
    return worlds[0]


def _refusing(world: World, *_: object) -> None:
    for life in world.nodes.lives.values():
        if life.role.scaler is not None:
            life.role.scaler.refuses = True


def heard(world: World) -> list[list[Tell]]:
    """By scheduler that has listened."""
    schedulers = (life for life in world.nodes.lives.values() if life.component == SCHEDULER)
    found = []
    for life in schedulers:
        if life.role.scaler is not None:
            assert all(word.scheduler == life.uid for word in life.role.scaler.heard)
            assert all(word.body == {"attempt": life.attempt} for word in life.role.scaler.heard)
            found.append(life.role.scaler.heard)
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.command)
def test_a_word_is_for_one_scheduler_whatever_happens(case: Case) -> None:
    world = lived(case)
    for words in heard(world):
        # An answer may be lost, and an operator that is new knows of none.
        assert case.storm or len(words) <= len(world.operators)
        assert case.storm or case.crash or len(words) == 1


def test_a_word_that_is_refused_is_not_said_again() -> None:
    assert [len(words) for words in heard(lived(Case("success"), refuses=True))] == [1]


def test_a_scheduler_that_is_deaf_hears_of_it_when_it_hears_again() -> None:
    def deaf(yes: bool) -> Any:
        def act(world: World) -> None:
            world.nodes.deaf = yes

        return act

    base = SCENARIOS["a flow of a minute"]
    scenario = Scenario(
        "deaf", base.phases, base.spec, base.flows, ((0.0, deaf(True)), (40.0, deaf(False))), attempts=1
    )
    assert [len(words) for words in heard(lived(Case("deaf"), scenario))] == [1]
