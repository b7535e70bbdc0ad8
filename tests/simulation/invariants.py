"""What must hold, whatever happens; see the numbered invariants in `docs/architecture.md`."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from daskflow.controller.api import controller_of
from daskflow.plan.model import Object

if TYPE_CHECKING:
    from tests.simulation.world import World

TERMINAL = ("Succeeded", "Failed", "Cancelled")
STATUS_BYTES = 20_000


class Watcher:
    """Looks at each change of the API server's objects at the moment when it happens."""

    def __init__(self, world: "World") -> None:
        self.faults: list[str] = []
        self.ended: dict[str, tuple[Any, ...]] = {}
        """Run's uid to what its terminal status said."""
        self.status_writes = 0
        self._world = world
        world.server.changed.append(self._hear)

    def _hear(self, type_: str, before: Object | None, now: Object) -> None:
        if now["kind"] == "FlowRun" and type_ == "MODIFIED" and before is not None:
            if before.get("status") != now.get("status"):
                self.status_writes += 1
            self._status(now, before.get("status") or {}, now.get("status") or {})
        if type_ == "ADDED" and now["kind"] not in ("FlowRun", "Event"):
            self._created(now)

    def _status(self, run: Object, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
        uid = run["metadata"]["uid"]
        said = tuple(now.get(name) for name in ("phase", "completionTime", "result"))
        if uid in self.ended and self.ended[uid] != said:
            self.faults.append(f"a terminal status changed from {self.ended[uid]} to {said}")
        if now.get("phase") in TERMINAL:
            self.ended.setdefault(uid, said)
        if (now.get("attempt") or 0) < (before.get("attempt") or 0):
            self.faults.append("the number of the attempt went back")
        if len(json.dumps(now)) > STATUS_BYTES:
            self.faults.append("the status has grown too large")

    def _created(self, child: Object) -> None:
        """Invariants 2 and 4: nothing for what is going away, nothing before its attempt is open."""
        owner = controller_of(child)
        found = [
            body
            for body in self._world.server.objects.values()
            if owner and body["metadata"]["uid"] == owner["uid"]
        ]
        for body in found:
            if "deletionTimestamp" in body["metadata"]:
                self.faults.append(f"{child['kind']} was created for an object that is being deleted")
            if body["kind"] == "FlowRun" and not (body.get("status") or {}).get("attempts"):
                self.faults.append(f"{child['kind']} was created before an attempt was opened")


def faults_at_the_end(world: "World") -> list[str]:
    """Called when the run has ended (or is deleted), faults have stopped, and retention has passed."""
    server, scenario = world.server, world.scenario
    faults = [*world.watcher.faults, *world.nodes.faults]
    run = server.objects.get(world.run_key)
    if scenario.phases:
        status = (run or {}).get("status") or {}
        # A wish that nobody hears while the operator is down or deaf may come after the flow's own end.
        late = (
            ("Succeeded",)
            if (world.case.drop or world.case.crashes) and "Cancelled" in scenario.phases
            else ()
        )
        if status.get("phase") not in (*scenario.phases, *late):
            faults.append(f"ended as {status.get('phase')} ({status.get('reason')}: {status.get('message')})")
        faults += _limits(world, status)
        faults += _words(world, status)
    elif run is not None:
        faults.append("the run was deleted and is there")
    faults += [f"{life.key.name} still runs" for life in world.nodes.living()]
    faults += [
        f"{key.kind} {key.name} was left behind"
        for key in server.objects
        if key.kind not in ("Event", "FlowRun")
    ]
    return faults


def _limits(world: "World", status: Mapping[str, Any]) -> list[str]:
    retries = world.scenario.spec.get("retries", {})
    limit = retries.get("limit", 0)
    begun = 1 + limit + retries.get("infrastructureLimit", limit)
    made = begun + retries.get("startLimit", 3)
    suspensions = sum(each.get("outcome") == "Suspended" for each in status.get("attempts", ()))
    run = world.server.objects[world.run_key]["metadata"]["uid"]
    faults = []
    times = sum(len(pods) for (uid, _), pods in world.nodes.begun.items() if uid == run)
    if times > begun + suspensions:
        faults.append(f"the flow began {times} times, {begun} were allowed")
    if (status.get("attempt") or 0) > made + suspensions:
        faults.append(f"{status.get('attempt')} attempts, {made} were allowed")
    return faults


def _words(world: "World", status: Mapping[str, Any]) -> list[str]:
    """Invariant 6: what the flow said wins (it is lost only where runner and scheduler both are)."""
    run = world.server.objects[world.run_key]["metadata"]["uid"]
    said = world.nodes.said.get(run, [])
    if "Succeeded" in said and status.get("phase") != "Succeeded" and not world.words_may_be_lost:
        return [f"the flow said Succeeded, the run {status.get('phase')}"]
    return []
