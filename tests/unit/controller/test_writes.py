"""What becomes of a write, by its answer: objects of others, refusals, conflicts, missing rights."""

import asyncio
import logging
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from daskflow.controller.known.observe import observe
from daskflow.controller.kubernetes.verbs import ApiError
from daskflow.plan.model import Event, Key, Object, Observed, Patch, Plan, Refusal
from daskflow.plan.refusals import explained, hopeless

from tests.simulation import loop, toy
from tests.simulation.actions.api_server import GUARD, POLICY
from tests.simulation.operators.client import CLASH
from tests.unit.controller.expectations import RBAC
from tests.unit.controller.toys import RUN, Toy


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


POD = Key("Pod", "default", "toy-0")


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)


def events(world: Toy) -> list[tuple[str, str]]:
    told = [body for key, body in world.server.objects.items() if key.kind == "Event"]
    return [(body["reason"], body["message"]) for body in told if body["type"] == "Warning"]


def test_a_right_that_is_missing_is_nobodys_end() -> None:
    refusal = Refusal(POD, 403, RBAC.format("create"), rightless=True)
    assert not hopeless(refusal)
    assert explained(refusal)[0] == "RightMissing"
    assert hopeless(Refusal(POD, 403, POLICY.message))


@pytest.mark.parametrize("kind", ["Secret", "Service", "Pod"])
def test_a_create_that_collided_is_made_on_the_next_try(kind: str) -> None:
    async def life() -> None:
        world, met = Toy(), set[str]()

        def refuse(body: Object) -> ApiError | None:
            name = body["metadata"]["name"]
            if body["kind"] != kind or name in met:
                return None
            met.add(name)
            return CLASH

        world.server.refuse = refuse
        world.server.create(toy.parent("toy"))
        assert await world.until_done() < 10
        assert any(key.kind == kind for key in met_keys(world, kind))

    loop.run(life())


def met_keys(world: Toy, kind: str) -> list[Key]:
    return [Key(kind, "", entry[2]["metadata"]["name"]) for entry in world.server.history[kind]]


@pytest.mark.parametrize("verb", ["patch", "delete", "status"])
def test_a_conflict_about_nothing_is_tried_again_soon(verb: str) -> None:
    async def life() -> None:
        world, left = Toy(planner=ending), 3

        def resist(asked: str, key: Key) -> ApiError | None:
            nonlocal left
            left -= asked == verb
            return CLASH if asked == verb and left >= 0 else None

        world.server.resist = resist
        world.server.create(toy.parent("toy", pods=1))
        assert await world.until_done() < 12
        assert left < 0
        assert world.operator.results.get("unsettled", 0) == 0

    loop.run(life())


def ending(resource: Object, seen: Observed, now: datetime) -> Plan:
    """The toy, which also lowers the deadline of each of its pods before it deletes it."""
    plan = toy.plan(resource, seen, now)
    high = [
        each
        for each in seen.children
        if each["kind"] == "Pod" and "activeDeadlineSeconds" not in each["spec"]
    ]
    patches = tuple(
        Patch(Key("Pod", "default", each["metadata"]["name"]), each["metadata"]["uid"], {"spec": LOW})
        for each in high
    )
    return plan.but(patches=patches, deletes=() if high else plan.deletes)


LOW = {"activeDeadlineSeconds": 1}


@pytest.mark.parametrize("verb", ["patch", "delete"])
def test_a_refused_change_is_told_and_seen_by_plans(verb: str) -> None:
    seen_by_plans: list[Refusal] = []

    def planner(resource: Object, seen: Observed, now: datetime) -> Plan:
        seen_by_plans.extend(seen.refused_writes)
        plan = ending(resource, seen, now)
        return plan if plan.status is None else plan.but(status={**plan.status, "phase": "Opened"})

    def always_open(resource: Object, seen: Observed, now: datetime) -> Plan:
        plan = planner({**resource, "status": {"phase": "Open"}}, seen, now)
        deletes = tuple(toy._delete(each) for each in seen.children if each["kind"] == "Service")
        return Plan(creates=plan.creates, patches=plan.patches, deletes=deletes if verb == "delete" else ())

    async def life() -> None:
        world = Toy(planner=always_open)
        world.server.resist = lambda asked, key: GUARD if asked == verb else None
        world.server.create(toy.parent("toy", pods=1))
        await asyncio.sleep(300)
        about = "a change of Pod toy-0" if verb == "patch" else "to delete Service toy"
        (condition,) = world.status()["conditions"]
        assert (condition["type"], condition["reason"]) == ("WriteRefused", "Refused")
        assert about in condition["message"]
        assert "hands off" in condition["message"]
        assert len(events(world)) == 1
        assert about in events(world)[0][1]
        assert {(each.verb, each.status) for each in seen_by_plans} == {(verb, 403)}
        # Not in a tight loop, and no error: 10 s, then twice that, up to a minute.
        assert world.operator.client.attempted < 25
        assert world.operator.results.keys() == {"ok"}
        world.server.resist = lambda asked, key: None
        await asyncio.sleep(150)
        assert not world.status()["conditions"]

    loop.run(life())


@pytest.mark.parametrize("quick", [True, False], ids=["webhook", "controller"])
def test_a_change_that_somebody_undoes_is_no_endless_fight(quick: bool) -> None:
    """A webhook undoes it in the same write, a controller a moment after."""

    def insisting(resource: Object, seen: Observed, now: datetime) -> Plan:
        plan = toy.plan({**resource, "status": {"phase": "Open"}}, seen, now)
        patches = tuple(
            Patch(
                Key("Service", "default", "toy"),
                each["metadata"]["uid"],
                {"metadata": {"labels": {"ours": "yes"}}},
                event=Event("Warning", "Restored", "It is as it was again."),
            )
            for each in seen.children
            if each["kind"] == "Service" and each["metadata"]["labels"].get("ours") != "yes"
        )
        return Plan(creates=plan.creates, patches=patches)

    async def life() -> None:
        world = Toy(planner=insisting)
        undoes, undone = True, 0

        def undo(type_: str, before: Object | None, now: Object) -> None:
            nonlocal undone
            meta = now["metadata"]
            if undoes and now["kind"] == "Service" and meta["labels"].get("ours") == "yes":
                undone += 1
                again = {**meta, "labels": {**meta["labels"], "ours": "no"}}
                call = partial(world.server.update, Key("Service", "default", "toy"), metadata=again)
                call() if quick else asyncio.get_running_loop().call_later(0.3, call)

        world.server.changed.append(undo)
        world.server.create(toy.parent("toy", pods=1))
        await asyncio.sleep(600)
        assert 5 < undone < 25, undone
        assert world.operator.results.keys() == {"ok"}
        (condition,) = world.status()["conditions"]
        assert "is undone at once by an admission webhook or another controller" in condition["message"]
        assert {reason for reason, _ in events(world)} == {"Refused", "Restored"}
        undoes = False
        await asyncio.sleep(150)
        assert not world.status()["conditions"]

    loop.run(life())


def test_a_refused_status_is_an_event_and_no_silence() -> None:
    async def life() -> None:
        world = Toy()
        invalid = ApiError(422, "Invalid", 'status.phase: Unsupported value: "Open"')
        world.server.resist = lambda asked, key: invalid if asked == "status" else None
        world.server.create(toy.parent("toy"))
        await asyncio.sleep(60)
        ((reason, message),) = events(world)
        assert reason == "Refused"
        assert "the status of FlowRun toy" in message
        assert "Unsupported value" in message
        world.server.resist = lambda asked, key: None
        await world.until_done(400)

    loop.run(life())


def test_a_status_goes_on_soon_after_the_right_is_back() -> None:
    async def life() -> None:
        world = Toy()
        denied = ApiError(403, "Forbidden", RBAC.format("update"))
        world.server.resist = lambda asked, key: denied if asked == "status" else None
        world.server.create(toy.parent("toy"))
        await asyncio.sleep(1800)
        assert [reason for reason, _ in events(world)] == ["RightMissing"]
        world.server.resist = lambda asked, key: None
        began = asyncio.get_running_loop().time()
        assert await world.until_done() < began + 40

    loop.run(life())
