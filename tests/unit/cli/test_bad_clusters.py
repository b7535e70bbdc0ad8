"""What a command says of a cluster that cannot do what it asks: a sentence, a remedy and the exit code."""

import shlex
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from daskflow.cli import following
from daskflow.client import connection as connections

from tests.unit.cli.api_server import Answer, Request, Server, refused
from tests.unit.client.test_api_server import _pair

CANNOT = (
    'flowruns.daskflow.dev is forbidden: User "ann" cannot {verb} resource "flowruns" in API group '
    '"daskflow.dev" in the namespace "team"'
)
QUOTA = 'flowruns.daskflow.dev "x" is forbidden: exceeded quota: few, requested: count=1, used: count=9'
UNKNOWN = 'FlowRun cannot be handled as a FlowRun: strict decoding error: unknown field "x"'
UNSERVED = Answer(b"404 page not found", 404, "text/plain")
LIST, CREATE = CANNOT.format(verb="list"), CANNOT.format(verb="create")
PAGE = Answer(b"<!DOCTYPE html><title>Log in</title>", 200, "text/html; charset=utf-8")
RUN = {"metadata": {"name": "etl"}, "spec": {}, "status": {"phase": "Running", "message": "Half."}}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "FIRST_SECONDS", 0.0)
    monkeypatch.setattr(connections, "RESTART_SECONDS", 0.0)


def said(server: Server, words: str, code: int, *parts: str) -> str:
    """What a command says, in one line, when it ends so."""
    answer = server.call(*shlex.split(words))
    assert answer.exit_code == code, answer.output
    assert answer.exception is None or isinstance(answer.exception, SystemExit)
    assert answer.stderr.startswith("daskflow: ")
    assert answer.stderr.count("\n") == 1
    for part in parts:
        assert part in answer.stderr
    assert "this is a fault of daskflow" not in answer.stderr
    return answer.stderr


@pytest.mark.parametrize(
    ("answer", "words", "code", "parts"),
    [
        (UNSERVED, "list", 3, ["does not know flowruns", "helm install"]),
        (UNSERVED, "schedule list", 3, ["flowschedules.daskflow.dev"]),
        (refused(403, "Forbidden", LIST), "list", 3, ["ann may not list flowruns", "in namespace team"]),
        (refused(403, "Forbidden", CREATE), "run a:b --image x", 3, ["verb create on"]),
        (refused(403, "Forbidden", QUOTA), "run a:b --image x", 3, ["exceeded quota: few", "raised"]),
        (refused(400, "BadRequest", UNKNOWN), "run a:b --image x", 2, ['field "x"', "daskflow check"]),
        (refused(401, "Unauthorized", "Unauthorized"), "list", 3, ["expired", "log in again"]),
        (refused(429, "TooManyRequests", "too many"), "list", 3, ["too many", "try again"]),
        (refused(500, "InternalError", "etcdserver: no leader"), "list", 3, ["no leader", "try again"]),
        (PAGE, "list", 3, ["a page for browsers", "correct server in the kubeconfig"]),
        (PAGE, "get etl", 3, ["a page for browsers"]),
        (PAGE._replace(status=404), "list", 3, ["HTTP 404, a page for browsers"]),
        (PAGE._replace(status=403), "list", 3, ["HTTP 403, a page for browsers"]),
        (PAGE._replace(status=302), "list", 3, ["HTTP 302"]),
        (PAGE._replace(status=502), "list", 3, ["HTTP 502", "try again"]),
        (Answer(b"\x00\x01\xff garbage", 200, "application/octet-stream"), "list", 3, ["octet-stream"]),
        (Answer(b"hello", 400, "text/plain"), "run a:b --image x", 3, ["HTTP 400, text/plain: hello"]),
        (Answer([1, 2]), "list", 3, ["does not answer like an API server"]),
        (Answer({"items": 3}), "list", 3, ["does not answer like an API server"]),
        (Answer({"hello": "world"}), "list", 3, ["does not answer like an API server"]),
        (Answer({"hello": "world"}), "get etl", 3, ["does not answer like an API server"]),
    ],
)  # fmt: skip
def test_a_bad_answer_is_a_sentence(
    server: Server, answer: Answer, words: str, code: int, parts: list[str]
) -> None:
    server.say = lambda _: answer
    said(server, words, code, *parts)


def test_a_run_that_is_not_there_or_not_done(server: Server) -> None:
    server.put("flowruns", RUN)
    said(server, "get etll", 2, "there is no run etll in namespace team; did you mean etl?")
    said(server, "get zzz", 2, "`daskflow list` shows those that there are")
    said(server, "result etl", 4, "has not ended", "Running, Half", "it goes on")
    said(server, "wait etl --timeout 1s", 4, "has not ended after 1 s")
    server.say = lambda asked: refused(403, "Forbidden", "x") if len(asked.place) == 1 else None
    said(server, "get etll", 2, "`daskflow list`")  # who may not list is told as much


def test_kubeconfigs_that_lead_nowhere(server: Server, tmp_path: Path) -> None:
    for words, part in (
        ("--context hre", "has no context 'hre'; did you mean here?"),
        ("--context nowhere-near", "there are: here"),
        (f"--kubeconfig {tmp_path}/none", "does not exist"),
    ):
        said(server, f"list {words}", 3, part)
    answer = server.call("list", KUBECONFIG=str(tmp_path / "none"))
    assert (answer.exit_code, "there is no kubeconfig; set KUBECONFIG" in answer.stderr) == (3, True)


def test_a_token_file_is_read_once_more(server: Server, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("old\n")
    seen: list[str] = []

    def say(asked: Request) -> Answer | None:
        seen.append(asked.headers["authorization"])
        if seen[-1] == "Bearer new":
            return None
        token.write_text("new")  # as whoever looks after the file would, in the meantime
        return refused(401, "Unauthorized", "Unauthorized")

    server.say = say
    config = str(server.kubeconfig(tokenFile=str(token)))
    server.put("flowruns", {"metadata": {"name": "a"}, "spec": {}})
    assert _called(["list", "--kubeconfig", config]).returncode == 0
    assert seen == ["Bearer old", "Bearer new"]
    token.unlink()
    gone = _called(["list", "--kubeconfig", config])
    assert (gone.returncode, "log in again" in gone.stderr) == (3, True)


def test_a_program_for_credentials_is_called_once_more(server: Server, tmp_path: Path) -> None:
    count = tmp_path / "count"
    program = (
        f"import json, pathlib; p = pathlib.Path({str(count)!r}); n = p.exists() and len(p.read_text()) or 0;"
        " p.write_text('x' * (n + 1)); print(json.dumps({'status': {'token': f't{n}'}}))"
    )
    command = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": sys.executable,
        "args": ["-c", program],
        "interactiveMode": "Never",
    }
    known = ["Bearer t1"]
    server.say = lambda asked: (
        None if asked.headers["authorization"] in known else refused(401, "Unauthorized", "Unauthorized")
    )
    config = str(server.kubeconfig(exec=command))
    assert _called(["list", "--kubeconfig", config]).returncode == 0
    assert count.read_text() == "xx"
    known.clear()
    expired = _called(["list", "--kubeconfig", config])
    assert (expired.returncode, "log in again" in expired.stderr, count.read_text()) == (3, True, "xxxx")


def _called(words: list[str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, "-m", "daskflow.cli", *words], capture_output=True, text=True)


def test_a_server_that_is_not_there(server: Server) -> None:
    config = server.kubeconfig(server="http://127.0.0.1:1")
    answer = server.call("list", "--kubeconfig", str(_kept(config)))
    assert (answer.exit_code, "127.0.0.1:1 cannot be reached" in answer.stderr) == (3, True)


def _kept(config: Path) -> Path:
    """`call` writes its own over the first."""
    return config.rename(config.with_name("other"))


@pytest.fixture
def encrypted(tmp_path: Path) -> Iterator[str]:
    """The URL of a server with a certificate that nobody has signed."""
    key, certificate = _pair()
    pem = tmp_path / "server.pem"
    pem.write_bytes(key + certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as listening:
        listening.handle_error = lambda *_: None  # type: ignore[method-assign]
        listening.socket = context.wrap_socket(listening.socket, server_side=True)
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield f"https://127.0.0.1:{listening.server_address[1]}"
        listening.shutdown()


def test_a_certificate_that_is_not_trusted(server: Server, encrypted: str) -> None:
    config = _kept(server.kubeconfig(server=encrypted))
    answer = server.call("list", "--kubeconfig", str(config))
    assert answer.exit_code == 3
    for part in (f"the certificate of {encrypted} is not trusted", "certificate-authority-data"):
        assert part in answer.stderr


def test_a_server_that_speaks_no_tls(server: Server) -> None:
    config = _kept(server.kubeconfig(server=server.url.replace("http:", "https:")))
    answer = server.call("list", "--kubeconfig", str(config))
    assert (answer.exit_code, "speaks no TLS" in answer.stderr) == (3, True)


def test_a_run_that_no_operator_looks_at_is_told_of(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "UNSEEN_SECONDS", 0.2)
    server.put("flowruns", {**RUN, "status": {}})
    answer = server.call("wait", "etl", "--timeout", "1s")
    assert answer.exit_code == 4
    assert "no operator has looked at etl for 0.2 s; `daskflow check` says" in answer.stderr


def test_a_newer_run_can_be_looked_at(server: Server) -> None:
    """An operator that is newer than this program writes what this one does not know."""
    newer: dict[str, Any] = {"phase": "Hibernating", "message": "Zzz.", "brandNew": [{"x": 1}]}
    server.put("flowruns", {**RUN, "spec": {"flow": {"dream": 1}}, "status": newer})
    for words in ("list", "list -o wide", "get etl", "get etl -o json"):
        answer = server.call(*words.split())
        assert (answer.exit_code, "Hibernating" in answer.stdout) == (0, True)
