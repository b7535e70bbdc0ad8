"""What a browser is told of a page that it keeps open."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

from daskflow.api.names import FLOW_RUN
from daskflow.cli.ui.live import stream
from daskflow.cli.ui.source import Source

from tests.unit.cli.ui.world import Log, World, pod, run


async def told(messages: AsyncIterator[dict[str, str]], event: str) -> Any:
    """The next of this kind."""

    async def found() -> Any:
        async for message in messages:
            if message["event"] == event:
                return json.loads(message["data"] or "null")
        raise AssertionError("it ended")

    return await asyncio.wait_for(found(), 5)


async def test_first_all_then_what_has_changed(world: World, source: Source) -> None:
    for name in ("a", "b"):
        world.put(FLOW_RUN, run(name, age=10 if name == "b" else 20))
    while len(source.feeds[FLOW_RUN].objects) < 2:
        await source.after(source.version)
    async with aclosing(stream(source, "/", {})) as messages:
        first = await told(messages, "page")
        assert first["order"] == {"runs": ["run/team/b", "run/team/a"]}
        assert {"state", "troubles", "phases", "run/team/a"} <= set(first["elements"])
        world.put(FLOW_RUN, run("a", age=20, phase="Running"))
        second = await told(messages, "page")
        assert set(second["elements"]) == {"run/team/a", "phases"}
        assert "Running" in second["elements"]["run/team/a"]
        assert second["order"] == {}
        world.put(FLOW_RUN, run("c", age=1))
        third = await told(messages, "page")
        assert third["order"] == {"runs": ["run/team/c", "run/team/b", "run/team/a"]}
        assert "run/team/b" not in third["elements"]


async def test_many_changes_at_once_are_told_at_once(world: World, source: Source) -> None:
    async with aclosing(stream(source, "/", {})) as messages:
        await told(messages, "page")
        for number in range(500):
            world.put(FLOW_RUN, run(f"r{number:03}", age=number))
        change = await told(messages, "page")
        assert len(change["order"]["runs"]) == 50
        assert "All <span" in change["elements"]["phases"]
        assert ">500<" in change["elements"]["phases"]


async def test_tabs_share_the_watches(world: World, source: Source) -> None:
    before = len(world.asked)
    streams = [stream(source, "/", {}) for _ in range(10)]
    for messages in streams:
        await told(messages, "page")
    for messages in streams:
        await messages.aclose()
    assert len(world.asked) == before


async def test_a_log_is_followed_from_its_last_lines_to_the_end(world: World, source: Source) -> None:
    world.put(FLOW_RUN, run("a", phase="Running", attempt=1))
    world.beside["Pod"].append(pod("a-1-runner", "runner", "a"))
    world.logs["a-1-runner"] = log = Log(*(f"line {number}" for number in range(2000)))
    async with aclosing(stream(source, "/runs/team/a", {})) as messages:
        assert await told(messages, "logreset") is None
        first = await told(messages, "log")
        assert [first["lines"][0], first["lines"][-1]] == [
            ["a-1-runner", "line 1500"],
            ["a-1-runner", "line 1999"],
        ]
        log.print("\x1b[31mred\x1b[0m <b>", "\x07bell \u202eturned")
        assert [text for _, text in (await told(messages, "log"))["lines"]] == ["red <b>", "�bell �turned"]
        log.print("last", over=True)
        world.beside["Pod"] = [pod("a-1-runner", "runner", "a", ended=0)]
        assert (await told(messages, "log"))["lines"] == [["a-1-runner", "last"]]
        world.put(FLOW_RUN, run("a", phase="Succeeded", attempt=1))
        while not (batch := await told(messages, "log"))["end"]:
            pass
        assert batch["end"] == "That is all."


async def test_of_many_workers_the_logs_of_twenty_are_read(world: World, source: Source) -> None:
    world.put(FLOW_RUN, run("a", phase="Running", attempt=1))
    for number in range(25):
        name = f"a-1-worker-{number}"
        world.beside["Pod"].append(pod(name, "worker", "a"))
        world.logs[name] = Log("one")
    async with aclosing(stream(source, "/runs/team/a", {"component": "worker"})) as messages:
        seen: set[str] = set()
        while len(seen) < 20:
            seen |= {name for name, _ in (await told(messages, "log"))["lines"]}
    assert len([each for each in world.asked if each[:2] == ("open", "Pod") and each[2]]) == 20


async def test_of_a_run_whose_pods_are_gone_that_is_said(world: World, source: Source) -> None:
    world.put(FLOW_RUN, run("a", phase="Succeeded", attempt=1))
    async with aclosing(stream(source, "/runs/team/a", {"component": "worker"})) as messages:
        assert "There is no log of a worker" in (await told(messages, "log"))["end"]


async def test_who_leaves_leaves_nothing_behind(world: World, source: Source) -> None:
    world.put(FLOW_RUN, run("a", phase="Running", attempt=1))
    world.beside["Pod"].append(pod("a-1-runner", "runner", "a"))
    world.logs["a-1-runner"] = Log("one")
    before = asyncio.all_tasks()
    async with aclosing(stream(source, "/runs/team/a", {})) as messages:
        await told(messages, "log")
        assert len(asyncio.all_tasks()) > len(before)
    assert asyncio.all_tasks() == before
