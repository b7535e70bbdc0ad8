"""Whatever a scheduler answers to an outcome, its record is written."""

import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from daskflow.runtime import record
from daskflow.runtime.runner.control_client import ControlClient, Refused, Unreachable
from daskflow.runtime.runner.hand_over import HandOver

FINAL = {"v": 1, "role": "runner", "outcome": "Succeeded", "reason": "Completed", "message": "It is done."}
TOTALS = {"seconds": 1.5, "tasks": 3, "prefixes": [], "timeline": "t"}
DEEP = "[" * 5000 + "]" * 5000


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A listener that answers each request with the same body, and what hands over to it."""
    monkeypatch.setenv("DASKFLOW_TERMINATION_LOG", "/dev/null")
    listening = socket.create_server(("127.0.0.1", 0))

    def serve(head: bytes, body: bytes) -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                connection.recv(65536)
                connection.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)

    def start(body: str, status: int = 200) -> ControlClient:
        head = b"HTTP/1.1 %d Word\r\nConnection: close\r\n" % status
        threading.Thread(target=serve, args=(head, body.encode()), daemon=True).start()
        return ControlClient(f"http://127.0.0.1:{listening.getsockname()[1]}", "uid", "token")

    yield start
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()


@pytest.mark.parametrize(
    "report",
    [
        '"text"',
        "[1]",
        "7",
        '{"seconds": 1}',
        '{"prefixes": 5}',
        '{"prefixes": {}}',
        f'{{"prefixes": [], "tasks": {"[" * 900 + "]" * 900}}}',
        json.dumps({"prefixes": [], "tasks": "x" * 60_000}),
        '{"prefixes": ["\\ud800"]}',
    ],
    ids=lambda given: str(given)[:30],
)
def test_a_report_that_is_none_costs_no_outcome(answering: Any, report: str) -> None:
    handing = HandOver(answering(f'{{"report": {report}}}'))
    handing.early(FINAL)
    handing.now(FINAL, "")
    assert handing.answered
    said = handing.with_report(FINAL)
    assert {**said, **FINAL} == said
    assert len(record.encode(said)) <= record.LIMIT


def test_a_report_comes_with_the_outcome(answering: Any) -> None:
    handing = HandOver(answering(json.dumps({"report": TOTALS})))
    handing.now(FINAL, "")
    assert handing.with_report(FINAL) == {**FINAL, "report": TOTALS}


@pytest.mark.parametrize(
    "answer", [DEEP, f'{{"report": {DEEP}}}', "[1]", "5", "null", "{"], ids=lambda a: a[:9]
)
def test_an_answer_that_is_none_is_no_answer(answering: Any, answer: str) -> None:
    control = answering(answer)
    with pytest.raises(Unreachable):
        control.outcome(FINAL)
    handing = HandOver(control)
    handing.early(FINAL)
    handing.now(FINAL, "SchedulerLost")
    assert handing.answered is False
    assert handing.with_report(FINAL) == FINAL


def test_one_that_holds_it_already_is_told_apart(answering: Any) -> None:
    control = answering('{"holder": "other"}', 409)
    with pytest.raises(Refused, match="other"):
        control.outcome(FINAL)
    handing = HandOver(control)
    handing.now(FINAL, "")
    assert handing.answered
