"""Credentials are read and made when they are needed, once for many requests, and leave nothing behind."""

import asyncio
import base64
import datetime
import sys
import tempfile
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

import pytest
import yaml
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from daskflow.client import connection as connections
from daskflow.client.connection import Connection
from daskflow.client.errors import ConnectionFailed, Unauthorized

from tests.unit.client.api_in_memory import Api, kubeconfig, status


@contextmanager
def _known_by(api: Api, tokens: set[str]) -> Iterator[None]:
    """Whoever has another token is refused."""

    def check(request: web.Request) -> web.StreamResponse | None:
        api.answers.append(check)
        known = request.headers.get("Authorization", "").removeprefix("Bearer ") in tokens
        return None if known else status(401, "Unauthorized", "Unauthorized")

    api.answers = [check]
    yield


async def test_a_token_is_read_from_the_kubeconfig_when_it_has_expired(
    api: Api, connection: Connection, tmp_path: Path
) -> None:
    tokens, path, server = {"old"}, tmp_path / "config", connection.access.server
    kubeconfig(path, server, token="old")
    asking = Connection(kubeconfig=str(path))
    with _known_by(api, tokens):
        await asking.list("FlowRun")
        tokens |= {"new"}
        tokens -= {"old"}
        # Somebody logs in, here and at another cluster, which is the current one from then on.
        kubeconfig(path, server, token="new")
        config = yaml.safe_load(path.read_text())
        config["contexts"].append({"name": "there", "context": {"cluster": "d", "user": "v"}})
        config["clusters"].append({"name": "d", "cluster": {"server": "http://127.0.0.1:1"}})
        path.write_text(yaml.safe_dump({**config, "current-context": "there"}))
        anew = asking.anew()
        assert await asking.list("FlowRun") == await anew.list("FlowRun") == []
        assert anew.access.server == server
        path.write_text("a: [")
        assert await asking.list("FlowRun") == []
        tokens.clear()
        with pytest.raises(Unauthorized, match="log in again"):
            await asking.list("FlowRun")


async def test_a_context_that_is_another_clusters_by_now_is_not_followed(
    api: Api, connection: Connection, tmp_path: Path
) -> None:
    path = kubeconfig(tmp_path / "config", connection.access.server, token="old")
    asking = Connection(kubeconfig=str(path))
    await asking.list("FlowRun")
    kubeconfig(path, "http://127.0.0.1:1", token="new")
    with _known_by(api, {"new"}), pytest.raises(Unauthorized, match="log in again"):
        await asking.list("FlowRun")


async def test_many_requests_at_once_ask_the_program_for_credentials_once(
    api: Api, connection: Connection, tmp_path: Path
) -> None:
    program = tmp_path / "bin" / "login"
    program.parent.mkdir()
    program.write_text(
        f"#!{sys.executable}\n"
        "import json, pathlib\n"
        f"calls = pathlib.Path({str(tmp_path / 'calls')!r})\n"
        "calls.open('a').write('x')\n"
        "print(json.dumps({'status': {'token': calls.read_text()}}))\n"
    )
    program.chmod(0o755)
    # As kubectl has it: from the kubeconfig's folder.
    command = {"apiVersion": "client.authentication.k8s.io/v1", "command": "bin/login"}
    asking = Connection(
        kubeconfig=str(kubeconfig(tmp_path / "config", connection.access.server, exec=command))
    )
    for tokens in ({"x"}, {"xx"}):
        with _known_by(api, tokens):
            assert await asyncio.gather(*(asking.list("FlowRun") for _ in range(6))) == [[]] * 6
        assert {(tmp_path / "calls").read_text()} == tokens


async def test_any_number_of_answers_may_be_open(api: Api, connection: Connection) -> None:
    async with AsyncExitStack() as watches:
        for _ in range(101):
            query = {"watch": "true", "resourceVersion": "0"}
            opened = connection.open("GET", "FlowRun", query=query, stream=True)
            await asyncio.wait_for(watches.enter_async_context(opened), 5)
        assert await asyncio.wait_for(connection.list("FlowRun"), 5) == []


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
    data["client-certificate-data"] = base64.b64encode(b"no certificate").decode()
    kubeconfig(config, "https://127.0.0.1:1", **data)
    with pytest.raises(ConnectionFailed, match="cannot be read"):
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
