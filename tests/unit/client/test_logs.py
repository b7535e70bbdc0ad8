"""Each line of a log is shown once, whatever its timestamp and however often the log is asked for."""

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial

import pytest
from aiohttp import web
from daskflow.client import logs as module
from daskflow.client.connection import Connection
from daskflow.client.logs import _Log, followed
from daskflow.client.run import AsyncRun
from daskflow.client.watching import Event

from tests.unit.client.api_in_memory import Api, status

POD = {"metadata": {"name": "p", "namespace": "team", "uid": "1"}}
ONE, TWO, THREE = (f"2026-01-01T00:00:0{number}.000000001Z" for number in (1, 2, 3))


async def _shown(api: Api, connection: Connection, *answers: str) -> list[str]:
    """What is shown of a log that ends after each of these answers, and the container with the last."""

    def log(text: str, _: web.Request) -> web.Response:
        return web.Response(text=text)

    def pod(last: bool, _: web.Request) -> web.Response:
        state = {"terminated": {}} if last else {"running": {}}
        return web.json_response({**POD, "status": {"containerStatuses": [{"name": "c", "state": state}]}})

    for number, text in enumerate(answers, 1):
        last = number == len(answers)
        api.answers += [partial(log, text), partial(pod, last)]
    return [line.text async for line in _Log(connection, POD, "c").lines(follow=True)]


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AGAIN_SECONDS", 0.0)


async def test_lines_may_have_the_same_timestamp(api: Api, connection: Connection) -> None:
    text = f"{ONE} a\n{TWO} b\n{TWO} c\n{ONE} late\n"
    assert await _shown(api, connection, text) == ["a", "b", "c", "late"]


async def test_what_an_answer_repeats_is_shown_once(api: Api, connection: Connection) -> None:
    shown = await _shown(
        api,
        connection,
        f"{ONE} a\n{TWO} b\n{TWO} c\n",
        f"{ONE} a\n{TWO} b\n{TWO} c\n{TWO} d\n",
        f"{TWO} b\n{TWO} c\n{TWO} d\n{THREE} e\n",
    )
    assert shown == ["a", "b", "c", "d", "e"]
    assert [each.query.get("sinceTime") for each in api.requests[::2]] == [
        None,
        "2026-01-01T00:00:02Z",
        "2026-01-01T00:00:02Z",
    ]


async def test_lines_without_a_timestamp_are_shown_and_end_nothing(api: Api, connection: Connection) -> None:
    kubelet = "failed to create fsnotify watcher: too many open files"
    shown = await _shown(api, connection, f"{ONE} 1%\r2%\n{kubelet}", f"{ONE} 1%\r2%\n{kubelet}\n{TWO} b\n")
    assert shown == ["1%", "2%", kubelet, "b"]


async def test_a_node_may_have_a_time_zone(api: Api, connection: Connection) -> None:
    at = ONE.replace("Z", "+02:00")
    assert await _shown(api, connection, f"{at} a\n", f"{at} a\n") == ["a"]
    assert api.requests[2].query["sinceTime"] == "2026-01-01T00:00:01+02:00"


async def test_a_log_that_is_refused_is_asked_for_until_its_container_has_ended(
    api: Api, connection: Connection
) -> None:
    waiting = status(400, "BadRequest", 'container "c" in pod "p" is waiting to start')
    api.answers = [
        lambda _: waiting,
        lambda _: web.json_response({**POD, "status": {}}),
    ]
    assert await _shown(api, connection, f"{ONE} a\n") == ["a"]
    assert all(re.search(r"/pods/p(/log)?$", each.path) for each in api.requests)


async def test_a_pod_may_fail_before_its_container_has_a_state(api: Api, connection: Connection) -> None:
    evicted = {**POD, "status": {"phase": "Failed", "reason": "Evicted"}}
    api.answers = [
        lambda _: status(400, "BadRequest", 'container "c" in pod "p" is not available'),
        lambda _: web.json_response(evicted),
    ]
    assert [line async for line in _Log(connection, POD, "c").lines(follow=True)] == []
    assert len(api.requests) == 2


async def test_who_follows_a_claimed_run_need_not_wait_for_the_labels_of_its_pods(
    api: Api, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt = {
        "number": 1,
        "cluster": "small-1",
        "startTime": "2026-01-01T00:00:00Z",
        "claim": {"pool": "small", "reason": "Claimed"},
    }
    run = await api.put("etl", "Running", attempt=1, attempts=[attempt])
    read = asyncio.Event()

    def pods(request: web.Request) -> web.Response:
        """Of the runner's pod none has the run's label yet."""
        assert "daskflow.dev/run" not in request.query["labelSelector"]
        return web.json_response({"items": [POD], "metadata": {"resourceVersion": "1"}})

    async def watched(_: Connection, kind: str, *__: str, **___: str) -> AsyncGenerator[Event, None]:
        if kind == "FlowRun":
            yield Event("ADDED", run)
        await read.wait()

    monkeypatch.setattr(module, "watch", watched)
    api.answers = [pods, lambda _: web.Response(text=f"{ONE} first line\n")]
    known = AsyncRun(run, connection)
    async with aclosing(followed(known, "runner", None, read.wait)) as lines:
        assert (await anext(lines)).text == "first line"
