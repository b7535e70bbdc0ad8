"""Logs come in pieces, over connections that end when they like."""

from types import SimpleNamespace
from typing import Any

import pytest
from dagster_daskflow.pod_logs import Seen, follow, lines
from kubernetes.client.exceptions import ApiException
from urllib3.exceptions import ProtocolError

TIME = "2026-01-01T00:00:0{}.000000000Z"


def test_lines_are_whole_whatever_the_pieces() -> None:
    text = "a\nü\n\nb".encode()
    for size in range(1, len(text) + 1):
        pieces = [text[start : start + size] for start in range(0, len(text), size)]
        assert list(lines(iter(pieces))) == ["a", "ü", "", "b"]


def test_what_comes_twice_is_handed_over_once() -> None:
    first = [f"{TIME.format(1)} a", f"{TIME.format(2)} b", f"{TIME.format(2)} b"]
    seen = Seen()
    assert seen.since(0) is None
    assert [seen.new(each) for each in first] == ["a", "b", "b"]
    assert seen.since(1767225612) == 70  # ten seconds after the last line
    again = [*first, f"{TIME.format(2)} b", f"{TIME.format(3)} c"]
    assert [seen.new(each) for each in again] == [None, None, None, "b", "c"]


def test_what_a_kubelet_says_of_a_log_holds_up_none_of_it() -> None:
    seen = Seen()
    odd = "unable to retrieve container logs for containerd://4c1f"
    said = [f"{TIME.format(1)} a", odd, odd, f"{TIME.format(2)} b", "2026-01-01T00"]
    assert [seen.new(each) for each in said] == ["a", odd, None, "b", "2026-01-01T00"]
    assert seen.since(1767225612) == 70


class Connections:
    """An API whose answers to a log are these, one after the other; the container has ended with the last."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)

    def log(self, pod: str, container: str, since: int | None) -> Any:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        for each in answer:
            if isinstance(each, Exception):
                raise each
            yield each.encode()

    def pod(self, name: str) -> Any:
        state = SimpleNamespace(terminated=None if self.answers else object())
        return SimpleNamespace(
            status=SimpleNamespace(container_statuses=[SimpleNamespace(name="runner", state=state)])
        )


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dagster_daskflow.pod_logs._PAUSE", 0.001)


def test_a_log_is_read_to_its_end_over_many_connections() -> None:
    one, two, three = (f"{TIME.format(number)} {number}\n" for number in (1, 2, 3))
    waiting = ApiException(status=400, reason="container is waiting to start")
    api = Connections(
        waiting, [one, ProtocolError("gone")], ApiException(status=503), [one, two], [one, two, three]
    )
    read: list[str] = []
    follow(api, "p", "runner", read.append, lambda: False)
    assert read == ["1", "2", "3"]


def test_a_pod_that_is_gone_and_one_that_never_began_end_it() -> None:
    follow(Connections(ApiException(status=404)), "p", "runner", print, lambda: False)
    follow(Connections(ApiException(status=400)), "p", "runner", print, lambda: True)


def test_a_right_that_is_missing_is_said() -> None:
    with pytest.raises(ApiException):
        follow(Connections(ApiException(status=403)), "p", "runner", print, lambda: False)
