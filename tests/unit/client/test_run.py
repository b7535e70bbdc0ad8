"""A run in the hands of a program: what it waits for, what it raises, and what it survives."""

import asyncio
import threading

import pytest
from daskflow.client.connection import Connection
from daskflow.client.errors import Cancelled, FlowFailed, NotFinished, NotFound, Refused
from daskflow.client.run import AsyncRun
from daskflow.client.sync import Run, call

from tests.unit.client.api_in_memory import Api, status


async def _run(api: Api, connection: Connection) -> AsyncRun:
    return await AsyncRun.submit("flows.etl:flow", image="i", name="one", connection=connection)


async def test_a_result_is_waited_for_by_a_watch(api: Api, connection: Connection) -> None:
    run = await _run(api, connection)
    waiting = asyncio.create_task(run.result(10))
    for phase in ("Starting", "Running"):
        await api.put("one", phase)
    await api.watched.wait()
    await api.put("one", "Succeeded", result={"n": 3})
    assert await waiting == {"n": 3}
    assert len(api.requests) <= 4  # create, get, list, watch


async def test_a_failure_has_the_words_of_the_flow(api: Api, connection: Connection) -> None:
    run = await _run(api, connection)
    failure = {"exception": "KeyError", "message": "'day'", "traceback": "File …"}
    await api.put("one", "Failed", reason="FlowFailed", message="It failed.", failure=failure)
    with pytest.raises(FlowFailed, match="KeyError: 'day'") as caught:
        await run.result()
    error = caught.value
    assert (error.exception, error.message, error.traceback, error.reason, error.exit_code) == (
        *failure.values(),
        "FlowFailed",
        1,
    )


async def test_other_ends_are_told_apart(api: Api, connection: Connection) -> None:
    run = await _run(api, connection)
    await api.put("one", "Running", message="It runs.")
    for timeout in (0, 0.05):
        with pytest.raises(
            NotFinished, match=r"has not ended (yet|after .*): Running, It runs; it goes on"
        ) as late:
            await run.result(timeout)
        assert (late.value.exit_code, isinstance(late.value, TimeoutError)) == (4, True)
    await api.put("one", "Cancelled", reason="Cancelled", message="It was cancelled.")
    with pytest.raises(Cancelled, match="It was cancelled") as cancelled:
        await run.result(5)
    assert cancelled.value.exit_code == 5


@pytest.mark.parametrize("gone", [False, True])
async def test_a_watch_goes_on_where_it_was_cut(api: Api, connection: Connection, gone: bool) -> None:
    run = await _run(api, connection)
    api.cut = [1, 0, 1]
    phases = []
    follow = ["Starting", "Running", "Retrying", "Starting", "Succeeded"]
    async for state in run.watch():
        phases.append(state.phase)
        if follow:
            await api.put("one", follow.pop(0))
            api.oldest = len(api.events) if gone else 0
    assert (phases[0], phases[-1]) == (None, "Succeeded")
    assert phases[1:] == ["Starting", "Running", "Retrying", "Starting", "Succeeded"]


async def test_a_list_that_takes_too_long_for_its_next_page_begins_anew(
    api: Api, connection: Connection
) -> None:
    run = await _run(api, connection)
    await api.put("one", "Succeeded")
    api.answers = [lambda _: status(410, "Expired", "The provided continue parameter is too old")]
    assert [each.phase async for each in run.watch()] == ["Succeeded"]


async def test_a_run_that_is_deleted_is_not_waited_for(api: Api, connection: Connection) -> None:
    run = await _run(api, connection)
    waiting = asyncio.create_task(run.wait(10))
    await api.watched.wait()
    await api.remove("one")
    with pytest.raises(NotFound, match="one was deleted"):
        await waiting


async def test_an_unknown_run_has_those_that_are_called_alike(api: Api, connection: Connection) -> None:
    await api.put("etl-2026")
    with pytest.raises(NotFound, match="there is no run etl-2025 in namespace team; did you mean etl-2026"):
        await AsyncRun.get("etl-2025", connection=connection)


async def test_a_list_stops_where_it_is_told_to(api: Api, connection: Connection) -> None:
    for number in range(5):
        await api.put(f"run-{number}")
    found = await AsyncRun.list("a=b", limit=3, connection=connection)
    assert [run.name for run in found] == ["run-0", "run-1", "run-2"]
    assert [(request.query["limit"], request.query["labelSelector"]) for request in api.requests] == [
        ("3", "a=b")
    ]


async def test_the_same_without_await(api: Api, connection: Connection) -> None:
    """In a thread, since here is a loop already; a notebook would block its own."""
    found: list[object] = []

    def program() -> None:
        run = Run.submit("flows.etl:flow", image="i", name="one", connection=connection)
        found.append(run.wait(10).phase)
        found.extend(status.phase for status in run.watch())
        found.append([each.name for each in Run.list(connection=connection)])

    thread = threading.Thread(target=program)
    thread.start()
    await api.made("one")
    await api.put("one", "Succeeded")
    await asyncio.to_thread(thread.join, 10)
    assert found == ["Succeeded", "Succeeded", ["one"]]


def test_every_method_has_its_sync_face() -> None:
    faces = {name for name in dir(AsyncRun) if not name.startswith("_")}
    assert faces == {name for name in dir(Run) if not name.startswith("_")}
    assert all(getattr(Run, name).__doc__ == getattr(AsyncRun, name).__doc__ for name in faces - {"resource"})


def test_an_error_of_a_coroutine_is_the_callers() -> None:
    async def failing() -> None:
        raise NotFound("gone")

    with pytest.raises(NotFound, match="gone"):
        call(failing())


async def test_another_run_of_its_name_is_not_taken_for_it(api: Api, connection: Connection) -> None:
    run = await _run(api, connection)
    other = await api.put("one", "Succeeded", result="another's")
    other["metadata"]["uid"] = "another"
    api.events[-1]["object"]["metadata"]["uid"] = "another"
    for asked in (run.result(5), run.refresh(), anext(run.watch()), anext(run.logs())):
        with pytest.raises(NotFound, match="one was deleted"):
            await asked
    assert run.uid == "uid-one"


async def test_what_is_asked_of_a_run_is_not_asked_of_another(api: Api, connection: Connection) -> None:
    run = await _run(api, connection)
    await run.suspend()
    assert api.objects["one"]["spec"]["suspend"] is True
    api.answers = [lambda _: status(422, "Invalid", "admission says no")]
    with pytest.raises(Refused, match="admission says no"):
        await run.cancel()
    api.objects["one"]["metadata"]["uid"] = "another"
    for ask in (run.cancel, run.suspend, run.resume):
        with pytest.raises(NotFound, match="one was deleted, and another has its name"):
            await ask()
    assert "cancel" not in api.objects["one"]["spec"]
