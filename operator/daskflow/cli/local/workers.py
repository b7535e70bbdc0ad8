"""The workers of a local run: as many as were started live, as long as the flow runs."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from daskflow.api.workers import DEFAULT_GROUP
from daskflow.cli.local.display import Display
from daskflow.cli.local.machine import Group
from daskflow.runtime.local.processes import Processes

AGAIN_SECONDS = 2.0
"""As in Kubernetes: how long after its death a worker is replaced."""


@dataclass
class Workers:
    """Starts the workers of some groups, and replaces those that end."""

    processes: Processes
    groups: Sequence[Group]
    display: Display
    death_timeout: int
    """Seconds after which a worker gives up that never met a scheduler."""
    _live: dict[str, Group] = field(default_factory=dict, init=False)
    _due: list[tuple[float, Group]] = field(default_factory=list, init=False)
    _ordinals: dict[str, int] = field(default_factory=dict, init=False)

    def start(self) -> None:
        """All of them at once."""
        for group in self.groups:
            for _ in range(group.count):
                self._start(group)

    def replace(self) -> None:
        """Called now and then while the flow runs: Dask gives up on a task that has killed four workers."""
        for name, group in list(self._live.items()):
            code = self.processes.children[name].poll()
            if code is not None:
                how = f"exit code {code}" if code >= 0 else f"signal {-code}"
                self.display.say(f"{name} ended with {how}; another one is started")
                del self._live[name]
                self._due.append((time.monotonic() + AGAIN_SECONDS, group))
        due = [group for at, group in self._due if at <= time.monotonic()]
        self._due = [each for each in self._due if each[0] > time.monotonic()]
        for group in due:
            self._start(group)

    def _start(self, group: Group) -> None:
        ordinal = self._ordinals.get(group.name, 0)
        self._ordinals[group.name] = ordinal + 1
        name = f"worker-{ordinal}" if group.name == DEFAULT_GROUP else f"worker-{group.name}-{ordinal}"
        self.processes.worker(
            name,
            group.threads,
            group.memory,
            list(group.spec.args),
            DASKFLOW_GROUP=group.name,
            DASKFLOW_DEATH_TIMEOUT=str(self.death_timeout),
            DASKFLOW_RESOURCES=json.dumps(dict(group.spec.dask_resources)),
            DASKFLOW_NANNY="1" if group.spec.nanny else "",
        )
        self.display.follow(self.processes.children[name].stdout, name)
        self._live[name] = group
