"""What workers were paid for and used, by a clock of its own."""

from types import SimpleNamespace
from typing import Any

import pytest
from daskflow.runtime.scheduler.timeline import Timeline
from daskflow.runtime.scheduler.workers_use import WorkersUse


def worker(name: str, threads: int = 2, **metrics: Any) -> Any:
    return SimpleNamespace(
        address=name,
        name=name,
        nthreads=threads,
        metrics=metrics,
        memory_limit=1000,
        status=SimpleNamespace(name="running"),
    )


def use(*there: Any, work: bool = False) -> WorkersUse:
    return WorkersUse(Timeline(0.0), list(there), work, 0.0)


def test_threads_are_paid_from_registration_on_and_idle_without_work() -> None:
    workers = use()
    workers.work(True, 1)
    workers.came(worker("a"), 4)  # three seconds with work and nobody to do it
    workers.came(worker("b", 3), 6)
    workers.work(False, 10)
    workers.went("a", 12, True)
    workers.until(20)
    assert (workers.absent, workers.paid) == (3, 2 * 8 + 3 * 14)
    assert workers.idle == 5 * 2 + 3 * 8
    assert (workers.count, workers.threads, workers.deaths) == (2, 5, 0)
    assert sum(workers.row) == pytest.approx(workers.paid)


def test_a_worker_dies_unless_it_was_to_go() -> None:
    names = ("expected", "retired", "kept", "closing", "lost")
    states = {name: worker(name) for name in names}
    workers = use(*states.values())
    workers.leaves("retired", True)
    workers.leaves("kept", True)
    workers.leaves("kept", False)  # its data could not be moved, and it stayed
    states["closing"].status.name = "closing_gracefully"
    workers.look()
    deaths = []
    for name in (*names, "unknown"):
        workers.went(name, 1, name == "expected")
        deaths.append(workers.deaths)
    assert deaths == [0, 0, 1, 1, 2, 2]


def test_a_restart_of_all_workers_is_nobodys_death() -> None:
    workers = use(worker("a"))
    workers.restarted()
    workers.went("a", 1, False)
    workers.came(worker("a"), 2)
    workers.went("a", 3, False)
    assert workers.deaths == 1


def test_memory_before_the_run_is_not_the_runs() -> None:
    old = worker("old", memory=100, daskflow={"peak": 900, "spilled": 50, "moved": 70})
    workers = use(old)
    new = worker("new", memory=100, daskflow={"peak": 400, "spilled": 5, "moved": 7})
    workers.came(new, 1)
    workers.look()
    assert (workers.peak, workers.by, workers.limit) == (400, "new", 1000)
    assert (workers.spilled, workers.moved) == (5, 7)
    old.metrics = {"memory": 100, "daskflow": {"peak": 950, "spilled": 60, "moved": 70}}
    workers.look()
    assert (workers.peak, workers.by, workers.spilled, workers.moved) == (950, "old", 15, 7)


def test_what_a_worker_said_last_counts_after_its_death_and_others_need_say_nothing() -> None:
    dying, foreign = worker("dying", memory=10), worker("foreign")
    foreign.metrics, foreign.memory_limit = None, None
    workers = use(dying, foreign)
    dying.metrics = {"memory": 20, "daskflow": {"peak": 800, "spilled": 0, "moved": 1}}
    workers.went("dying", 1, False)
    workers.look()
    assert (workers.peak, workers.by, workers.moved, workers.deaths) == (800, "dying", 1, 1)


@pytest.mark.parametrize("odd", ["text", {"peak": "much"}, {"peak": 2**70}, {"spilled": -1, "moved": None}])
def test_what_a_worker_makes_up_is_left_out(odd: object) -> None:
    lying, honest = worker("a", daskflow=odd), worker("b", daskflow={"peak": 7, "spilled": 5, "moved": 3})
    workers = use(lying, honest)
    lying.metrics = {"daskflow": odd}
    honest.metrics = {"daskflow": {"peak": 9, "spilled": 6, "moved": 5}}
    workers.look()
    assert (workers.peak, workers.by, workers.spilled, workers.moved) == (9, "b", 1, 2)
