"""Checks that run at once, wait for each other where they disturb the operator, and leave nothing."""

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from daskflow.cli.verification.check import Check, Make, Operator, Result, Until, expect
from daskflow.cli.verification.expectations import end
from daskflow.cli.verification.interrupts import held_once
from daskflow.cli.verification.manifests import run
from daskflow.cli.verification.moments import ended
from daskflow.cli.verification.operators import Operators
from daskflow.cli.verification.runner import Capacity, Runner, Verification, Wishes
from daskflow.client.connection import Connection

from tests.unit.cli.api_server import NAMESPACE, Answer, Object, Request, Server, refused, serving

PROBE = Check("image", "it runs", (Make(run("result = {}")), Until(ended(), 5), expect(end("Succeeded"))))


class Hands:
    """Writes down what is asked of it."""

    def __init__(self) -> None:
        self.did: list[str] = []

    async def delete(self) -> None:
        self.did.append("delete")

    async def stop(self) -> None:
        self.did.append("stop")

    async def start(self) -> None:
        self.did.append("start")

    async def upgrade(self) -> None:
        raise RuntimeError("no upgrade today")


def _succeeded(made: Object) -> Object:
    """What an operator of few words makes of a run."""
    if made["kind"] == "FlowRun":
        made["status"] = {"phase": "Succeeded", "result": {"distributed": "2026.8.0"}}
    return made


def _deleting(server: Server, kept: tuple[str, ...] = ()) -> Callable[[Request], Answer | None]:
    """Deletes what it is asked to, but for some."""

    def say(request: Request) -> Answer | None:
        if request.method == "DELETE" and len(request.place) == 2:
            plural, name = request.place
            if name not in kept and server.objects.get(plural, {}).pop(name, None) is None:
                return refused(404, "NotFound", f'{plural} "{name}" not found', name=name, kind=plural)
            return Answer({"kind": "Status", "status": "Success"})
        return None

    return say


def _verified(server: Server, *checks: Check, hands: Hands | None = None, **wishes: object) -> Verification:
    connection = Connection(kubeconfig=str(server.kubeconfig()))
    wished = Wishes("image:1", existing=NAMESPACE, **wishes)  # type: ignore[arg-type]
    return asyncio.run(Runner(connection, wished, hands or Hands()).run(PROBE, checks))


@pytest.fixture
def server(tmp_path: Path) -> object:
    with serving(tmp_path) as server:
        server.created = _succeeded
        server.say = _deleting(server)
        yield server


def _check(slug: str, phase: str = "Succeeded", **more: object) -> Check:
    steps = (Make(run("result = 1")), Until(ended(), 5), expect(end(phase)))
    return Check(slug, f"{slug} does", steps, **more)  # type: ignore[arg-type]


def _verdicts(found: Verification) -> dict[str, str]:
    return {each.check.slug: each.verdict for each in found.results}


def test_what_holds_passes_and_what_does_not_fails_and_nothing_stays(server: Server) -> None:
    found = _verified(server, _check("good"), _check("bad", "Cancelled"))
    assert _verdicts(found) == {"image": "pass", "good": "pass", "bad": "fail"}
    (bad,) = found.failed
    assert "should be Cancelled and is Succeeded" in bad.sentence
    assert found.left == []
    assert not server.objects["flowruns"]
    names = [request.body["metadata"]["name"] for request in server.requests if request.method == "POST"]
    assert all(name.startswith("v") for name in names), "others' objects may be called alike"


def test_what_cannot_be_removed_is_told(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("daskflow.cli.verification.place.SECONDS", 0.1)
    server.say = lambda request: (
        Answer({"kind": "Status", "status": "Success"}) if request.method == "DELETE" else None
    )
    found = _verified(server, _check("good"))
    (left,) = found.left
    assert "still there" in left
    assert "good" in left


def test_a_right_that_is_missing_makes_it_not_provable(server: Server) -> None:
    words = (
        'flowruns.daskflow.dev is forbidden: User "ann" cannot create resource "flowruns" in API group '
        '"daskflow.dev" in the namespace "team"'
    )
    delete = server.say

    def say(request: Request) -> Answer | None:
        refuses = request.method == "POST" and request.body["metadata"]["name"].endswith("good")
        return refused(403, "Forbidden", words) if refuses else delete(request)

    server.say = say
    (_, result) = _verified(server, _check("good")).results
    assert result.verdict == "not provable"
    assert result.sentence == "ann may not create flowruns.daskflow.dev in namespace team"
    assert "the verb create on flowruns.daskflow.dev" in result.remedy


def test_without_a_first_run_nothing_is_tried(server: Server) -> None:
    server.created = lambda made: {**made, "status": {"phase": "Failed"}}
    found = _verified(server, _check("good"))
    assert _verdicts(found) == {"image": "fail", "good": "not provable"}


@pytest.mark.parametrize("need", ["prefect", "own namespace", "stop operator", "upgrade"])
def test_what_is_needed_and_not_there_is_said(server: Server, need: str) -> None:
    (_, result) = _verified(server, _check("good", needs=(need,))).results
    assert result.verdict == "not provable"
    assert result.sentence
    assert result.remedy


def test_the_operator_is_stopped_once_for_all_and_is_there_in_the_end(server: Server) -> None:
    hands = Hands()
    steps = (Make(run("result = 1")), Operator("stop"), Until(ended(), 5), Operator("start"))
    one = Check("one", "it holds", steps)
    fails = Check("fails", "it fails before", (expect(end("Succeeded")), Operator("stop"), Operator("start")))
    found = _verified(server, one, Check("two", "it holds", steps), fails, hands=hands)
    assert _verdicts(found) == {"image": "pass", "one": "pass", "two": "pass", "fails": "fail"}
    assert hands.did == ["stop", "start", "start"]


def test_what_goes_wrong_with_the_operator_fails_those_that_wanted_it(server: Server) -> None:
    (_, result) = _verified(server, Check("up", "it holds", (Operator("upgrade"),))).results
    assert (result.verdict, result.sentence) == ("fail", "RuntimeError: no upgrade today")


def test_the_first_fault_can_be_the_last_check(server: Server) -> None:
    checks = [_check("bad", "Cancelled"), *(_check(f"good{number}") for number in range(3))]
    found = _verified(server, *checks, stop_at_fault=True, parallel=1)
    assert len(found.failed) == 1
    assert "not provable" in _verdicts(found).values()


def test_who_came_first_goes_first_however_much_it_takes() -> None:
    async def order() -> list[int]:
        capacity, went = Capacity(3), []

        async def go(weight: int) -> None:
            taken = await capacity.take(weight)
            went.append(weight)
            await asyncio.sleep(0)
            await capacity.give(taken)

        await asyncio.gather(*map(go, (2, 9, 1, 1)))
        return went

    assert asyncio.run(order()) == [2, 9, 1, 1]


def test_nobody_waits_for_a_check_that_has_ended() -> None:
    async def acted() -> list[str]:
        hands, coming = Hands(), ["one", "two"]
        operators = Operators(hands, lambda act: coming)
        waiting = asyncio.create_task(operators.act("delete", "one"))
        await asyncio.sleep(0.01)
        assert hands.did == []
        coming.remove("two")
        await operators.look()
        await waiting
        return hands.did

    assert asyncio.run(acted()) == ["delete"]


def test_results_are_told_as_they_come(server: Server) -> None:
    told: list[Result] = []
    connection = Connection(kubeconfig=str(server.kubeconfig()))
    runner = Runner(connection, Wishes("image:1", existing=NAMESPACE), Hands(), told.append)
    asyncio.run(runner.run(PROBE, [_check("good")]))
    assert [each.check.slug for each in told] == ["image", "good"]


def test_an_interrupt_while_all_is_removed_is_told_of_and_the_next_one_ends_it() -> None:
    said: list[str] = []
    with held_once(said.append):
        signal.raise_signal(signal.SIGINT)
        assert said == ["what was made is being removed; another Ctrl-C leaves it there."]
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
