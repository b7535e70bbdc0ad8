"""What becomes of writes that the API server does not take, by the answer's reason and sentence."""

import asyncio
import logging
from datetime import datetime
from functools import partial

import pytest
from daskflow.controller.kubernetes.verbs import ApiError
from daskflow.plan.model import Event, Key, Object, Observed, Patch, Plan, Refusal
from daskflow.plan.refusals import explained, hopeless

from tests.simulation import loop, toy
from tests.simulation.actions.api_server import GUARD, POLICY, QUOTA
from tests.simulation.operators.client import CLASH
from tests.unit.controller.test_mechanics import RUN, Toy

RBAC = (
    'pods is forbidden: User "system:serviceaccount:flow:daskflow" cannot {} resource "pods" in API group ""'
)
POD = Key("Pod", "default", "toy-0")


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)


def events(world: Toy) -> list[tuple[str, str]]:
    told = [body for key, body in world.server.objects.items() if key.kind == "Event"]
    return [(body["reason"], body["message"]) for body in told if body["type"] == "Warning"]


@pytest.mark.parametrize(
    ("error", "taken", "passing", "rightless"),
    [
        (ApiError(409, "AlreadyExists", "x"), True, False, False),
        (CLASH, False, True, False),
        (ApiError(409, "", "x"), False, True, False),
        (QUOTA, False, False, False),
        (POLICY, False, False, False),
        (GUARD, False, False, False),
        (ApiError(403, "Forbidden", RBAC.format("create")), False, False, True),
        (ApiError(403, "", 'forbidden: User "x" cannot get path "/api"'), False, False, True),
        # Words of an admission webhook, which may say anything.
        (
            ApiError(403, "Forbidden", f'admission webhook "w" denied the request: {"x" * 300} {RBAC}'),
            False,
            False,
            False,
        ),
        (ApiError(401, "Unauthorized", "Unauthorized"), False, False, True),
    ],
)
def test_what_an_answer_means(error: ApiError, taken: bool, passing: bool, rightless: bool) -> None:
    assert (error.taken, error.passing, error.rightless) == (taken, passing, rightless)


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


def test_what_is_answered_after_its_owner_is_gone_is_not_kept() -> None:
    async def life() -> None:
        world = Toy()
        world.server.create(toy.parent("toy"))
        await asyncio.sleep(0.5)
        uid = world.server.objects[RUN]["metadata"]["uid"]
        answers = world.operator.store.answers
        assert answers.created([uid])
        world.server.delete(RUN)
        await asyncio.sleep(20)
        answers.succeeded(uid, Key("Secret", "default", "late"), readable=False)
        answers.refuse(uid, Refusal(POD, 403, "late"), 0.0)
        assert not answers.created([uid])
        assert not answers.refusals([uid], 0.0)

    loop.run(life())
