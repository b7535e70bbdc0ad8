"""What is known of the cluster: one watch a kind, and what goes wrong with it."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import web
from daskflow.api.names import DASK_CLUSTER, FLOW_RUN, FLOW_SCHEDULE
from daskflow.cli.ui import source as module
from daskflow.cli.ui.source import Source
from daskflow.client import connection as connections
from daskflow.client.api_server import Unreachable
from daskflow.client.connection import ALL, Connection
from daskflow.client.errors import Forbidden, NotInstalled, Unauthorized

from tests.unit.cli.ui.conftest import Start
from tests.unit.cli.ui.world import World, names, run
from tests.unit.client.api_in_memory import Api, kubeconfig, serving, status

Serve = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def until(source: Source, true: Callable[[], object]) -> None:
    while not true():
        await asyncio.wait_for(source.after(source.version), 5)


async def test_there_is_one_watch_a_kind_of_all_namespaces(world: World, start: Start) -> None:
    world.put(FLOW_RUN, run("b", age=10))
    world.put(FLOW_RUN, run("a", "other", age=20))
    source = await start()
    assert sorted(world.asked) == [
        ("watch", kind, ALL) for kind in sorted((FLOW_RUN, DASK_CLUSTER, FLOW_SCHEDULE))
    ]
    await until(source, lambda: len(source.feeds[FLOW_RUN].objects) == 2)
    assert names(source.newest(FLOW_RUN)) == ["b", "a"]
    assert source.namespaces == ["other", "team"]
    assert "managedFields" not in source.newest(FLOW_RUN)[0]["metadata"]


async def test_what_happens_is_known(world: World, source: Source) -> None:
    world.put(FLOW_RUN, made := run("a"))
    await until(source, lambda: source.get(FLOW_RUN, "team", "a"))
    world.put(FLOW_RUN, run("a", phase="Running"))
    await until(source, lambda: (source.get(FLOW_RUN, "team", "a") or {})["status"])
    world.remove(FLOW_RUN, made)
    await until(source, lambda: source.get(FLOW_RUN, "team", "a") is None)


async def test_namespaces_that_are_named_are_watched_alone(world: World, start: Start) -> None:
    world.put(FLOW_RUN, run("a", "one"))
    world.put(FLOW_RUN, run("b", "two"))
    world.put(FLOW_RUN, run("c", "three"))
    source = await start("one", "two")
    await until(source, lambda: len(source.feeds[FLOW_RUN].objects) == 2)
    assert {each[2] for each in world.asked} == {"one", "two"}
    assert set(source.scope) == {"one", "two"}


async def test_who_may_not_see_all_sees_the_contexts_namespace(world: World, start: Start) -> None:
    world.refuse = {(kind, ALL): Forbidden("no") for kind in (FLOW_RUN, DASK_CLUSTER, FLOW_SCHEDULE)}
    world.put(FLOW_RUN, run("a"))
    source = await start()
    await until(source, lambda: source.get(FLOW_RUN, "team", "a"))
    assert source.scope == ("team",)
    assert not source.feeds[FLOW_RUN].troubles


async def test_what_was_wrong_with_all_goes_with_them(
    world: World, monkeypatch: pytest.MonkeyPatch, start: Start
) -> None:
    monkeypatch.setattr(module, "AGAIN_SECONDS", 0.01)
    world.refuse = {(FLOW_RUN, ALL): Unauthorized("log in again")}
    world.put(FLOW_RUN, run("a"))
    source = await start()
    assert ALL in source.feeds[FLOW_RUN].troubles
    world.refuse = {(FLOW_RUN, ALL): Forbidden("no")}
    await until(source, lambda: source.get(FLOW_RUN, "team", "a"))
    assert not source.feeds[FLOW_RUN].troubles


async def test_a_kind_that_is_forbidden_is_named_and_the_others_are_there(world: World, start: Start) -> None:
    said = "me may not list flowschedules.daskflow.dev in namespace team; ask for a role"
    world.refuse = {(FLOW_SCHEDULE, ALL): Forbidden("no"), (FLOW_SCHEDULE, "team"): Forbidden(said)}
    world.put(FLOW_RUN, run("a"))
    source = await start()
    await until(source, lambda: source.get(FLOW_RUN, "team", "a"))
    (trouble,) = source.feeds[FLOW_SCHEDULE].troubles.values()
    assert (trouble.sentence, trouble.forbidden) == (said, True)


async def test_a_server_that_is_away_is_said_to_be_until_it_is_back(world: World, source: Source) -> None:
    world.put(FLOW_RUN, run("a"))
    await until(source, lambda: source.get(FLOW_RUN, "team", "a"))
    world.away(Unreachable("x cannot be reached"))
    await until(source, lambda: source.feeds[FLOW_RUN].troubles)
    assert source.get(FLOW_RUN, "team", "a"), "what was known is still shown"
    world.put(FLOW_RUN, run("b"))
    await until(source, lambda: source.get(FLOW_RUN, "team", "b"))
    assert not source.feeds[FLOW_RUN].troubles


@pytest.mark.parametrize("error", [Unauthorized("log in again"), NotInstalled("install daskflow")])
async def test_what_passes_is_tried_again_with_new_credentials(
    world: World, monkeypatch: pytest.MonkeyPatch, error: Exception, start: Start
) -> None:
    monkeypatch.setattr(module, "AGAIN_SECONDS", 0.01)
    world.refuse = {(FLOW_RUN, ALL): error}  # type: ignore[dict-item]
    world.put(FLOW_RUN, run("a"))
    source = await start()
    await until(source, lambda: source.feeds[FLOW_RUN].troubles)
    world.refuse = {}
    await until(source, lambda: source.get(FLOW_RUN, "team", "a"))
    assert not source.feeds[FLOW_RUN].troubles
    assert (world.connections > 1) == isinstance(error, Unauthorized), "the kubeconfig is read once more"


async def test_what_went_while_nobody_watched_is_forgotten(
    world: World, monkeypatch: pytest.MonkeyPatch, source: Source
) -> None:
    monkeypatch.setattr(module, "AGAIN_SECONDS", 0.01)
    world.put(FLOW_RUN, run("gone"))
    await until(source, lambda: source.get(FLOW_RUN, "team", "gone"))
    world.end(Unreachable("away for too long"))
    world.objects[FLOW_RUN].clear()
    await until(source, lambda: source.get(FLOW_RUN, "team", "gone") is None)


async def test_a_token_that_has_expired_is_named_and_a_new_one_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over real HTTP, with a kubeconfig that somebody logs in to."""
    monkeypatch.setattr(module, "AGAIN_SECONDS", 0.05)
    api = Api()
    await api.put("a")

    def known(request: web.Request) -> web.Response | None:
        if request.headers["Authorization"] == "Bearer new":
            return None
        return status(401, "Unauthorized", "Unauthorized")

    api.serve = checked(api.serve, known)  # type: ignore[method-assign]
    async with serving(api, tmp_path) as connection:
        source = Source(connection.anew, ["team"])
        running = asyncio.ensure_future(source.run())
        await until(source, lambda: source.feeds[FLOW_RUN].troubles)
        assert "log in again" in source.feeds[FLOW_RUN].troubles["team"].sentence
        kubeconfig(tmp_path / "config", connection.access.server, token="new")
        await until(source, lambda: source.get(FLOW_RUN, "team", "a"))
        assert not source.feeds[FLOW_RUN].troubles
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def checked(serve: Serve, refusal: Callable[[web.Request], web.Response | None]) -> Serve:
    async def served(request: web.Request) -> web.StreamResponse:
        return refusal(request) or await serve(request)

    return served


async def test_a_server_that_was_never_there_is_said_to_be_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "FIRST_SECONDS", 0.1)
    config = kubeconfig(tmp_path / "config", "http://127.0.0.1:9")
    source = Source(lambda: Connection(kubeconfig=str(config)))
    running = asyncio.ensure_future(source.run())
    await until(source, lambda: source.feeds[FLOW_RUN].troubles)
    assert "cannot be reached" in source.feeds[FLOW_RUN].troubles[ALL].sentence
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
