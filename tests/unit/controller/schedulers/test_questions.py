"""Schedulers without a listener of ours: asked as long as plans ask, told of as lost, believed with care."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from daskflow.controller.known.store import Store
from daskflow.controller.schedulers.answers import ControlError
from daskflow.controller.schedulers.pacing import LONGEST_BACKOFF_SCALING
from daskflow.controller.schedulers.questions import LOST_SECONDS, Questions
from daskflow.controller.schedulers.retiring import Retiring
from daskflow.plan.model import Answer, Key, Question

from tests.simulation.loop import run
from tests.unit.plan.dask_kubernetes.strange import body

KEY = Key("DaskAutoscaler", "data", "lab")
QUESTION = Question("uid-scheduler", "tcp://10.0.0.7:8786", demand=True)


class Scheduler:
    """Says what it is told to say; an exception is raised."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.calls: list[str] = []
        self.dials = 0

    async def dial(self, address: str, keys: object = None) -> "Scheduler":
        self.dials += 1
        if isinstance(self.answers.get("dial"), Exception):
            raise self.answers["dial"]
        return self

    async def call(self, op: str, seconds: float = 1.0, **arguments: Any) -> Any:
        self.calls.append(op)
        answer = self.answers[op]
        if isinstance(answer, Exception):
            raise answer
        return answer(arguments) if callable(answer) else answer

    def close(self) -> None:
        self.calls.append("closed")


def asking(scheduler: Scheduler) -> tuple[Store, Questions, list[Key]]:
    changed: list[Key] = []
    store = Store(changed=changed.append)
    store.put(body("DaskAutoscaler", {"cluster": "lab"}))
    changed.clear()
    return store, Questions(store, dial=scheduler.dial), changed


def test_an_answer_is_news_once_and_is_asked_for_again_and_again() -> None:
    scheduler = Scheduler(adaptive_target=3)
    store, questions, changed = asking(scheduler)

    async def life() -> None:
        questions.ask(KEY, QUESTION)
        await asyncio.sleep(5)
        assert store.reports.answer("uid-lab") == Answer("uid-scheduler", demand=3)
        assert (changed, scheduler.calls, scheduler.dials) == ([KEY], ["adaptive_target"] * 3, 1)
        scheduler.answers["adaptive_target"] = 4
        await asyncio.sleep(2)
        assert changed == [KEY, KEY]
        questions.ask(KEY, None)
        await asyncio.sleep(10)
        assert scheduler.calls[-1] == "closed"
        assert (store.reports.answer("uid-lab"), len(questions)) == (None, 0)

    run(life())


@pytest.mark.parametrize("said", ["x", -1, None, 1e99, float("nan"), True, [1]])
def test_a_demand_that_is_none_is_no_answer(said: Any) -> None:
    scheduler = Scheduler(adaptive_target=said)
    store, questions, _ = asking(scheduler)

    async def life() -> None:
        questions.ask(KEY, QUESTION)
        await asyncio.sleep(5)
        assert store.reports.answer("uid-lab") is None
        await asyncio.gather(*questions.halt(), return_exceptions=True)

    run(life())


def test_one_that_cannot_be_reached_is_lost_after_a_while_and_found_again() -> None:
    scheduler = Scheduler(dial=ControlError("refused"), adaptive_target=2)
    store, questions, _ = asking(scheduler)

    async def life() -> None:
        questions.ask(KEY, QUESTION)
        await asyncio.sleep(LOST_SECONDS - 1)
        assert store.reports.answer("uid-lab") is None
        await asyncio.sleep(3)
        assert store.reports.answer("uid-lab") == Answer("uid-scheduler", lost=True)
        del scheduler.answers["dial"]
        await asyncio.sleep(LONGEST_BACKOFF_SCALING)
        assert store.reports.answer("uid-lab") == Answer("uid-scheduler", demand=2)
        store.remove(KEY, "uid-lab")
        questions.update(KEY)
        assert len(questions) == 0

    run(life())


@pytest.mark.parametrize(
    ("question", "dials"),
    [
        (QUESTION, range(70, 85)),
        (Question("uid-scheduler", "tcp://10.0.0.7:8786", idle=True), range(10, 16)),
    ],
)
def test_one_that_stays_away_is_dialled_later_and_later(question: Question, dials: range) -> None:
    scheduler = Scheduler(dial=ControlError("refused"), adaptive_target=2, check_idle=None)
    store, questions, _ = asking(scheduler)

    async def life() -> None:
        questions.ask(KEY, question)
        await asyncio.sleep(LOST_SECONDS + 1)
        assert store.reports.answer("uid-lab") == Answer("uid-scheduler", lost=True)
        await asyncio.sleep(570)
        assert scheduler.dials in dials
        await asyncio.gather(*questions.halt(), return_exceptions=True)

    run(life())


@pytest.mark.parametrize(
    ("since", "held", "answer"),
    [
        (None, {}, Answer("uid-scheduler")),
        (1_000_000.5, {}, Answer("uid-scheduler", idle_since=datetime.fromtimestamp(1_000_000, UTC))),
        (
            1_000_000,
            {"inc": 28},
            Answer("uid-scheduler", idle_since=datetime.fromtimestamp(1_000_000, UTC), holds=True),
        ),
    ],
)
def test_who_is_idle_is_asked_what_it_holds(since: Any, held: Any, answer: Answer) -> None:
    scheduler = Scheduler(check_idle=since, nbytes=held)
    store, questions, _ = asking(scheduler)

    async def life() -> None:
        questions.ask(KEY, Question("uid-scheduler", "tcp://10.0.0.7:8786", idle=True))
        await asyncio.sleep(1)
        assert store.reports.answer("uid-lab") == answer
        questions.halt()

    run(life())


@pytest.mark.parametrize("said", [1e11, 253402300799, -1.0, float("nan"), float("inf"), "x", [1]])
def test_a_time_that_is_none_is_no_answer(said: Any) -> None:
    scheduler = Scheduler(check_idle=said, nbytes={})
    store, questions, _ = asking(scheduler)

    async def life() -> None:
        questions.ask(KEY, Question("uid-scheduler", "tcp://10.0.0.7:8786", idle=True))
        await asyncio.sleep(5)
        assert store.reports.answer("uid-lab") is None
        await asyncio.gather(*questions.halt(), return_exceptions=True)

    run(life())


def test_only_what_is_said_when_the_time_is_over_counts_as_idle() -> None:
    """One that is given work, and is too busy to answer, has said before that it idles."""
    began = datetime.now(UTC).timestamp()
    scheduler = Scheduler(check_idle=began - 50, nbytes={})
    store, questions, _ = asking(scheduler)

    async def life() -> None:
        wish = Question("uid-scheduler", "tcp://10.0.0.7:8786", idle=True, idle_seconds=3600)
        questions.ask(KEY, wish)
        await asyncio.sleep(5)
        assert store.reports.answer("uid-lab") == Answer("uid-scheduler")
        scheduler.answers["check_idle"] = began - 3601
        await asyncio.sleep(5)
        answer = store.reports.answer("uid-lab")
        assert answer is not None
        assert answer.idle_since is not None
        await asyncio.gather(*questions.halt(), return_exceptions=True)

    run(life())


def test_idle_time_is_reckoned_by_the_operators_clock_as_kubernetes_corrects_it() -> None:
    """One that is five minutes ahead ends no cluster five minutes early."""
    began = datetime(2026, 1, 1, tzinfo=UTC)
    scheduler = Scheduler(check_idle=began.timestamp() - 50, nbytes={})
    store, _, _ = asking(scheduler)
    now = began
    questions = Questions(store, dial=scheduler.dial, now=lambda: now)

    async def life() -> None:
        nonlocal now
        questions.ask(KEY, Question("uid-scheduler", "tcp://10.0.0.7:8786", idle=True, idle_seconds=60))
        await asyncio.sleep(5)
        assert store.reports.answer("uid-lab") == Answer("uid-scheduler")
        now = began + timedelta(seconds=10)
        await asyncio.sleep(5)
        answer = store.reports.answer("uid-lab")
        assert answer is not None
        assert answer.idle_since == began - timedelta(seconds=50)
        await asyncio.gather(*questions.halt(), return_exceptions=True)

    run(life())


def _worker(name: str, seen: float, **counts: int) -> dict[str, Any]:
    return {"name": name, "last_seen": seen, "metrics": {"task_counts": counts, "managed_bytes": 0}}


def test_the_least_busy_go_when_they_have_finished_and_are_named_when_nobody_asks_any_more() -> None:
    workers = {
        "a": _worker("a", 1.0, executing=1),
        "b": _worker("b", 1.0),
        "c": _worker("c", 1.0, executing=2),
    }
    told: list[Any] = []
    scheduler = Scheduler(
        identity=lambda _: {"workers": {f"tcp://{name}": each for name, each in workers.items()}},
        retire_workers=lambda arguments: told.append(arguments),
    )
    store, questions, _ = asking(scheduler)
    question = Question("uid-scheduler", "tcp://10.0.0.7:8786", workers=dict.fromkeys("abcd", ""), surplus=3)

    async def life() -> None:
        questions.ask(KEY, question)
        await asyncio.sleep(0.5)
        # d has not registered: nothing is lost with it.
        assert store.reports.answer("uid-lab") == Answer("uid-scheduler", retired=frozenset({"d"}))
        assert told[0] == {"workers": ["tcp://b", "tcp://a"], "close_workers": False, "remove": False}
        workers["b"] = _worker("b", 2.0)
        workers["a"] = _worker("a", 2.0, executing=1)
        await asyncio.sleep(1)
        assert store.reports.answer("uid-lab") == Answer("uid-scheduler", retired=frozenset({"b", "d"}))
        # The wish is taken back while one still computes: it gets no tasks any more, so it has to go.
        questions.ask(KEY, None)
        left = store.reports.answer("uid-lab")
        assert left is not None
        assert left.retired == {"a", "b", "d"}

    run(life())


async def test_a_pods_workers_are_known_by_its_address_where_they_have_other_names() -> None:
    known = {
        "tcp://10.0.0.1:4000": {"name": "tcp://10.0.0.1:4000", "host": "10.0.0.1", "last_seen": 1.0},
        "tcp://10.0.0.2:4000": {"name": "b-0", "host": "10.0.0.2", "last_seen": 1.0},
        "tcp://10.0.0.2:4001": {"name": "b-1", "host": "10.0.0.2", "last_seen": 1.0},
    }
    told: list[Any] = []
    scheduler = Scheduler(identity={"workers": known}, retire_workers=told.append)
    question = Question("uid", "tcp://x:1", workers={"a": "10.0.0.1", "b": "10.0.0.2"}, surplus=2)
    gone = await Retiring().step(scheduler, question, lambda: 0.0)
    assert gone == frozenset()
    assert sorted(told[0]["workers"]) == sorted(known)


async def test_thousands_of_workers_are_looked_through_once() -> None:
    """Nobody else is planned for while this goes on: each with each would be millions of comparisons."""
    looks = 0

    class Worker(dict[str, Any]):
        def get(self, key: str, default: Any = None) -> Any:
            nonlocal looks
            looks += 1
            return super().get(key, default)

    pods = {f"lab-worker-{number}": f"10.0.0.{number}" for number in range(200)}
    known = {f"tcp://{ip}:1": Worker(name=name, host=ip, last_seen=1.0) for name, ip in pods.items()}
    question = Question("uid", "tcp://x:1", workers=pods, surplus=100)
    scheduler = Scheduler(identity={"workers": known}, retire_workers=lambda _: None)
    await Retiring().step(scheduler, question, lambda: 0.0)
    assert looks < 20 * len(pods)
