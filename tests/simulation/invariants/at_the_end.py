"""What must hold at the end: when runs have ended, faults have stopped, and retention has passed."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from daskflow.api.names import DASK_CLUSTER, FLOW_RUN, FLOW_SCHEDULE, WORKER
from daskflow.plan.model import Key

from tests.simulation.invariants.claims import claim_faults
from tests.simulation.invariants.clusters import faults_of_clusters
from tests.simulation.invariants.reports import report_at_the_end
from tests.simulation.invariants.schedules import schedule_faults
from tests.simulation.kubernetes.objects import owns

if TYPE_CHECKING:
    from tests.simulation.scenarios.scenario import Scenario
    from tests.simulation.world import World

WRITES = 24
WRITES_AN_ATTEMPT = 22
STATUS_WRITES = 6
STATUS_WRITES_AN_ATTEMPT = 6


def faults_at_the_end(world: "World") -> list[str]:
    """All that is wrong, as sentences."""
    faults = [*dict.fromkeys([*world.watcher.faults, *world.nodes.faults])]
    faults += world.schedules.faults
    faults += [fault for each in world.operators for fault in each.counted.faults[:1]]
    for key in world.scenario.subjects:
        faults += schedule_faults(world, key) if key.kind == FLOW_SCHEDULE else subject_faults(world, key)
    faults += [
        *faults_of_clusters(world),
        *claim_faults(world),
        *([] if world.scenario.pools else _writes(world)),
    ]
    faults += [
        f"{life.key.name} is over, and its sidecars still run"
        for life in world.nodes.lives.values()
        if life.outlived
    ]
    expected = world.scenario.workers
    living = world.nodes.living()
    if expected or "Ready" in world.scenario.phases:
        workers = sum(life.component == WORKER for life in living)
        # Whoever did not hear that a worker had registered does not know that it holds anything.
        excused = 0 if world.case.plain else len(world.nodes.actors)
        if len(living) != workers + 1 or not expected - excused <= workers <= expected:
            faults.append(f"{workers} workers and {len(living) - workers} schedulers live")
    else:
        faults += [f"{life.key.name} still runs" for life in living if not _free(world, life.key)]
        faults += _taken_back(world)
        faults += [f"{key.kind} {key.name} was left behind" for key in _left(world)]
    return faults


def _free(world: "World", key: Key) -> bool:
    """Whether it belongs to what a deleted run has left, and so to its user."""
    body = world.server.objects.get(key)
    if body is None:
        return False
    return body["metadata"]["uid"] in world.server.let_go or any(
        owns(each, body) for each in world.server.let_go
    )


def _taken_back(world: "World") -> Iterator[str]:
    for kind in ("Pod", DASK_CLUSTER):
        for _, _, body, before in world.server.history[kind]:
            was = (before or body)["metadata"].get("ownerReferences")
            if (
                body["metadata"]["uid"] in world.server.let_go
                and not was
                and body["metadata"].get("ownerReferences")
            ):
                yield f"{kind} {body['metadata']['name']} was let go, and has an owner again"


def _left(world: "World") -> Iterator[Key]:
    kept, objects = world.scenario.kind, world.server.objects
    stay = (FLOW_SCHEDULE, FLOW_RUN) if kept == FLOW_SCHEDULE and world.scenario.phases else (kept,)
    # Clusters that runs use and that are not theirs.
    others = [
        body["metadata"]["uid"]
        for key, body in objects.items()
        if key.kind == DASK_CLUSTER and not body["metadata"].get("ownerReferences")
    ]
    for key, body in objects.items():
        uid = body["metadata"]["uid"]
        if kept == FLOW_RUN and any(uid == each or owns(each, body) for each in others):
            continue
        owned = (
            key.kind not in ("Event", "Lease", *stay) and key not in world.strangers and not _free(world, key)
        )
        # What a standalone cluster that has failed leaves is there to be looked at, and goes with it.
        if owned and not (kept == DASK_CLUSTER and world.scenario.phases):
            yield key


def subject_faults(world: "World", key: Key) -> Iterator[str]:
    """All that is wrong with one run or cluster of the user's."""
    body, scenario = world.server.objects.get(key), world.scenario.of(key)
    if not scenario.phases:
        if body is not None:
            yield f"{key.name} was to be deleted and is there"
        return
    if body is None:
        yield f"{key.name} is not there"
        return
    status = body.get("status") or {}
    right = (*scenario.phases, *_late(world, scenario), *(() if world.case.plain else scenario.disturbed))
    if status.get("phase") not in right:
        yield f"{key.name} ended as {status.get('phase')} ({status.get('reason')}: {status.get('message')})"
    if scenario.reason and world.case.plain and status.get("reason") != scenario.reason:
        yield f"the reason is {status.get('reason')}: {status.get('message')}"
    if scenario.attempts and world.case.plain and status.get("attempt") != scenario.attempts:
        yield f"{status.get('attempt')} attempts instead of {scenario.attempts}"
    if status.get("observedGeneration") != body["metadata"]["generation"]:
        yield f"{key.name} has generation {body['metadata']['generation']}, its status says another"
    if key.kind == FLOW_RUN:
        uid = body["metadata"]["uid"]
        yield from _begun(world, scenario, uid)
        if world.case.plain:
            yield from report_at_the_end(key.name, scenario, status)
        if not (scenario.edited or (scenario.disturbed and not world.case.plain)):
            yield from _words(world, uid, status)


def _late(world: "World", scenario: "Scenario") -> tuple[str, ...]:
    """A wish that nobody hears while the operator is down or deaf may come after the flow's own end."""
    return ("Succeeded",) if not world.case.plain and "Cancelled" in scenario.phases else ()


def _begun(world: "World", scenario: "Scenario", uid: str) -> Iterator[str]:
    retries = scenario.spec.get("retries", {})
    limit = retries.get("limit", 0)
    allowed = 1 + limit + retries.get("infrastructureLimit", limit) + len(world.watcher.suspensions[uid])
    times = sum(len(pods) for (run, _), pods in world.nodes.begun.items() if run == uid)
    if times > allowed:
        yield f"the flow began {times} times, {allowed} were allowed"


def _words(world: "World", uid: str, status: Mapping[str, Any]) -> Iterator[str]:
    """Invariant 6: what the flow said wins, and nothing else is taken for it."""
    said = world.nodes.said(uid)
    if "Succeeded" in said and status.get("phase") != "Succeeded":
        yield f"the flow said Succeeded, the run {status.get('phase')}"
    if status.get("phase") == "Succeeded" and not world.nodes.succeeded(uid):
        yield "the run says Succeeded, the flow did not"
    if len(said) > 1 and "Succeeded" in said[:-1]:
        yield "the flow ran again after it had succeeded"
    if status.get("phase") == "Succeeded" and "attempt" not in (status.get("result") or {}):
        yield "the result is lost"


def _writes(world: "World") -> Iterator[str]:
    """Invariant 8: few writes; each restart may repeat some."""
    found = [world.server.objects.get(key) for key in world.scenario.subjects if key.kind == FLOW_RUN]
    if not found or None in found:
        return
    runs, lives = len(found), len(world.clients)
    attempts = sum((body.get("status") or {}).get("attempt") or 0 for body in found if body)
    writes = sum(client.writes for client in world.clients)
    if writes > WRITES * (runs + lives - 1) + WRITES_AN_ATTEMPT * attempts:
        yield f"{writes} writes for {attempts} attempts"
    if world.watcher.status_writes > STATUS_WRITES * (runs + lives - 1) + STATUS_WRITES_AN_ATTEMPT * attempts:
        yield f"{world.watcher.status_writes} status writes for {attempts} attempts"
