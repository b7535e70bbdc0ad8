"""A worker that is told to go twice, which with real processes is a matter of milliseconds."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from daskflow.runtime.worker.handover import HandOver


def busy_worker(*, leaves: bool) -> tuple[Any, list[str]]:
    """A worker that runs a task, and what its scheduler is asked."""
    asked: list[str] = []

    async def retire_workers(**_: Any) -> dict[str, Any]:
        asked.append("retire")
        return {"address": {}}

    async def leave(**_: Any) -> bool:
        asked.append("leave")
        return leaves

    scheduler = SimpleNamespace(retire_workers=retire_workers, daskflow_leave=leave)
    state = SimpleNamespace(executing={"task"}, long_running=set(), tasks={})
    status = SimpleNamespace(name="running")
    return SimpleNamespace(address="address", scheduler=scheduler, state=state, status=status), asked


@pytest.mark.parametrize(
    ("leaves", "answer", "reason"),
    [(True, "", "Terminated"), (False, "data that no other worker can take", "")],
)
async def test_who_asks_meanwhile_gets_the_same_answer(leaves: bool, answer: str, reason: str) -> None:
    worker, asked = busy_worker(leaves=leaves)
    hand_over = HandOver(worker)
    first = asyncio.ensure_future(hand_over.run("Terminated", 60))
    await asyncio.sleep(0)
    second = asyncio.ensure_future(hand_over.run("Retired", 60))
    await asyncio.sleep(0.1)
    assert (first.done(), second.done()) == (False, False)
    worker.state.executing.clear()
    assert await asyncio.gather(first, second) == [answer, answer]
    assert asked == ["retire", "leave"]
    assert hand_over.reason == reason


async def test_who_asks_meanwhile_shortens_the_time() -> None:
    worker, _ = busy_worker(leaves=True)
    hand_over = HandOver(worker)
    first = asyncio.ensure_future(hand_over.run("Retired", 60))
    await asyncio.sleep(0)
    answers = asyncio.gather(first, hand_over.run("Terminated", 0))
    assert await asyncio.wait_for(answers, 10) == ["", ""]


async def test_one_that_had_to_stay_may_be_asked_again() -> None:
    worker, asked = busy_worker(leaves=False)
    worker.state.executing.clear()
    hand_over = HandOver(worker)
    for _ in range(2):
        assert await hand_over.run("Retired", 60) == "data that no other worker can take"
    assert asked == ["retire", "leave"] * 2
