"""What runs inside the pods, as far as the operator can see it: the runtime's contract, role by role.

The scheduler holds the lease and the fence, the runner begins with its consent and gives the outcome to it
before writing its own, workers go when the scheduler is gone.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from daskflow.api.names import RUNNER, SCHEDULER, WORKER

from tests.simulation.dask.control_listener import Scaler
from tests.simulation.dask.recorded import recorded, with_report
from tests.simulation.kubernetes.objects import stamp

if TYPE_CHECKING:
    from tests.simulation.kubernetes.pods import Life

Script = Callable[[str, int], Mapping[str, Any]]
"""How the flow of an attempt goes: `seconds` it takes, and what it reports: `outcome`, `message` …

`makes`: it makes a cluster for itself, and takes it down at its end. `report`, `unreported`: see
`recorded`."""

TICK = 1.0
FIRST_SECONDS = 900
LEASE_SECONDS = 20


class Role:
    """The process of one pod. `report` is its termination message."""

    def __init__(self, life: "Life") -> None:
        self.life = life
        self.nodes = life.nodes
        self.listening = False
        self.begun: str | None = None
        self.holder: str | None = None
        """Scheduler only: the uid of the runner whose flow has begun."""
        self.leased_at: float | None = None
        self.outcome: Mapping[str, Any] | None = None
        self.report: Mapping[str, Any] | None = None
        self.listens_since = 0.0
        """Scheduler only: its record begins then."""
        self.scaler: Scaler | None = None
        """Scheduler only: what it does with its workers."""
        self.idle = False
        """Scheduler only: nobody has used it for too long."""
        self._alone = 0.0
        """Scheduler only: seconds since the cluster was ready and had a client or a run."""
        self.retiring = False
        """Worker only: its scheduler lets it go."""
        self.registered_at: float | None = None
        self._retired = False

    def retire(self) -> None:
        """Others have its data: it goes."""
        self._retired = True

    async def run(self) -> int:
        """Until it ends by itself: the exit code."""
        return await {SCHEDULER: self._scheduler, WORKER: self._worker, RUNNER: self._runner}[
            self.life.component
        ]()

    def terminated(self) -> int:
        """SIGTERM came first."""
        if self.life.component == WORKER:
            return 0
        if self.life.component == RUNNER and self.report is None:
            self._runner_ends({"outcome": "Failed", "reason": "Terminated"})
            self._hand_over()
        if self.life.component == SCHEDULER:
            self._scheduler_ends("Terminated")
        return 143

    def left_behind(self) -> Mapping[str, Any] | None:
        """The termination message of a process that was killed: a scheduler writes as it goes along."""
        if self.life.component == SCHEDULER and self.leased_at is not None:
            self._scheduler_writes("OutcomeReceived" if self.outcome else "")
        return self.report if self.life.component == SCHEDULER or self.alone else None

    @property
    def alone(self) -> bool:
        """Whether this is the runner of a flow whose word nobody else has."""
        return self.life.component == RUNNER and self.life.gated

    @property
    def owned(self) -> bool:
        """Whether this is the scheduler of a run, and so its fence."""
        return "DASKFLOW_OWNED" in self.life.env

    @property
    def waits(self) -> bool:
        """Whether this is the scheduler of a cluster that was made to wait for a run."""
        return "DASKFLOW_STANDBY_SECONDS" in self.life.env

    # --- the scheduler

    async def _scheduler(self) -> int:
        await asyncio.sleep(self.nodes.chance.uniform(0.2, 2.0))
        self.listening = True
        self.listens_since = _time()
        self.scaler = Scaler(self.life)
        self.life.nodes.started(self.life)
        since = _time()
        while True:
            await asyncio.sleep(TICK)
            self.scaler.retire()
            if self.idle:
                return self._scheduler_ends("IdleTimeout")
            if not self.owned:
                if self._nobody_comes():
                    return self._scheduler_ends("NoClientTimeout")
                continue
            if self.outcome is not None:
                return self._scheduler_ends("OutcomeReceived")
            if self.leased_at is not None and _time() - self.leased_at > LEASE_SECONDS:
                return self._scheduler_ends("LeaseLost")
            if self.leased_at is None and _time() - since > FIRST_SECONDS:
                return self._scheduler_ends("LeaseNeverTaken")
            unclaimed = self.waits and self.scaler.claim is None
            if unclaimed and _time() - since > float(self.life.env["DASKFLOW_STANDBY_SECONDS"]):
                return self._scheduler_ends("Unclaimed")

    def _nobody_comes(self) -> bool:
        """Whether no client was there for too long, from readiness on."""
        limit = float(self.life.env.get("DASKFLOW_NO_CLIENT_SECONDS", 0))
        leased = self.leased_at is not None and _time() - self.leased_at <= LEASE_SECONDS
        there = sum(each.role.listening for each in self.nodes.of(self.life.cluster, WORKER))
        ready = self._alone > 0 or there >= int(self.life.env.get("DASKFLOW_READY_WORKERS", 0))
        self._alone = 0.0 if self.nodes.client or leased or not ready else self._alone + TICK
        return bool(limit) and self._alone >= limit

    def _scheduler_ends(self, reason: str) -> int:
        self._scheduler_writes(reason)
        unclaimed = self.waits and (self.scaler is None or self.scaler.claim is None)
        if self.owned and self.listens_since and not unclaimed:
            self.report = with_report(self.report or {}, self.recorded(self.life.attempt))
        return 0

    def recorded(self, attempt: int) -> Mapping[str, Any]:
        """What the scheduler has recorded of this attempt until now."""
        return recorded(attempt, _time() - self.listens_since)

    def _scheduler_writes(self, reason: str) -> None:
        self.report = {
            "v": 1,
            "role": "scheduler",
            "outcome": self.outcome,
            "begun": self.begun,
            "runner": self.holder,
            "reason": reason,
        }

    # --- workers

    async def _worker(self) -> int:
        scheduler = await self._find_scheduler()
        if scheduler is None:
            return 1
        await asyncio.sleep(self.nodes.chance.uniform(0.1, 2.0))
        self.listening = True
        self.registered_at = _time()
        self.life.nodes.started(self.life)
        if self.nodes.crashing:
            return 1
        while self.life.reaches(scheduler) and not self._retired:  # noqa: ASYNC110 - it finds out by itself
            await asyncio.sleep(TICK)
        self.report = {"v": 1, "role": "worker", "reason": "Retired" if self._retired else "SchedulerGone"}
        return 0

    # --- the runner

    async def _runner(self) -> int:
        if "DASK_SCHEDULER_ADDRESS" not in self.life.env:
            return await self._flow(None)
        scheduler = await self._find_scheduler()
        if scheduler is None:
            return self._runner_ends({"outcome": "Failed", "reason": "SchedulerUnreachable"})
        self.leased_at = _time()
        if (reason := await self._workers_there(scheduler)) is not None:
            return self._runner_ends({"outcome": "Failed", "reason": reason})
        if "DASKFLOW_STANDBY" in self.life.env and not await self._claimed(scheduler):
            return self._runner_ends({"outcome": "Failed", "reason": "SchedulerLost"})
        return await self._flow(scheduler)

    async def _claimed(self, scheduler: "Life") -> bool:
        """Parked until a run has claimed the cluster; False if its scheduler is no more."""
        assert scheduler.role.scaler is not None
        while (claim := scheduler.role.scaler.claim) is None:
            if not self._leases(scheduler):
                return False
            scheduler.role.scaler.parked = self.life.uid
            await asyncio.sleep(0.05)
        return self.life.reaches(scheduler) and claim["variables"]["DASKFLOW_RUN_UID"] == self.life.run

    async def _flow(self, scheduler: "Life | None") -> int:
        """The flow's own life, once it may begin; without a scheduler nobody asks whether it may."""
        self.begun = stamp()
        if scheduler is not None and scheduler.role.owned:
            scheduler.role.holder, scheduler.role.begun = self.life.uid, self.begun
        self.nodes.flow_begins(self.life)
        self.life.nodes.started(self.life)
        script = self.nodes.script(self.life.run, self.life.attempt)
        made = self.nodes.make_cluster(self.life) if script.get("makes") else None
        until = _time() + script.get("seconds", 5)
        while _time() < until:
            await asyncio.sleep(min(TICK, max(0.0, until - _time())))
            if scheduler is not None and not self._leases(scheduler):
                return self._runner_ends({"outcome": "Failed", "reason": "SchedulerLost"})
        if made is not None:
            self.nodes.server.delete(made)
        said = script.get("outcome", "Succeeded")
        code = self._runner_ends({"outcome": said, **script})
        self._hand_over()
        self.nodes.flow_ended(self.life, said)
        await asyncio.sleep(self.nodes.chance.uniform(0.0, 1.0))
        return code

    async def _workers_there(self, scheduler: "Life") -> str | None:
        """Waits for the workers; answers why the flow cannot begin, None once it may."""
        wish = json.loads(self.life.env["DASKFLOW_WORKERS"])
        since = _time()
        while True:
            if not self._leases(scheduler):
                return "SchedulerLost"
            if self.life.reaches(scheduler) and scheduler.role.holder is not None:
                return "RunnerSuperseded"
            workers = self.nodes.of(self.life.cluster, WORKER)
            count = sum(each.role.listening and self.life.reaches(each) for each in workers)
            scaler = scheduler.role.scaler
            if scaler is not None and scaler.orders and self.life.reaches(scheduler):
                orders = scaler.orders
                wish["wanted"] = min(wish["wanted"], sum(order.replicas for order in orders.values()))
                wish["required"] = min(wish["required"], wish["wanted"])
            enough = count >= wish["required"] and _time() - since >= wish["patience"]
            if (count >= wish["wanted"] or enough) and self.life.reaches(scheduler):
                return None
            await asyncio.sleep(TICK)

    def _leases(self, scheduler: "Life") -> bool:
        """Renews the lease; False once it has not been to be had for as long as it lasts."""
        assert self.leased_at is not None
        if self.life.reaches(scheduler):
            scheduler.role.leased_at = self.leased_at = _time()
        return _time() - self.leased_at <= LEASE_SECONDS

    def _hand_over(self) -> None:
        """The outcome's first copy: a scheduler takes it from the runner that began, or if none has."""
        script = self.nodes.script(self.life.run, self.life.attempt)
        for scheduler in self.nodes.of(self.life.cluster, SCHEDULER):
            if self.life.reaches(scheduler) and scheduler.role.holder in (None, self.life.uid):
                scheduler.role.outcome = scheduler.role.outcome or self.report
                unclaimed = scheduler.role.waits and not self.life.attempt
                if self.report is not None and not unclaimed and not script.keys() & {"report", "unreported"}:
                    told = scheduler.role.recorded(self.life.attempt)
                    self.report = with_report(self.report, told)
        if self.report is not None and "report" in script:
            self.report = {**self.report, "report": script["report"]}

    def succeed(self) -> None:
        """A runner's flow ends now, well, and its process with it."""
        code = self._runner_ends({"outcome": "Succeeded"})
        self._hand_over()
        self.nodes.flow_ended(self.life, "Succeeded")
        self.life.stop(code)

    def _runner_ends(self, said: Mapping[str, Any]) -> int:
        succeeded = said["outcome"] == "Succeeded"
        self.report = {
            "v": 1,
            "role": "runner",
            "outcome": said["outcome"],
            "reason": said.get("reason", ""),
            "message": said.get("message", f"The flow says {said['outcome']}."),
            "begun": self.begun,
            "ended": stamp(),
            "exitCode": 0 if succeeded else 1,
            "result": {"attempt": self.life.attempt} if succeeded else None,
            "failure": said.get("failure"),
        }
        return 0 if succeeded else 1

    async def _find_scheduler(self) -> "Life | None":
        until = _time() + FIRST_SECONDS
        while _time() < until:
            for life in self.nodes.of(self.life.cluster, SCHEDULER):
                if life.role.listening and self.life.reaches(life):
                    return life
            await asyncio.sleep(TICK)
        return None


def _time() -> float:
    return asyncio.get_running_loop().time()
