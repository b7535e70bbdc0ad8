"""Cases: a scenario, a seed, and what goes wrong on the operator's side. All of a kind, or by chance."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

from daskflow.api.names import CLUSTER_POOL
from daskflow.controller.kubernetes.kinds import CHILDREN, CUSTOM

from tests.simulation.scenarios import SCENARIOS

LISTED = (*CUSTOM, *CHILDREN)


@dataclass(frozen=True)
class Case:
    """Numbers count from 1; 0 means never."""

    scenario: str = "success"
    seed: int = 0
    storm: bool = False
    crash: int = 0
    """The operator dies right after this write of its took effect, before it hears the answer."""
    down: float = 5.0
    """Seconds until the next one starts."""
    stale: str = ""
    """`Pod:3`: the next one's first list of pods is from three changes ago (several: with commas)."""
    drop: int = 0
    """This watch event never arrives."""
    crashes: int = 0
    """The operator dies at that many moments of chance."""
    twins: bool = False
    """The old operator is not dead, only cut off from the news: it goes on for a while beside the new one."""
    frozen: str = ""
    """The operator is frozen for long before its first create of this kind, and the next one begins."""
    taken: str = ""
    """`DaskCluster,runner`: kinds and components of which all is deleted half-way through an absence."""

    @property
    def plain(self) -> bool:
        """Whether nothing goes wrong on the operator's side."""
        return not (self.storm or self.crash or self.drop or self.crashes or self.frozen)

    @property
    def past(self) -> Mapping[str, int]:
        """`stale`, by kind."""
        parts = (part.partition(":") for part in self.stale.split(",") if part)
        return {kind: int(steps) for kind, _, steps in parts}

    @property
    def command(self) -> str:
        """Replays this case."""
        words = ["python", "-m", "tests.simulation.run", "--scenario", self.scenario]
        for each in fields(self):
            value = getattr(self, each.name)
            if each.name != "scenario" and value != each.default:
                words += [f"--{each.name}"] if value is True else [f"--{each.name}", str(value)]
        return shlex.join(words)


@dataclass(frozen=True)
class Course:
    """How a scenario goes undisturbed, to know where it can be disturbed."""

    writes: int
    events: int
    status_writes: tuple[int, ...]
    """Which of the writes are of statuses."""
    changes: tuple[Mapping[str, int], ...]
    """By write: how many changes of each kind there are, by the time at which the next operator lists."""


def crash_points(scenario: str, course: Course, *, thorough: bool = False) -> Iterator[Case]:
    """The operator's death after each of the writes that the scenario takes; once more as twins.

    Unless `thorough`, as twins only after writes of statuses: others have no effect on what the two plan.
    """
    for number in range(1, course.writes + 1):
        yield Case(scenario, crash=number)
        if thorough or number in course.status_writes:
            yield Case(scenario, crash=number, twins=True)


def stale_restarts(scenario: str, course: Course, *, thorough: bool = False) -> Iterator[Case]:
    """Deaths after which the next operator lists an older past of one kind.

    `thorough`: after any write, and any older past. Otherwise after writes of statuses only (no other write
    changes what is planned next), one change ago and before all changes, and not of Services.
    """
    for number in range(1, course.writes + 1) if thorough else course.status_writes:
        for kind in LISTED if thorough else LISTED[:-1]:
            changes = course.changes[number - 1][kind]
            for steps in range(1, changes + 1) if thorough else sorted({min(1, changes), changes} - {0}):
                yield Case(scenario, crash=number, down=1.0, stale=f"{kind}:{steps}")
        if thorough:
            everything = ",".join(f"{kind}:{10_000}" for kind in LISTED)
            yield Case(scenario, crash=number, down=1.0, stale=everything)


TAKEN = (
    "DaskCluster",
    "runner",
    "scheduler",
    "DaskCluster,runner",
    "DaskCluster,runner,scheduler",
    "scheduler,runner",
    "Service",
    "Secret",
    "DaskCluster,Pod,Service,Secret,NetworkPolicy",
)
"""What a clean-up job or a person deletes of a run, without the run."""
AWAY = 40.0
"""Seconds; half of it is enough for a flow to begin whose pods were there when the operator went."""


def absences(scenario: str, course: Course) -> Iterator[Case]:
    """The operator is away from each of its writes on, and meanwhile children of the run are deleted."""
    for number in range(1, course.writes + 1):
        for taken in TAKEN:
            yield Case(scenario, crash=number, down=AWAY, taken=taken)


def dropped_events(scenario: str, course: Course) -> Iterator[Case]:
    """Each watch event that the scenario has, dropped."""
    for number in range(1, course.events + 1):
        yield Case(scenario, drop=number)


def random_case(seed: int) -> Case:
    """A storm, with deaths of the operator (and restarts into the past), in one of the scenarios."""
    names = [name for name, each in SCENARIOS.items() if not (each.calm or each.pools)]
    return _random_case(seed, names, [kind for kind in LISTED if kind != CLUSTER_POOL])


def random_pool_case(seed: int) -> Case:
    """The same of a scenario with pools."""
    return _random_case(seed, [name for name, each in SCENARIOS.items() if each.pools], LISTED)


def _random_case(seed: int, names: Sequence[str], listed: Sequence[str]) -> Case:
    turn = seed // len(names)
    stale = f"{listed[turn % len(listed)]}:{seed % 7 + 1}" if seed % 4 == 0 else ""
    return Case(
        names[seed % len(names)],
        seed,
        storm=turn % 8 != 7,
        crashes=turn % 4,
        down=(5.0, 0.5, 2.0)[seed % 5 % 3],
        twins=seed % 3 == 0,
        stale=stale,
    )
