"""The trigger by itself, in an event loop as the triggerer has one, against an API server at HTTP level."""

import asyncio
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from airflow.triggers.base import DiscrimatedTriggerEvent
from airflow_provider_daskflow import hook, triggers
from airflow_provider_daskflow.outcome import ANNOTATION_GIVEN_UP
from airflow_provider_daskflow.triggers import FlowRunTrigger
from pydantic import TypeAdapter

from integrations.airflow.tests.quick.api_server import ApiServer

RUN = {"apiVersion": "daskflow.dev/v1alpha1", "kind": "FlowRun", "metadata": {"name": "etl"}, "spec": {}}


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hook, "_LONGEST_PAUSE", 0.05)
    monkeypatch.setattr(triggers, "_KILL_PAUSE", 0.05)


@pytest.fixture
def run(server: ApiServer) -> dict[str, Any]:
    return put(server)


def put(server: ApiServer) -> dict[str, Any]:
    body = {**RUN, "metadata": {**RUN["metadata"], "namespace": "default", "uid": "one"}}  # type: ignore[dict-item]
    server.runs["default", "etl"] = body
    server.status("etl", phase="Running")
    return body


@pytest.fixture
def make(kubeconfig: str) -> Callable[..., FlowRunTrigger]:
    def made(**more: Any) -> FlowRunTrigger:
        given = {"name": "etl", "namespace": "default", "uid": "one", "poll_interval": 0.05, **more}
        given |= {"config_file": kubeconfig, "kubernetes_conn_id": None}
        # As the triggerer does it: from what was stored.
        path, stored = FlowRunTrigger(**given).serialize()
        assert path == "airflow_provider_daskflow.triggers.FlowRunTrigger"
        return FlowRunTrigger(**stored)

    return made


async def fired(trigger: FlowRunTrigger) -> dict[str, Any]:
    events = [event async for event in trigger.run()]
    assert len(events) == 1
    # As it goes from the triggerer to the database.
    adapter: TypeAdapter[Any] = TypeAdapter(DiscrimatedTriggerEvent)
    payload = adapter.validate_json(adapter.dump_json(events[0])).payload
    assert payload == events[0].payload
    return dict(payload)


async def until(look: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not look():  # noqa: ASYNC110 - the server is in another thread
            await asyncio.sleep(0.01)


async def test_it_fires_when_the_run_has_ended(server: ApiServer, run: Any, make: Any) -> None:
    waiting = asyncio.create_task(fired(make()))
    await until(lambda: server.watches)
    server.status("etl", phase="Retrying")
    server.status("etl", phase="Succeeded", result={"rows": 3}, resultNote="rounded")
    assert await waiting == {
        "name": "etl",
        "namespace": "default",
        "phase": "Succeeded",
        "reason": "",
        "message": "",
        "result": {"rows": 3},
        "note": "rounded",
        "traceback": "",
        "given_up": False,
    }


async def test_two_triggerers_say_the_same(server: ApiServer, run: Any, make: Any) -> None:
    first = asyncio.create_task(fired(make()))
    await until(lambda: server.watches)
    server.status(
        "etl", phase="Failed", reason="FlowFailed", message="ValueError: no", failure={"traceback": "…"}
    )
    assert await first == await fired(make())


async def test_a_cancelled_one_does_nothing_outside(server: ApiServer, run: Any, make: Any) -> None:
    trigger = make()
    waiting = asyncio.create_task(fired(trigger))
    await until(lambda: server.watches)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await trigger.cleanup()
    assert not [each for each in server.requests if not each.startswith("GET")]
    await until(lambda: not server.watches)


async def test_a_kill_cancels_the_run_though_the_api_server_stumbles(
    server: ApiServer, run: Any, make: Any
) -> None:
    server.faults.extend([503, 0])
    await make().on_kill()
    assert run["spec"] == {"cancel": True}
    assert ANNOTATION_GIVEN_UP in run["metadata"]["annotations"]


async def test_a_kill_of_a_run_that_is_gone_is_over_at_once(server: ApiServer, make: Any) -> None:
    await make().on_kill()
    assert len(server.requests) == 1


@pytest.mark.parametrize("fault", [0, 410, 429, 500, 503])
async def test_it_goes_on_when_the_api_server_does_not_answer(
    server: ApiServer, run: Any, make: Any, fault: int
) -> None:
    server.faults.extend([fault] * 6)
    waiting = asyncio.create_task(fired(make()))
    await until(lambda: server.watches)
    server.status("etl", phase="Succeeded")
    assert (await waiting)["phase"] == "Succeeded"


async def test_nothing_is_missed_when_a_watch_has_expired(server: ApiServer, run: Any, make: Any) -> None:
    waiting = asyncio.create_task(fired(make()))
    await until(lambda: server.watches)
    server.faults.extend([503])  # so that the end comes while nobody watches
    server.expire()
    await until(lambda: not server.watches)
    server.status("etl", phase="Succeeded")
    assert (await waiting)["phase"] == "Succeeded"


async def test_a_deleted_run_is_a_failure_in_a_sentence(server: ApiServer, run: Any, make: Any) -> None:
    waiting = asyncio.create_task(fired(make()))
    await until(lambda: server.watches)
    server.delete("etl")
    end = await waiting
    assert (end["phase"], end["reason"]) == (None, "RunDeleted")
    assert end["message"] == "somebody deleted the run before it had ended, or its end was seen"


async def test_another_run_of_the_same_name_is_not_ours(server: ApiServer, run: Any, make: Any) -> None:
    server.status("etl", phase="Succeeded")
    assert (await fired(make(uid="another")))["reason"] == "RunDeleted"


async def test_a_run_that_may_come_is_waited_for(server: ApiServer, make: Any) -> None:
    waiting = asyncio.create_task(fired(make(uid=None, may_come=True)))
    await until(lambda: server.watches)
    put(server)
    server.status("etl", phase="Succeeded", result=1)
    assert (await waiting)["result"] == 1


async def test_who_may_not_read_runs_is_told_so(
    server: ApiServer, run: Any, make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hook, "PATIENCE", 0.2)
    server.faults.extend([403] * 100)
    end = await fired(make())
    assert (end["phase"], end["reason"]) == (None, "NotReadable")
    assert (
        end["message"] == "the triggerer cannot follow it: the API server answers 403: as the test wants it"
    )


async def test_who_may_not_watch_runs_looks_at_them(server: ApiServer, run: Any, make: Any) -> None:
    looks = count()

    def refuses(request: str) -> None:
        if request.endswith("watch"):
            server.faults.append(403)
            if next(looks) == 2:
                server.status("etl", phase="Succeeded")

    server.asked = refuses
    assert (await fired(make()))["phase"] == "Succeeded"


async def test_a_triggerer_without_the_kubeconfig_says_so(make: Any) -> None:
    trigger = make()
    trigger.config_file = "/no/such/file"
    end = await fired(trigger)
    assert (end["phase"], end["reason"]) == (None, "NotReadable")
    assert "ConfigException: Invalid kube-config file" in end["message"]


async def test_a_run_may_be_longer_than_a_line_of_the_client(server: ApiServer, run: Any, make: Any) -> None:
    run["spec"] = {"flow": {"parameters": {"text": "x" * 700_000}}}
    waiting = asyncio.create_task(fired(make()))
    await until(lambda: server.watches)
    server.status("etl", phase="Succeeded")
    assert (await waiting)["phase"] == "Succeeded"


async def test_a_connection_that_nobody_answers_on_is_given_up(
    server: ApiServer, run: Any, make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(triggers, "_WATCH", 0.1)
    monkeypatch.setattr(triggers, "_SLACK", 0.1)
    waiting = asyncio.create_task(fired(make()))
    await until(lambda: server.watches)
    run["status"] = {"phase": "Succeeded", "result": 7}  # no event tells of it
    assert (await asyncio.wait_for(waiting, 10))["result"] == 7
