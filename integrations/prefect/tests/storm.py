"""Flow runs while worker, operator, runners and Prefect's server are killed at random, and what both sides
say in the end.
"""

import random
import time
from collections import Counter
from dataclasses import dataclass, field

from integrations.kubectl import kubectl
from integrations.prefect.tests.world import AGREED, FINAL, World

TOGETHER = 3
"""Flow runs at a time."""
PAUSE = (5.0, 14.0)
"""Seconds from a kill to the next."""
AWAY = (0.0, 6.0)
"""Seconds for which a worker or the server stays away."""
STILL = 20.0
"""Seconds for which killing goes on after the last flow run has begun."""
PATIENCE = 240.0
"""Seconds from the last kill until both sides must have ended and agree."""
TOO_LATE = ("CANCELLED", "Failed")
"""It had failed when it was cancelled: Prefect lets what is Cancelling become Cancelled only, whose message
then is the FlowRun's.
"""
TARGETS = ("worker", "operator", "runner", "server")


@dataclass
class Life:
    """One flow run."""

    number: int
    id: str
    what: str
    killed: list[str] = field(default_factory=list)
    end: tuple[str, str] = ("", "")
    attempts: int = 0
    run_count: int = 0
    message: str = ""

    @property
    def agrees(self) -> bool:
        return self.end in AGREED or (self.what == "cancelled" and self.end == TOO_LATE)

    def row(self) -> str:
        killed = " ".join(f"{name}:{count}" for name, count in Counter(self.killed).items()) or "-"
        state, phase = self.end
        said = f"{state:10} {phase:11} {'yes' if self.agrees else 'NO':5} {self.message[:60]}"
        return f"{self.number:3} {self.what:9} {killed:38} {said}"


class Storm:
    """`seed` chooses flows, targets and moments; the moments are the clock's."""

    def __init__(self, place: World, runs: int, seed: int) -> None:
        self._place, self._runs = place, runs
        self._chance = random.Random(seed)
        self.lives: list[Life] = []
        self.kills: Counter[str] = Counter()
        self._back: list[tuple[float, str]] = []
        """When what is away comes back."""

    def rage(self) -> None:
        """Until all flow runs have ended and both sides agree, or there is no patience left."""
        self._place.worker()
        due = time.monotonic() + self._chance.uniform(*PAUSE)
        last = time.monotonic()
        while len(self.lives) < self._runs or (self._open() and time.monotonic() < last + STILL):
            if len(self.lives) < self._runs:
                last = time.monotonic()
            self._return()
            if not self._away("server"):
                for _ in range(min(TOGETHER - len(self._open()), self._runs - len(self.lives))):
                    self._begin()
                self._look()
            if time.monotonic() >= due:
                self._kill(self._chance.choice(TARGETS))
                due = time.monotonic() + self._chance.uniform(*PAUSE)
            time.sleep(0.3)
        self._calm()

    def _calm(self) -> None:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and (self._back or not all(each.agrees for each in self.lives)):
            self._return()
            self._look(everything=True)
            time.sleep(0.5)
        for each in self.lives:
            answer = self._place.server.ask(f"/flow_runs/{each.id}")
            each.message, each.run_count = (
                str((answer["state"] or {}).get("message") or ""),
                answer["run_count"],
            )

    def _open(self) -> list[Life]:
        return [each for each in self.lives if not (each.end[0] in FINAL and each.agrees)]

    def _begin(self) -> None:
        what = self._chance.choices(("succeeds", "fails", "cancel"), (7, 2, 2))[0]
        seconds = 60.0 if what == "cancel" else self._chance.uniform(0, 5)
        id_ = self._place.run(n=2, seconds=seconds, fail=what == "fails")
        self.lives.append(Life(len(self.lives) + 1, id_, what))

    def _look(self, everything: bool = False) -> None:
        for each in self.lives if everything else self._open():
            state = self._place.state(each.id)
            if not state:
                return
            found = self._place.flow_runs(each.id)
            phase = str((found[-1].get("status") or {}).get("phase") or "") if found else "never made"
            each.end = (state, phase)
            if each.what == "cancel" and state == "RUNNING" and self._chance.random() < 0.1:
                self._place.server.set_state(each.id, "CANCELLING")
                each.what = "cancelled"

    def _away(self, what: str) -> bool:
        return any(name == what for _, name in self._back)

    def _return(self) -> None:
        for at, name in list(self._back):
            if time.monotonic() >= at:
                if name == "server":
                    self._place.server.start()
                else:
                    self._place.workers[0].start()
                self._back.remove((at, name))
        if not self._away("worker") and not self._place.workers[0].alive:
            self._place.workers[0].start()  # it has given up, as a Deployment's container may

    def _kill(self, target: str) -> None:
        if self._away(target):
            return
        victims = self._open()
        if target == "worker":
            self._place.workers[0].kill()
        elif target == "server":
            self._place.server.kill()
        elif target == "operator":
            selector = "app.kubernetes.io/name=daskflow"
            where = ["--namespace", "daskflow-system", "--selector", selector]
            kubectl("delete", "pod", *where, "--grace-period", "0", "--force", "--wait=false")
        else:
            pods = self._place.namespace.items("pods", "daskflow.dev/component=runner")
            pods = [each for each in pods if each["status"].get("phase") in ("Pending", "Running")]
            if not pods:
                return
            pod = self._chance.choice(pods)["metadata"]
            self._place.namespace.kubectl(
                "delete", "pod", pod["name"], "--grace-period", "0", "--force", "--wait=false"
            )
            run = pod["labels"]["daskflow.dev/run"]
            victims = [
                each
                for each in victims
                if run in [one["metadata"]["name"] for one in self._place.flow_runs(each.id)]
            ]
        self.kills[target] += 1
        for each in victims:
            each.killed.append(target)
        if target in ("worker", "server"):
            self._back.append((time.monotonic() + self._chance.uniform(*AWAY), target))

    def table(self) -> str:
        """All of it in letters."""
        head = f"{'':3} {'flow':9} {'killed meanwhile':38} {'Prefect':10} {'FlowRun':11} agree"
        agreed = sum(each.agrees for each in self.lives)
        kills = ", ".join(f"{count} of {name}" for name, count in sorted(self.kills.items()))
        total = f"{agreed} of {len(self.lives)} agree, after {sum(self.kills.values())} kills: {kills}"
        return "\n".join([head, *(each.row() for each in self.lives), total])
