"""Whatever goes wrong between a program and the API server is a sentence with a remedy, or mended."""

import asyncio
from pathlib import Path
from urllib.parse import quote

import pytest
from aiohttp import web
from daskflow.client import connection as connections
from daskflow.client.connection import Connection
from daskflow.client.errors import (
    AlreadyExists,
    ConnectionFailed,
    DaskflowError,
    Forbidden,
    NotFound,
    NotInstalled,
    OverQuota,
    Refused,
    ServerFailed,
    Unauthorized,
    WrongUse,
)

from tests.unit.client.api_in_memory import PATH, Api, kubeconfig, missing, serving, status

FORBIDDEN = (
    'flowruns.daskflow.dev is forbidden: User "ann" cannot list resource "flowruns" in API group '
    '"daskflow.dev" in the namespace "team"'
)
CAUSE = {"field": "spec.image", "message": 'Invalid value: "object": spec.image is missing'}


@pytest.mark.parametrize(
    ("answer", "error", "code", "words"),
    [
        (
            status(403, "Forbidden", FORBIDDEN),
            Forbidden,
            3,
            "ann may not list flowruns.daskflow.dev in namesp",
        ),
        (web.Response(status=404, text="404 page not found"), NotInstalled, 3, "helm install daskflow"),
        (status(422, "Invalid", "bad", causes=[CAUSE]), Refused, 2, "spec.image: spec.image is missing"),
        (status(403, "Forbidden", "exceeded quota: small"), OverQuota, 3, "small; wait until others"),
        (status(400, "BadRequest", 'unknown field "spec.flw"'), Refused, 2, "spec.flw"),
    ],
)
async def test_an_answer_that_is_no_is_a_sentence(
    api: Api, connection: Connection, answer: web.Response, error: type[DaskflowError], code: int, words: str
) -> None:
    api.answers = [lambda _: answer]
    with pytest.raises(error, match=words) as caught:
        await connection.list("FlowRun")
    assert caught.value.exit_code == code
    assert "\n" not in str(caught.value)


async def test_an_expired_token_is_read_once_more(api: Api, connection: Connection) -> None:
    expired = status(401, "Unauthorized", "Unauthorized")
    api.answers = [lambda _: expired]
    assert await connection.list("FlowRun") == []
    api.answers = [lambda _: status(401, "Unauthorized", "Unauthorized")] * 2
    with pytest.raises(Unauthorized, match="log in again"):
        await connection.list("FlowRun")


async def test_a_server_that_restarts_is_waited_for(api: Api, connection: Connection) -> None:
    api.answers = [lambda _: status(503, "ServiceUnavailable", "starting"), lambda _: ConnectionError()]
    assert await connection.list("FlowRun") == []
    assert len(api.requests) == 3


async def test_one_that_stays_away_is_told_of(
    api: Api, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "FIRST_SECONDS", 0.0)
    monkeypatch.setattr(connections, "RESTART_SECONDS", 0.0)
    api.answers = [lambda _: status(500, "InternalError", "etcdserver: leader changed")]
    with pytest.raises(ServerFailed, match="leader changed"):
        await connection.list("FlowRun")


@pytest.mark.parametrize(
    "answer",
    [
        status(500, "InternalError", "etcdserver: request is too large"),
        status(500, "InternalError", "trying to send message larger than max (2200000 vs. 2097152)"),
        status(413, "RequestEntityTooLarge", "Request entity too large: limit is 3145728"),
    ],
)
async def test_what_is_too_large_is_refused_at_once(
    api: Api, connection: Connection, answer: web.Response
) -> None:
    api.answers = [lambda _: answer]
    with pytest.raises(Refused, match=r"FlowRun is larger than the cluster's store takes, .*: put"):
        await connection.create("FlowRun", {"metadata": {"name": "one"}})
    assert len(api.requests) == 1


async def test_a_server_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "FIRST_SECONDS", 0.0)
    nowhere = Connection(kubeconfig=str(kubeconfig(tmp_path / "config", "http://127.0.0.1:1")))
    with pytest.raises(ConnectionFailed, match=r"127\.0\.0\.1:1 cannot be reached"):
        await nowhere.list("FlowRun")


async def test_a_create_whose_answer_was_lost_is_no_other_object(api: Api, connection: Connection) -> None:
    managers = []

    def lost(request: web.Request) -> Exception:
        managers.append(request.query["fieldManager"])
        api.objects["one"] = {"metadata": {"name": "one", "managedFields": [{"manager": managers[0]}]}}
        return ConnectionError()

    there = status(409, "AlreadyExists", "already exists", name="one")
    run = {"metadata": {"name": "one"}}
    api.answers = [lost, lambda _: there]
    assert (await connection.create("FlowRun", run))["metadata"]["name"] == "one"
    api.answers = [lambda _: status(409, "AlreadyExists", "already exists", name="one")]
    with pytest.raises(AlreadyExists, match="there is a FlowRun one in namespace team already"):
        await connection.create("FlowRun", run)


async def test_a_deletion_whose_answer_was_lost_is_done(api: Api, connection: Connection) -> None:
    api.answers = [lambda _: ConnectionError(), lambda _: missing("one")]
    await connection.delete("FlowRun", "one", uid="u")
    api.answers = [lambda _: missing("one")]
    with pytest.raises(NotFound, match="there is no FlowRun one in namespace team"):
        await connection.delete("FlowRun", "one")
    api.answers = [lambda _: ConnectionError(), lambda _: missing("one")]
    await connection.delete("FlowRun", "one")


async def test_a_deletion_spares_another_of_the_name(api: Api, connection: Connection) -> None:
    said = "Precondition failed: UID in precondition: u, UID in object meta: v"
    api.answers = [lambda _: status(409, "Conflict", said)]
    await connection.delete("FlowRun", "one", uid="u")
    api.answers = [lambda _: status(409, "Conflict", "the object has been modified")]
    with pytest.raises(Refused, match="has been modified"):
        await connection.delete("FlowRun", "one", uid="u")


async def test_a_name_is_a_name_whatever_is_in_it(api: Api, connection: Connection) -> None:
    for name in ("x?y=1", "x%3Fy=1", "a/b", "a#b"):
        api.answers = [lambda _: missing("one")]
        with pytest.raises(NotFound):
            await connection.patch("FlowRun", name, {})
        assert api.requests[-1].rel_url.raw_path == f"{PATH}/{quote(name, safe='')}"
    for name in (".", ".."):
        with pytest.raises(WrongUse, match="is no name"):
            await connection.delete("ConfigMap", name)
    assert len(api.requests) == 4


async def test_requests_are_made_as_somebody_else(api: Api, connection: Connection) -> None:
    config = connection._kubeconfig
    other = Connection(kubeconfig=config, as_user="bob", as_groups=["one", "two"], namespace="theirs")
    api.answers = [lambda _: web.json_response({"metadata": {}, "items": []})]
    await other.list("FlowRun")
    (request,) = api.requests
    assert "/namespaces/theirs/" in request.path
    assert request.headers.getall("Impersonate-Group") == ["one", "two"]
    assert request.headers["Impersonate-User"] == "bob"
    assert request.headers["Authorization"] == "Bearer t"


@pytest.mark.parametrize("part", ["items", "rows"])
async def test_a_list_of_nothing_may_be_null(api: Api, connection: Connection, part: str) -> None:
    api.answers = [lambda _: web.json_response({"metadata": {}, part: None})]
    assert [page[part] async for page in connection.pages("FlowRun", form="metadata")] == [[]]


async def test_lists_come_in_pages(api: Api, connection: Connection) -> None:
    for number in range(5):
        await api.put(f"run-{number}")
    found = await connection.list("FlowRun", limit=2)
    assert [each["metadata"]["name"] for each in found] == [f"run-{number}" for number in range(5)]
    assert [request.query.get("continue") for request in api.requests] == [None, "2", "4"]


def test_a_connection_serves_several_loops(tmp_path: Path) -> None:
    async def asked() -> list[object]:
        async with serving(Api(), tmp_path) as there:
            return [*await there.list("FlowRun"), *await there.list("FlowRun")]

    assert asyncio.run(asked()) == asyncio.run(asked()) == []
