"""The controller's mechanics with a toy planner: nothing is mocked but API and time."""

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from daskflow.api.names import LABEL_RUN
from daskflow.controller.known.observe import observe
from daskflow.controller.known.store import Store
from daskflow.controller.kubernetes.verbs import ApiError, key_of
from daskflow.plan.model import Event, Key, Object, Observed, Patch, Plan

from tests.simulation import loop, toy
from tests.simulation.kubernetes.api_server import Server
from tests.simulation.operators.client import STORM, Client, Faults
from tests.simulation.operators.process import Operator

RUN = Key("FlowRun", "default", "toy")


class Toy:
    """A server, one operator with the toy planner, and pods that run for a second each."""

    def __init__(self, seed: int = 1, faults: Faults | None = None, planner: Any = toy.plan) -> None:
        self.chance = Random(seed)
        self.seed = seed
        self.planner = planner
        self.faults = faults
        self.server = Server(Random(seed))
        self.server.changed.append(self._kubelet)
        self.opened = 0
        self.pods_made = 0
        self.lives = 0
        self.operator = self.restart()

    def restart(self) -> Operator:
        self.lives += 1
        client = Client(self.server, Random(self.seed * 1000 + self.lives), self.faults)
        self.operator = Operator(client, {"FlowRun": self.planner, "DaskCluster": self.planner}, self.seed)
        self.operator.start()
        return self.operator

    def status(self) -> Any:
        return self.server.objects[RUN].get("status", {})

    async def until_done(self, seconds: float = 600.0) -> float:
        async with asyncio.timeout(seconds):
            while not (self.status().get("phase") == "Done" and len(self.compute()) == 0):
                self.operator.check()
                await asyncio.sleep(0.5)
        return asyncio.get_running_loop().time()

    def compute(self) -> list[Key]:
        return [key for key in self.server.objects if key.kind in ("Pod", "Service")]

    def _kubelet(self, type_: str, before: Object | None, now: Object) -> None:
        if now["kind"] != "Pod":
            return
        if type_ == "ADDED":
            self.pods_made += 1
            asyncio.get_running_loop().call_later(1.0, self._end, key_of(now), now["metadata"]["uid"])

    def _end(self, key: Key, uid: str) -> None:
        found = self.server.objects.get(key)
        if found is not None and found["metadata"]["uid"] == uid:
            self.server.update(key, status={"phase": "Succeeded"})


def test_a_life_takes_few_writes() -> None:
    async def life() -> None:
        world = Toy()
        world.server.create(toy.parent("toy"))
        assert await world.until_done() < 5
        # 2 of status, Service, Secret, 3 pods, 4 deletes, 2 events
        assert world.operator.client.writes == 13
        assert world.pods_made == 3

    loop.run(life())


@pytest.mark.parametrize("seed", range(200))
def test_a_life_in_a_storm(seed: int) -> None:
    async def life() -> None:
        # A pod that lands when all is done is there for whoever is its owner to remove, which a toy is not.
        world = Toy(seed, replace(STORM, late=0.0))
        world.server.create(toy.parent("toy"))
        await world.until_done()
        assert world.pods_made == 3

    loop.run(life())


@pytest.mark.parametrize("at", range(1, 14))
def test_death_after_each_write(at: int) -> None:
    async def life() -> None:
        world = Toy()
        victim = world.operator

        def die(number: int) -> None:
            if number == at:
                victim.kill()
                asyncio.get_running_loop().call_later(5, world.restart)

        victim.client.after_write = die
        world.server.create(toy.parent("toy"))
        await asyncio.sleep(20)
        await world.until_done()
        assert world.operator is not victim
        assert world.pods_made == 3

    loop.run(life())


@pytest.mark.parametrize("number", range(1, 25))
def test_each_event_dropped(number: int) -> None:
    async def life() -> None:
        world = Toy()
        world.operator.client.drop = lambda n, type_, body: n == number
        world.server.create(toy.parent("toy"))
        await world.until_done(400)
        assert world.pods_made == 3

    loop.run(life())


def test_same_seed_same_life() -> None:
    async def life() -> list[tuple[int, str]]:
        world = Toy(7, STORM)
        world.server.create(toy.parent("toy"))
        await world.until_done()
        return [
            (entry[0], entry[1])
            for kind in ("FlowRun", "Pod", "Service")
            for entry in world.server.history[kind]
        ]

    assert loop.run(life()) == loop.run(life())


def test_a_planner_that_raises_hurts_only_its_object(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)

    def planner(resource: Object, seen: Observed, now: Any) -> Plan:
        if resource["metadata"]["name"] == "bad":
            raise ZeroDivisionError("by nature")
        return toy.plan(resource, seen, now)

    async def life() -> None:
        world = Toy(planner=planner)
        world.server.create(toy.parent("bad"))
        world.server.create(toy.parent("toy"))
        await world.until_done()
        await asyncio.sleep(1000)
        assert world.operator.results["bug"] < 20
        told = [
            body for key, body in world.server.objects.items() if key.kind == "Event" and "bad" in key.name
        ]
        assert [(body["type"], body["reason"]) for body in told] == [("Warning", "InternalError")]

    loop.run(life())


def test_a_planner_that_never_rests_is_slowed_down() -> None:
    def planner(resource: Object, seen: Observed, now: Any) -> Plan:
        return Plan(status={"n": resource["status"].get("n", 0) + 1})

    async def life() -> None:
        world = Toy(planner=planner)
        world.server.create(toy.parent("toy"))
        await asyncio.sleep(3600)
        assert world.status()["n"] < 250

    loop.run(life())


def test_a_quota_refusal_is_seen_and_tried_again() -> None:
    async def life() -> None:
        world = Toy()
        full = True
        world.server.refuse = lambda body: (
            ApiError(403, "Forbidden", "exceeded quota") if full and body["kind"] == "Pod" else None
        )
        world.server.create(toy.parent("toy"))
        await asyncio.sleep(30)
        owner = world.server.objects[RUN]
        seen = observe(world.operator.store, owner, 25.0)
        assert {refusal.message for refusal in seen.refusals} == {"exceeded quota"}
        full = False
        await world.until_done(100)

    loop.run(life())


def test_a_foreign_object_is_never_adopted() -> None:
    async def life() -> None:
        world = Toy()
        stranger = {"kind": "Service", "apiVersion": "v1", "spec": {}}
        world.server.create({**stranger, "metadata": {"name": "toy", "namespace": "default"}})
        world.server.create(toy.parent("toy"))
        await asyncio.sleep(1)
        seen = observe(world.operator.store, world.server.objects[RUN], 1.0)
        assert [taken.key.kind for taken in seen.occupied] == ["Service"]
        world.server.delete(Key("Service", "default", "toy"))
        await world.until_done(100)

    loop.run(life())


def test_an_ending_namespace_is_left_in_peace() -> None:
    async def life() -> None:
        world = Toy()
        world.server.create(toy.parent("toy"))
        world.server.ending.add("default")
        await asyncio.sleep(600)
        assert world.operator.client.writes < 60
        assert world.operator.results.get("error", 0) == 0

    loop.run(life())


def counting(resource: Object, seen: Observed, now: Any) -> Plan:
    """The toy, which also writes down and tells how many of its pods there are."""
    plan, count = toy.plan(resource, seen, now), len(seen.children)
    if plan.status is not None or resource["status"].get("n") == count:
        return plan
    told = Event("Normal", "Counted", str(count))
    return plan.but(status={**resource["status"], "n": count}, events=(*plan.events, told))


def test_in_an_ending_namespace_little_is_tried_in_vain() -> None:
    async def life() -> tuple[int, int]:
        world = Toy(planner=counting)
        keys = [Key("FlowRun", "default", f"toy-{number}") for number in range(20)]
        for key in keys:
            world.server.create(toy.parent(key.name))
        await asyncio.sleep(0.7)
        refused, create = 0, world.server.create

        def counted(body: Object) -> Object:
            nonlocal refused
            try:
                return create(body)
            except ApiError as error:
                refused += error.namespace_ending
                raise

        world.server.create = counted  # type: ignore[method-assign]
        world.server.ending.add("default")
        before = world.operator.client.writes
        for key in [each for each in world.server.objects if each.kind in ("Pod", "Service")]:
            if key in world.server.objects:
                world.server.delete(key)
            await asyncio.sleep(0.1)
        # A finalizer holds this one: its last status is waited for.
        held = world.server.objects[keys[0]]["metadata"]
        world.server.update(keys[0], metadata={**held, "finalizers": ["example.com/books"]})
        world.server.delete(keys[0])
        await asyncio.sleep(5)
        assert world.server.objects[keys[0]]["status"]["n"] == 0
        for key in keys[1:]:
            world.server.delete(key)
        return refused, world.operator.client.writes - before

    refused, writes = loop.run(life())
    assert 0 < refused <= 8
    assert writes < 20


def test_a_new_namespace_of_the_name_is_not_taken_for_the_old_one() -> None:
    async def life() -> None:
        world = Toy()
        world.server.create(toy.parent("old"))
        world.server.ending.add("default")
        await asyncio.sleep(5)
        world.server.delete(Key("FlowRun", "default", "old"))
        world.server.ending.clear()
        world.server.create(toy.parent("toy"))
        await world.until_done(20)

    loop.run(life())


def test_what_a_deleted_parent_has_let_go_gets_no_owner_back() -> None:
    service, owned = Key("Service", "default", "toy"), 0

    def adopting(resource: Object, seen: Observed, now: Any) -> Plan:
        nonlocal owned
        owned += 1
        owner = toy.child(resource, "Service", "toy")["metadata"]["ownerReferences"]
        uid = world.server.objects[service]["metadata"]["uid"]
        return Plan(patches=(Patch(service, uid, {"metadata": {"ownerReferences": owner}}),))

    async def life() -> None:
        nonlocal world
        world = Toy()
        world.server.create(toy.parent("toy", pods=1))
        await asyncio.sleep(0.5)
        world.operator.client.drop = lambda number, type_, body: body["kind"] == "FlowRun"
        world.operator.counted.planners["FlowRun"] = adopting
        world.server.delete_orphan(RUN)
        await asyncio.sleep(4)  # garbage collection takes three at most
        assert RUN not in world.server.objects
        world.operator.queue.add(RUN)
        await asyncio.sleep(5)
        assert owned
        assert not world.server.objects[service]["metadata"]["ownerReferences"]

    world: Toy
    loop.run(life())


def test_deleting_the_parent_leaves_nothing_and_nothing_comes_back() -> None:
    async def life() -> None:
        world = Toy()
        world.server.create(toy.parent("toy", pods=5))
        await asyncio.sleep(0.5)
        world.server.delete(RUN)
        await asyncio.sleep(20)
        assert [key for key in world.server.objects if key.kind != "Event"] == []
        assert world.operator.queue.idle

    loop.run(life())


def test_a_pod_that_lost_our_label_is_not_taken_for_gone() -> None:
    async def life() -> None:
        world = Toy()
        world.server.create(toy.parent("toy", pods=1))
        await asyncio.sleep(0.5)
        key = Key("Pod", "default", "toy-0")
        pod = world.server.objects[key]
        world.server.update(key, metadata={**pod["metadata"], "labels": {}})
        await asyncio.sleep(0.5)
        assert world.operator.store.get(key) is not None

    loop.run(life())


def _pod(uid: str, version: int, owner: str) -> dict[str, Any]:
    reference = {"kind": "DaskCluster", "name": "run-1", "uid": owner, "controller": True}
    labels = {LABEL_RUN: "toy"}
    meta = {"name": uid, "namespace": "default", "uid": uid, "resourceVersion": str(version)}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {**meta, "labels": labels, "ownerReferences": [reference]},
    }


def test_pods_outlive_their_cluster_in_what_is_known_of_a_run() -> None:
    told: list[Key] = []
    store = Store(told.append)
    run = {**toy.parent("toy"), "metadata": {"name": "toy", "namespace": "default", "uid": "r"}}
    store.put(run)
    store.put(_pod("w", 5, "gone"))
    assert told[-1] == RUN
    assert [each["metadata"]["uid"] for each in observe(store, run, 0.0).grandchildren["gone"]] == ["w"]
    store.remove(Key("Pod", "default", "w"), "w")
    assert told[-1] == RUN
    assert observe(store, run, 0.0).grandchildren == {}


def test_what_a_newer_list_did_not_hold_does_not_come_back_through_a_late_watch() -> None:
    store = Store(lambda key: None)
    store.completed("Pod", None, 10)
    assert not store.put(_pod("w", 9, "c"))
    assert store.put(_pod("w", 11, "c"))


def test_a_webhook_that_is_down_is_somebodys_to_hear_of() -> None:
    down = ApiError(500, "InternalError", 'failed calling webhook "a": connection refused')
    assert not down.passing
    assert ApiError(500, "InternalError", "etcdserver: leader changed").passing


def test_a_planner_that_wants_to_be_asked_in_the_past_is_asked_once_a_second() -> None:
    looks = 0

    def planner(resource: Object, seen: Observed, now: Any) -> Plan:
        nonlocal looks
        looks += 1
        return Plan(requeue_at=now - timedelta(seconds=27))

    async def life() -> None:
        world = Toy()
        world.operator.counted.planners["FlowRun"] = planner  # not counted: that raises
        world.server.create(toy.parent("toy"))
        await asyncio.sleep(60)
        assert 50 < looks < 70

    loop.run(life())


def test_the_simulation_does_not_take_such_a_planner() -> None:
    async def life() -> None:
        world = Toy(planner=lambda resource, seen, now: Plan(requeue_at=now))
        world.server.create(toy.parent("toy"))
        await asyncio.sleep(5)
        with pytest.raises(AssertionError, match="wants to be planned at"):
            world.operator.check()

    loop.run(life())


@pytest.mark.parametrize("kind", ["Pod", "FlowRun"])
def test_a_watch_that_is_always_too_old_is_no_busy_loop(kind: str) -> None:
    async def life() -> None:
        world = Toy()
        world.server.forgotten[kind] = 10**9
        await asyncio.sleep(2)
        before = world.operator.client.calls
        await asyncio.sleep(60)
        assert world.operator.client.calls - before < 12

    loop.run(life())
