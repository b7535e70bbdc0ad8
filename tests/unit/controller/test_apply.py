"""Words to schedulers follow the writes of their plan, and what became of them is known to the next one."""

from datetime import datetime
from typing import Any

import pytest
from daskflow.api.names import LABEL_RUN
from daskflow.controller.apply import Applier
from daskflow.controller.known.scheduler_reports import UNHEARD_SECONDS_AT_MOST, WORDS, SchedulerReports
from daskflow.controller.known.store import Store
from daskflow.controller.kubernetes.events import Recorder
from daskflow.controller.kubernetes.verbs import ApiError
from daskflow.controller.writes import Applied
from daskflow.plan.model import Delete, Event, Key, Object, Patch, Plan
from daskflow.plan.question import Tell, Told

from tests.simulation import loop, toy
from tests.simulation.kubernetes.objects import instant
from tests.simulation.operators.client import Client
from tests.unit.controller.toys import RUN, Toy

WORD = Tell("toy", "s", "/v1/note", {})
SERVICE = Key("Service", "default", "toy")
NOW = datetime.fromisoformat("2026-03-01T00:00:00+00:00")


def stopped() -> tuple[Client, Object, Object]:
    """The connection of an operator that has ended, and the toy with its Service."""
    world = Toy()
    world.operator.kill()
    client, resource = world.operator.client, world.server.create(toy.parent("toy"))
    client.dead = False
    return client, resource, world.server.create(toy.child(resource, "Service", "toy"))


def told_after(writes: Any, refuse: ApiError | None = None) -> list[Tell]:
    """What is told of a plan with these writes about the toy's Service; `refuse`: how they are answered."""
    said: list[Tell] = []

    async def tell(key: Key, uid: str, word: Tell) -> None:
        assert key == RUN
        said.append(word)

    async def life() -> None:
        client, resource, service = stopped()
        if refuse is not None:
            client.server.refuse = lambda body: refuse
            client.server.resist = lambda verb, key: refuse
        applier = Applier(client, Store(changed=lambda key: None), Recorder(client, instant), tell=tell)
        plan = writes(service).but(tells=(WORD,))
        try:
            await applier.apply(resource, plan)
        except ApiError:
            assert refuse is not None

    loop.run(life())
    return said


def created(service: Object) -> Plan:
    owner = {"apiVersion": "v1", "kind": "FlowRun", "metadata": {**service["metadata"], "uid": "u"}}
    return Plan(creates=(toy.child(owner, "Service", "another"),))


def patched(service: Object) -> Plan:
    return Plan(patches=(Patch(SERVICE, service["metadata"]["uid"], {"spec": {"x": 1}}),))


def too_late(service: Object) -> Plan:
    return Plan(patches=(Patch(SERVICE, service["metadata"]["uid"], {"spec": {"x": 1}}, revision="0"),))


def deleted(service: Object) -> Plan:
    return Plan(deletes=(Delete(SERVICE, service["metadata"]["uid"]),))


def of_another(service: Object) -> Plan:
    return Plan(patches=(Patch(SERVICE, "another", {"spec": {"x": 1}}),))


@pytest.mark.parametrize("writes", [lambda service: Plan(), created, patched, deleted])
def test_it_is_told_once_all_is_written(writes: Any) -> None:
    assert told_after(writes) == [WORD]


@pytest.mark.parametrize("error", [ApiError(403, "Forbidden", "no"), ApiError(500, "", "later")])
@pytest.mark.parametrize("writes", [created, patched, deleted])
def test_nothing_is_told_where_a_write_was_refused(writes: Any, error: ApiError) -> None:
    assert told_after(writes, error) == []


@pytest.mark.parametrize("writes", [too_late, of_another])
def test_nothing_is_told_where_somebody_was_quicker(writes: Any) -> None:
    assert told_after(writes) == []


def _owner(service: Object, revision: str = "", **labels: str) -> Plan:
    metadata = {"ownerReferences": [], "labels": labels}
    patch = Patch(SERVICE, service["metadata"]["uid"], {"metadata": metadata}, revision=revision)
    return Plan(patches=(patch,))


def restored(service: Object) -> Plan:
    return _owner(service)


def restored_by_a_pool(service: Object) -> Plan:
    return _owner(service, revision=service["metadata"]["resourceVersion"])


def orphan(service: Object) -> Plan:
    return Plan(deletes=(Delete(SERVICE, service["metadata"]["uid"], unless_changed=True),))


def claimed(service: Object) -> Plan:
    return _owner(service, service["metadata"]["resourceVersion"], **{LABEL_RUN: "toy"})


@pytest.mark.parametrize(
    ("writes", "asked"), [(restored, True), (restored_by_a_pool, True), (orphan, True), (claimed, False)]
)
def test_who_is_asked_for_first_is_another_by_now(writes: Any, asked: bool) -> None:
    """A claim is fenced by the attempt that it opens next."""

    async def life() -> None:
        client, resource, service = stopped()
        client.server.unheard.add(resource["metadata"]["uid"])
        client.server.delete(RUN)
        client.server.create(toy.parent("toy"))
        applier = Applier(client, Store(changed=lambda key: None), Recorder(client, instant))
        applied = await applier.apply(resource, writes(service))
        assert (applied is Applied.STALE) is asked
        assert (client.server.objects.get(SERVICE) == service) is asked

    loop.run(life())


def test_what_nobody_hears_is_said_later_and_later_and_since_when_is_known() -> None:
    reports = SchedulerReports(lambda key, uid: uid == "u", lambda key: None)
    at = 0.0
    for number in range(8):
        reports.report_told(RUN, "u", Told(WORD, "Unheard", NOW.replace(minute=number)), at)
        (told,) = reports.told("u", at)
        assert (told.since, told.retry) == (NOW, False)
        due = reports.next_retry("u", at)
        assert due is not None
        assert due - at == min(2.0**number, UNHEARD_SECONDS_AT_MOST)
        (told,) = reports.told("u", due)
        assert told.retry
        at = due
    reports.report_told(RUN, "u", Told(WORD, "Taken", NOW.replace(hour=1)), at)
    (told,) = reports.told("u", at + 100)
    assert (told.result, told.since.hour, told.retry) == ("Taken", 1, False)
    assert reports.next_retry("u", at) is None


def test_few_words_are_remembered_of_an_object_and_none_of_one_that_is_gone() -> None:
    reports = SchedulerReports(lambda key, uid: uid == "u", lambda key: None)
    for number in range(WORDS + 3):
        reports.report_told(RUN, "u", Told(Tell("toy", str(number), "/v1/note", {}), "Taken", NOW), 0.0)
        reports.report_told(RUN, "other", Told(WORD, "Taken", NOW), 0.0)
    assert [each.tell.scheduler for each in reports.told("u", 0.0)] == [str(n) for n in range(3, WORDS + 3)]
    assert reports.told("other", 0.0) == ()
    reports.forget("u")
    assert reports.told("u", 0.0) == ()


def test_what_is_only_told_waits_for_the_writes() -> None:
    async def life() -> None:
        client, resource, service = stopped()
        written: list[str] = []
        client.server.changed.append(lambda type_, before, now: written.append(now["kind"]))
        applier = Applier(client, Store(changed=lambda key: None), recorder := Recorder(client, instant))
        said = Plan(status={"n": 1}, events=(Event("Normal", "Said", "So."),))
        await applier.apply(resource, created(service) + said)
        assert "Event" not in written
        await recorder.stop()
        assert written[-1] == "Event"

    loop.run(life())
