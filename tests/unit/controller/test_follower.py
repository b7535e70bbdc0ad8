"""Who is asked for progress, how often, and what comes of errors: in virtual time."""

import asyncio
from collections.abc import Callable, Coroutine
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from daskflow.controller.known.observe import observe
from daskflow.controller.known.store import Store
from daskflow.controller.schedulers.answers import ControlError, State
from daskflow.controller.schedulers.polling import Poller
from daskflow.controller.schedulers.wire import Listener
from daskflow.plan.model import Key, ScaleOrder

from tests.simulation import loop
from tests.unit.controller.running import CREATED, RUN, running

Answer = Callable[["World", int, float], Coroutine[Any, Any, State]]


class World:
    """A store with running runs, and schedulers that all answer the same way."""

    def __init__(self, answer: Answer, runs: int = 1, connections: int = 2_000) -> None:
        self.answer = answer
        self.news: list[tuple[float, Key]] = []
        self.store = Store(changed=lambda key: self.news.append((now(), key)))
        self.keys = [Key("FlowRun", "data", "etl" if n == 1 else f"etl-{n}") for n in range(1, runs + 1)]
        for number in range(1, runs + 1):
            for each in running(number):
                self.store.put(each)
        self.news.clear()
        self.chance = Random(1)
        self.results: list[str] = []
        self.questions: list[float] = []
        self.taken: list[tuple[float, ScaleOrder]] = []
        self.dialled: list[tuple[float, Listener]] = []
        self.open = self.most_open = 0
        self.poller = Poller(
            self.store,
            b"k" * 32,
            dial=self.dial,
            polled=self.results.append,
            chance=self.chance,
            connections=connections,
        )

    async def dial(self, listener: Listener, root_key: bytes) -> "World.Connection":
        self.dialled.append((now(), listener))
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        return World.Connection(self)

    class Connection:
        def __init__(self, world: "World") -> None:
            self.world = world

        async def watch(self, since: int, wait: float) -> State:
            self.world.questions.append(now())
            return await self.world.answer(self.world, since, wait)

        async def scale(self, order: ScaleOrder) -> State:
            self.world.taken.append((now(), order))
            return await self.world.answer(self.world, -1, 0.0)

        def close(self) -> None:
            self.world.open -= 1

    async def live(self, seconds: float) -> None:
        for key in self.keys:
            self.poller.update(key)
        await asyncio.sleep(seconds)


def now() -> float:
    return asyncio.get_running_loop().time()


async def busy(world: World, since: int, wait: float) -> State:
    """Something new at once, whenever it is asked."""
    await asyncio.sleep(0.01)
    done = int(now() * 10)
    return State(since + 1, done, 10_000, ("1",))


async def idle(world: World, since: int, wait: float) -> State:
    """A long task: once an answer, then never anything new."""
    if since != 7:
        return State(7, 1, 10, ("1",))
    await asyncio.sleep(wait)
    return State(7, 1, 10, ("1",))


async def babbling(world: World, since: int, wait: float) -> State:
    """Always a new version, never anything new."""
    return State(since + 1, 0, 0, ("1",))


async def broken(world: World, since: int, wait: float) -> State:
    raise ControlError("nonsense")


async def buggy(world: World, since: int, wait: float) -> State:
    raise ZeroDivisionError


def test_news_of_a_run_comes_at_most_every_ten_seconds() -> None:
    async def life() -> None:
        world = World(busy)
        await world.live(300)
        times = [at for at, _ in world.news]
        assert times[0] >= 10
        assert min(b - a for a, b in pairwise(times)) >= 10
        assert 26 <= len(times) <= 29
        assert len(world.dialled) == 1

    loop.run(life())


def test_news_that_comes_late_is_not_followed_closely_by_more() -> None:
    async def late(world: World, since: int, wait: float) -> State:
        await asyncio.sleep(wait * world.chance.random())
        return State(since + 1, since, 10_000, ("1",))

    async def life() -> None:
        world = World(late)
        await world.live(5_000)
        times = [at for at, _ in world.news]
        assert len(times) > 50
        assert min(b - a for a, b in pairwise(times)) >= 10

    loop.run(life())


def test_an_idle_run_costs_one_question_a_timeout() -> None:
    async def life() -> None:
        world = World(idle)
        await world.live(3_600)
        assert len(world.news) == 1
        assert 60 <= len(world.questions) <= 68
        assert len(world.dialled) == 1
        assert set(world.results) == {"news", "nothing"}

    loop.run(life())


def test_a_scheduler_that_babbles_is_asked_every_ten_seconds() -> None:
    async def life() -> None:
        world = World(babbling)
        await world.live(600)
        assert world.news == []
        assert len(world.questions) < 60

    loop.run(life())


@pytest.mark.parametrize("fault", [broken, buggy])
def test_errors_are_backed_off_from_and_harm_nobody(fault: Answer) -> None:
    async def life() -> None:
        world = World(fault)
        await world.live(3_600)
        assert 60 < len(world.questions) < 100
        gaps = [b - a for a, b in pairwise(world.questions)]
        assert gaps[0] < 3
        assert 30 <= gaps[-1] <= 61
        assert set(world.results) == {"error"}
        assert world.open == 0
        assert world.news == []
        world.answer = busy
        await asyncio.sleep(120)
        assert world.news

    loop.run(life())


def test_many_runs_share_connections_and_status_writes() -> None:
    async def life() -> None:
        world = World(busy, runs=1_000, connections=50)
        await world.live(700)
        assert world.most_open == 50
        assert {key for _, key in world.news} == set(world.keys)
        # 20 a second of all, so every run about every 50 seconds
        assert len(world.news) < 20 * 700
        assert len(world.news) > 9_000
        at = [at for at, _ in world.dialled]
        assert max(sum(t <= other < t + 1 for other in at) for t in range(700)) <= 51

    loop.run(life())


def test_idle_runs_beyond_the_bound_take_turns() -> None:
    async def life() -> None:
        world = World(idle, runs=20, connections=5)
        await world.live(600)
        assert world.most_open == 5
        assert {key for _, key in world.news} == set(world.keys)

    loop.run(life())


def test_only_the_scheduler_that_was_made_is_dialled() -> None:
    run, cluster, pod = running()
    tls = {"security": {"tls": {"mode": "Disabled"}}}
    brought = {"security": {"tls": {"mode": "Secret", "secretName": "mine"}}}
    foreign = [{**cluster["metadata"]["ownerReferences"][0], "uid": "run-0"}]
    cases: list[tuple[str, list[dict[str, Any]], bool]] = [
        ("as it should be", [run, cluster, pod], True),
        ("no cluster", [run], False),
        ("no pod", [run, cluster], False),
        ("over", [*running(phase="Succeeded")], False),
        ("starting", [*running(phase="Starting")], False),
        ("without TLS", [*running(spec=tls)], True),
        ("with the user's certificates", [*running(spec=brought)], True),
        ("a cluster of another run", [run, with_metadata(cluster, ownerReferences=foreign), pod], False),
        ("another pod", [run, cluster, with_metadata(pod, uid="other")], False),
        ("a worker", [run, cluster, with_metadata(pod, name="etl-x-1-worker-0")], False),
        ("on its way out", [run, cluster, with_metadata(pod, deletionTimestamp="now")], False),
        ("a run that is being deleted", [with_metadata(run, deletionTimestamp="now"), cluster, pod], False),
        ("no address yet", [run, cluster, *running(ip="")[2:]], False),
    ]

    async def life() -> None:
        for name, bodies, followed in cases:
            world = World(idle, runs=0)
            for each in bodies:
                world.store.put(each)
            world.news.clear()
            world.poller.update(RUN)
            await asyncio.sleep(30)
            assert len(world.dialled) == followed, name
            if followed:
                wanted = Listener("10.0.0.7", "cluster-1", CREATED, name != "without TLS")
                assert world.dialled[0][1] == wanted
            await world.poller.stop()
            assert world.open == 0

    loop.run(life())


def with_metadata(body: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {**body, "metadata": {**body["metadata"], **changes}}


def test_following_ends_with_the_run_and_moves_with_the_attempt() -> None:
    async def life() -> None:
        world = World(idle)
        await world.live(30)
        run = world.store.get(RUN)
        assert run is not None
        world.poller.update(RUN)
        assert len(world.dialled) == 1
        world.store.put(with_metadata({**run, "status": {"phase": "Retrying"}}, resourceVersion="2"))
        world.poller.update(RUN)
        await asyncio.sleep(1)
        assert (len(world.poller), world.open) == (0, 0)
        assert observe(world.store, run, 0.0).counts is not None
        world.store.put(with_metadata(run, resourceVersion="3"))
        world.poller.update(RUN)
        await asyncio.sleep(30)
        assert len(world.dialled) == 2
        world.store.remove(RUN, run["metadata"]["uid"])
        world.poller.update(RUN)
        await asyncio.sleep(1)
        assert (len(world.poller), world.open) == (0, 0)
        assert observe(world.store, run, 0.0).counts is None

    loop.run(life())


def test_the_next_attempt_is_followed_though_its_beginning_was_not_seen() -> None:
    async def life() -> None:
        world = World(idle)
        await world.live(30)
        run, cluster, pod = running(ip="10.0.0.8")
        run["status"]["cluster"]["name"] = cluster["metadata"]["name"] = "etl-x-2"
        cluster["metadata"]["uid"] = pod["metadata"]["ownerReferences"][0]["uid"] = "cluster-2"
        cluster["status"]["scheduler"]["uid"] = pod["metadata"]["uid"] = "scheduler-2"
        pod["metadata"]["name"] = "etl-x-2-scheduler"
        for each in (cluster, pod, with_metadata(run, resourceVersion="2")):
            world.store.put(each)
        world.poller.update(RUN)
        await asyncio.sleep(30)
        assert [where.ip for _, where in world.dialled] == ["10.0.0.7", "10.0.0.8"]
        assert (len(world.poller), world.open) == (1, 1)
        counts = observe(world.store, run, 0.0).counts
        assert counts is not None
        assert counts.scheduler == "scheduler-2"

    loop.run(life())


def test_a_look_that_fails_leaves_the_reconcile_as_it_was(caplog: pytest.LogCaptureFixture) -> None:
    async def life() -> None:
        world = World(idle, runs=0)
        for each in running():
            each["metadata"].pop("creationTimestamp", None)
            world.store.put(each)

        async def reconcile(key: Key) -> float | None:
            return 5.0

        assert await world.poller.after(reconcile)(RUN) == 5.0
        assert "not polled" in caplog.text

    loop.run(life())
