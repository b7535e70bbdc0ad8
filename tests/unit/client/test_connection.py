"""Whatever goes wrong between a program and the API server is a sentence with a remedy, or mended."""

import asyncio
import base64
import datetime
import sys
import tempfile
from pathlib import Path

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
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
)

from tests.unit.client.api_in_memory import Api, kubeconfig, missing, serving, status

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


@pytest.mark.parametrize(
    ("program", "words"),
    [
        (["no-such-program"], "no-such-program"),
        ([sys.executable, "-c", "import sys; sys.exit('session is over')"], "session is over"),
        ([sys.executable, "-c", "print('{}')"], "credentials"),
    ],
)
async def test_a_program_for_credentials_that_fails(tmp_path: Path, program: list[str], words: str) -> None:
    command = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": program[0],
        "args": program[1:],
        "interactiveMode": "Never",
    }
    config = kubeconfig(tmp_path / "config", "http://127.0.0.1:1", exec=command)
    with pytest.raises(ConnectionFailed, match=words) as caught:
        await Connection(kubeconfig=str(config)).list("FlowRun")
    assert "\n" not in str(caught.value)


async def test_no_key_is_left_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    monkeypatch.setattr(connections, "FIRST_SECONDS", 0.0)
    key, certificate = _pair()
    data = {
        "client-key-data": base64.b64encode(key).decode(),
        "client-certificate-data": base64.b64encode(certificate).decode(),
    }
    config = kubeconfig(tmp_path / "config", "https://127.0.0.1:1", **data)
    with pytest.raises(ConnectionFailed, match="cannot be reached"):
        await Connection(kubeconfig=str(config)).list("FlowRun")
    assert not list((tmp_path / "tmp").iterdir())


def _pair() -> tuple[bytes, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ann")])
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now)
    certificate = builder.not_valid_after(now + datetime.timedelta(1)).sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    return (
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
        certificate.public_bytes(pem),
    )


def test_a_connection_serves_several_loops(tmp_path: Path) -> None:
    async def asked() -> list[object]:
        async with serving(Api(), tmp_path) as there:
            return [*await there.list("FlowRun"), *await there.list("FlowRun")]

    assert asyncio.run(asked()) == asyncio.run(asked()) == []
