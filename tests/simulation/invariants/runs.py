"""What must hold at every step, whatever happens; see the numbered invariants in `docs/architecture.md`."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from daskflow.api.names import (
    DASK_CLUSTER,
    FLOW_RUN,
    FLOW_SCHEDULE,
    LABEL_COMPONENT,
    LABEL_GROUP,
    RUNNER,
    SCHEDULER,
    WORKER,
)
from daskflow.api.quantities import seconds
from daskflow.controller.kubernetes.verbs import controller_of
from daskflow.plan.model import Object

from tests.simulation.invariants.reports import report_faults
from tests.simulation.kubernetes.objects import instant

if TYPE_CHECKING:
    from tests.simulation.world import World

TERMINAL = ("Succeeded", "Failed", "Cancelled")
TEAM = "team"
"""The label that defaults of scenarios give to pods."""
STATUS_BYTES = 16 * 1024


class Watcher:
    """Looks at each change of the API server's objects at the moment when it happens."""

    def __init__(self, world: "World") -> None:
        self.faults: list[str] = []
        self.ended: dict[str, Mapping[str, Any]] = {}
        """Terminal status by uid."""
        self.suspensions: dict[str, set[int]] = defaultdict(set)
        """Numbers of attempts that were ended by a suspension, by the run's uid."""
        self.free: dict[str, set[int]] = defaultdict(set)
        """Numbers of attempts whose claim was not taken, which costs nothing."""
        self.status_writes = 0
        self.edited = False
        """Whether somebody has edited a status by hand: what was under way then may still come."""
        self.last_was_status = False
        """Whether the last change was one of a status of ours."""
        self._world = world
        self._most_workers: dict[tuple[str, str], int] = {}
        """By the cluster's uid and the group's name."""
        self._teams: dict[str, str] = {}
        """By the uid of a run, or a standalone cluster: what defaults have its pods' label say."""
        world.server.changed.append(self._hear)

    def _hear(self, type_: str, before: Object | None, now: Object) -> None:
        kind = now["kind"]
        self.last_was_status = kind in (FLOW_RUN, DASK_CLUSTER, FLOW_SCHEDULE) and type_ == "MODIFIED"
        if kind in (FLOW_RUN, DASK_CLUSTER) and type_ == "MODIFIED" and before is not None:
            old, new = before.get("status") or {}, now.get("status") or {}
            if old != new and self._world.server.by_operator:
                self.status_writes += kind == FLOW_RUN
                self._said(now, old, new)
        if kind == DASK_CLUSTER:
            default = {"name": "default", **now["spec"].get("workers", {})}
            for each in (default, *now["spec"].get("workerGroups", ())):
                group = now["metadata"]["uid"], each["name"]
                self._most_workers[group] = max(_most(each), self._most_workers.get(group, 0))
        if type_ == "ADDED" and kind != "Event" and self._world.server.by_operator:
            self._created(now)
        gone = type_ == "DELETED" or "deletionTimestamp" in now["metadata"]
        gone &= before is None or "deletionTimestamp" not in before["metadata"]
        if gone and self._world.server.by_operator:
            self._deleted(now)

    # --- status

    def _said(self, body: Object, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        uid, name = body["metadata"]["uid"], body["metadata"]["name"]
        if len(json.dumps(new, ensure_ascii=False).encode()) > STATUS_BYTES:
            self.faults.append(f"the status of {name} has {len(json.dumps(new))} bytes")
        said = _without_generations(new)
        if body["kind"] == DASK_CLUSTER:
            return
        scenario = self._world.scenario
        edited = scenario.edited or (scenario.disturbed and not self._world.case.plain)
        if uid in self.ended and self.ended[uid] != said and not edited:
            self.faults.append(f"the terminal status of {name} changed: {_changes(self.ended[uid], said)}")
        if new.get("phase") in TERMINAL:
            self.ended.setdefault(uid, said)
        self.faults += self._journal(body, old, new)
        if not edited:
            self.faults += report_faults(name, old, new)

    def _journal(self, run: Object, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
        """Invariant 4: attempts are opened one after the other, closed once, and counted.

        That the flow succeeded may be learned later, of the last attempt: then the run has.
        """
        uid, name = run["metadata"]["uid"], run["metadata"]["name"]
        before = {each["number"]: each for each in old.get("attempts", ())}
        attempts = new.get("attempts", ())
        for each in attempts:
            was = before.get(each["number"], {})
            late = each is attempts[-1] and each.get("outcome") == new.get("phase") == "Succeeded"
            if was.get("endTime") and was != each and not late:
                yield f"attempt {each['number']} of {name} changed after its end"
            if each.get("flowStartTime") and (uid, each["number"]) not in self._world.nodes.begun:
                yield f"the flow of attempt {each['number']} of {name} is said to have begun"
            if each.get("outcome") == "Suspended":
                self.suspensions[uid].add(each["number"])
        if attempts and attempts[-1]["number"] not in before:
            yield from _quiet(name, run["spec"].get("quietHours"), attempts[-1]["startTime"][11:16])
        if len(attempts) > 1 and attempts[-1]["number"] not in before:
            yield from self._waited(name, run["spec"], attempts[-2])
        if any(not each.get("endTime") for each in attempts[:-1]):
            yield f"{name} has an open attempt before its last"
        if (new.get("attempt") or 0) < (old.get("attempt") or 0):
            yield f"the attempt of {name} went back"
        if old.get("cancelRequested") and not new.get("cancelRequested"):
            yield f"{name} has forgotten that it was to be cancelled"
        yield from self._budgets(uid, name, run["spec"], old, new)

    def _waited(self, name: str, spec: Mapping[str, Any], last: Mapping[str, Any]) -> Iterator[str]:
        wait = seconds(spec.get("retries", {}).get("backoff", {}).get("initial", "10s"))
        waited = (instant() - datetime.fromisoformat(last["endTime"])).total_seconds()
        if last["outcome"] == "Failed" and waited < wait and last.get("reason") != "ClaimRefused":
            yield f"{name} was tried again after {waited:.1f} s instead of {wait}"

    def _budgets(
        self, uid: str, name: str, spec: Mapping[str, Any], old: Mapping[str, Any], new: Mapping[str, Any]
    ) -> Iterator[str]:
        retries = spec.get("retries", {})
        limits = {"flow": retries.get("limit", 0), "start": retries.get("startLimit", 3)}
        limits["infrastructure"] = retries.get("infrastructureLimit", limits["flow"])
        failures, earlier = new.get("failures") or {}, old.get("failures") or {}
        for budget, limit in limits.items():
            if failures.get(budget, 0) < earlier.get(budget, 0):
                yield f"the budget {budget} of {name} was given back"
            if failures.get(budget, 0) > limit and new.get("phase") not in TERMINAL:
                yield f"{name} goes on after {failures[budget]} failures of {budget}, {limit} were allowed"
        refused = [each for each in new.get("attempts", ()) if each.get("reason") == "ClaimRefused"]
        # The record has the last ten attempts only.
        self.free[uid] |= {each["number"] for each in refused if "budget" not in each and "endTime" in each}
        allowed = 1 + sum(failures.values()) + len(self.suspensions[uid]) + len(self.free[uid])
        if (new.get("attempt") or 0) > allowed:
            yield f"{name} has attempt {new['attempt']}, of which {allowed} were due"

    # --- creation and deletion by the operator

    def _alike(self, pod: Object) -> None:
        """All pods of a run or standalone cluster have the same defaults, whatever operators have by now."""
        above = self._world.nodes.lives[pod["metadata"]["uid"]].run
        team = pod["metadata"]["labels"].get(TEAM, "")
        if self._teams.setdefault(above, team) != team:
            self.faults.append(f"{pod['metadata']['name']} is of team {team!r}, not {self._teams[above]!r}")

    def _created(self, child: Object) -> None:
        """Invariants 2 and 4: nothing for what is going away or over, nothing before its attempt is open.

        Where news are late or do not come, the operator cannot know of a deletion; its child then goes, too.
        """
        owner, kind = controller_of(child) or {}, child["kind"]
        found = [
            body
            for body in self._world.server.objects.values()
            if owner and body["metadata"]["uid"] == owner["uid"]
        ]
        for body in found:
            status = body.get("status") or {}
            if self._world.case.plain and "deletionTimestamp" in body["metadata"]:
                self.faults.append(f"{kind} was created for an object that is being deleted")
            if body["kind"] == FLOW_RUN:
                attempts = status.get("attempts") or ()
                # A leader that wakes may do what it had begun; without a scheduler that can come to nothing.
                woken = self._world.case.twins or self._world.case.frozen or self.edited
                if not woken and (not attempts or attempts[-1].get("endTime")):
                    self.faults.append(f"{kind} was created while no attempt was open")
            elif kind == "Pod":
                self._member(child, body, status)
            if kind == "Pod":
                self._alike(child)

    def _member(self, pod: Object, cluster: Object, status: Mapping[str, Any]) -> None:
        name, component = cluster["metadata"]["name"], pod["metadata"]["labels"][LABEL_COMPONENT]
        if not any(_policy(body, pod) for body in self._world.server.objects.values()):
            self.faults.append(f"pod {pod['metadata']['name']} was made before its NetworkPolicy")
        run = self._owner(cluster)
        attempts = ((run or {}).get("status") or {}).get("attempts") or ({},)
        # Else a create may be on its way while the attempt is closed.
        calm = self._world.case.plain or self._world.case.frozen
        other = attempts[-1].get("endTime") or attempts[-1].get("cluster") != name
        if calm and run is not None and component == SCHEDULER and other:
            self.faults.append(
                f"a scheduler was made of DaskCluster {name}, whose attempt is not the open one"
            )
        if component == SCHEDULER and status.get("scheduler"):
            self.faults.append(f"DaskCluster {name} was given a second scheduler")
        if component == WORKER:
            group = cluster["metadata"]["uid"], pod["metadata"]["labels"][LABEL_GROUP]
            live = sum(self._stays(body, *group) for body in self._world.server.objects.values())
            # An answer that was lost, or a second operator, may make one too many, which goes again.
            calm = not (self._world.case.storm or self._world.case.twins)
            if calm and live > self._most_workers[group]:
                self.faults.append(f"DaskCluster {name} has {live} workers of {group[1]}")

    def _stays(self, body: Object, cluster: str, group: str) -> bool:
        """Whether this is a worker of the group that lives and is to go on living."""
        if body["kind"] != "Pod" or (controller_of(body) or {}).get("uid") != cluster:
            return False
        over = body["status"].get("phase") in ("Succeeded", "Failed")
        going = over or "deletionTimestamp" in body["metadata"]
        theirs = body["metadata"]["labels"].get(LABEL_GROUP) == group
        return theirs and not going and not self._world.nodes.lives[body["metadata"]["uid"]].role.retiring

    def _deleted(self, body: Object) -> None:
        """Retention: the operator removes nothing of an ended run before its time."""
        kind = body["kind"]
        run = body if kind == FLOW_RUN else self._owner(body)
        if run is None or ("deletionTimestamp" in run["metadata"] and kind != FLOW_RUN):
            return
        ended = self.ended.get(run["metadata"]["uid"], {})
        when = "onSuccess" if ended.get("phase") == "Succeeded" else "onFailure"
        part = {"Pod": "runner", DASK_CLUSTER: "pods", FLOW_RUN: "record"}.get(kind, "")
        # Where news are late, a pod may seem not to be on a node yet, and then is not worth keeping.
        if kind == "Pod" and (self._world.case.storm or not self._ran(body["metadata"]["uid"])):
            return
        span = run["spec"].get("retention", {}).get(part, {}).get(when)
        if kind == FLOW_RUN and span is None and (controller_of(body) or {}).get("kind") == FLOW_SCHEDULE:
            return  # by its schedule's history
        if kind == FLOW_RUN and (not ended or span is None):
            self.faults.append("the operator deleted a run that was to stay")
        elif ended and span is not None:
            early = (
                seconds(span) - (instant() - datetime.fromisoformat(ended["completionTime"])).total_seconds()
            )
            if early > 0:
                self.faults.append(f"{kind} {body['metadata']['name']} was deleted {early:.0f} s too early")

    def _ran(self, uid: str) -> bool:
        """Whether a flow began in this pod: another has no log that anybody would want."""
        life = self._world.nodes.lives[uid]
        return life.component == RUNNER and life.role.begun is not None

    def _owner(self, body: Object) -> Object | None:
        owner = controller_of(body) or {}
        objects = self._world.server.objects.values()
        return next(
            (
                each
                for each in objects
                if each["metadata"]["uid"] == owner.get("uid") and each["kind"] == FLOW_RUN
            ),
            None,
        )


def _quiet(name: str, hours: Mapping[str, str] | None, at: str) -> Iterator[str]:
    """No attempt is opened within quiet hours; those of the scenarios are every day's, and in UTC."""
    if hours is None:
        return
    start, end = hours["start"], hours["end"]
    if start <= at < end if start < end else not end <= at < start:
        yield f"an attempt of {name} was opened at {at}, within quiet hours"


def _most(workers: Mapping[str, Any]) -> int:
    """How many workers a group may have."""
    if "autoscale" in workers:
        return int(workers["autoscale"]["maximum"])
    return int(workers.get("replicas", 2))


def _policy(body: Object, pod: Object) -> bool:
    """Whether it is a NetworkPolicy that selects the pod."""
    if body["kind"] != "NetworkPolicy":
        return False
    wanted = body["spec"]["podSelector"]["matchLabels"]
    return all(pod["metadata"]["labels"].get(name) == value for name, value in wanted.items())


def _without_generations(status: Mapping[str, Any]) -> dict[str, Any]:
    """A terminal status still takes note of a changed spec."""
    conditions = [{**each, "observedGeneration": 0} for each in status.get("conditions", ())]
    return {**status, "conditions": conditions, "observedGeneration": 0}


def _changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    return {name: (old.get(name), new.get(name)) for name in {*old, *new} if old.get(name) != new.get(name)}
