"""The cases that are tried on a mutant, those first that show most for their time."""

import itertools
from collections.abc import Iterator

from tests.simulation.cases import Case, crash_points, dropped_events, random_case, stale_restarts
from tests.simulation.scenarios import SCENARIOS
from tests.simulation.trial import course_of

SEEDS = 4000
RARE = (
    Case("success", 100191, storm=True, crashes=3, twins=True),
    Case("quota", 1653, storm=True, down=0.5, crashes=3, twins=True),
    Case("success", crash=17, down=1.0, stale="FlowRun:2"),
    Case("alone, pod gone as it ends", 1460),
    *(Case("a flow of a minute", crash=at, down=40.0, taken="DaskCluster,runner") for at in (11, 12, 13)),
    Case("a second attempt of a minute", frozen="DaskCluster"),
    Case("claimed", crash=5, down=1.0, stale="ClusterPool:2"),
    *(Case("claimed while the pool is scaled to nothing", seed) for seed in (3, 5)),
    *(Case("a claimed cluster is deleted at once", seed) for seed in (4, 7)),
    Case("suspend and resume", 271, storm=True, crashes=3, twins=True, down=2.0),
)
"""Known to show what is met after thousands of seeds only: a leader that wakes beside one with late news; an
operator to which a run that is over looks like one that is about to start; an end and a deletion that are
heard of within one write; a runner that lands once its attempt is closed."""


def cheap_cases() -> Iterator[Case]:
    """The simulation's cheap part: undisturbed lives, then some of every kind of disturbance in turn."""
    yield from map(Case, SCENARIOS)
    yield from RARE
    core = [name for name, scenario in SCENARIOS.items() if scenario.core]
    enumerated = [
        itertools.chain(*(disturb(name, course_of(name)) for name in core))
        for disturb in (crash_points, stale_restarts, dropped_events)
    ]
    leaders = (
        Case(core[seed % len(core)], seed, storm=True, crashes=3, twins=True, down=(0.5, 2.0, 5.0)[seed % 3])
        for seed in range(SEEDS)
    )
    for some in itertools.zip_longest(*enumerated, leaders, map(random_case, range(SEEDS))):
        yield from (case for case in some if case is not None)
