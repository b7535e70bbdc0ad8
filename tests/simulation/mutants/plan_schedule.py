"""Mutants of plan/schedule."""

from tests.simulation.mutants.mutant import Mutant

MUTANTS = (
    Mutant(
        "a tick is settled before it has its run",
        "plan/schedule/ticks.py",
        "if tick in chosen and not made:",
        "if tick in chosen and False:",
    ),
    Mutant(
        "a tick does not wait for the run before",
        "plan/schedule/ticks.py",
        "return () if view.live else missing[:1]",
        "return missing[:1]",
    ),
    Mutant(
        "a tick that is settled is given a run again",
        "plan/schedule/view.py",
        "instant(each) for each in (self.status.settled_time",
        "instant(each) for each in () and (self.status.settled_time",
    ),
    Mutant(
        "a changed cron counts from its schedule's beginning",
        "plan/schedule/view.py",
        "known.append(self.now.replace(microsecond=0))",
        "known = known[:1]",
    ),
    Mutant(
        "a prewarmed cluster of another template is kept",
        "plan/schedule/prewarming.py",
        "return template is not None and unit.hash == tick_hash(template)",
        "return template is not None",
        test="tests/unit/plan/schedule/test_prewarming.py",
    ),
    Mutant(
        "a schedule does not hear what keeps its cluster from starting",
        "controller/known/affected.py",
        'status.get("reason") if child["kind"] == DASK_CLUSTER else None',
        "None",
        test="tests/unit/controller/known/test_affected.py",
    ),
)
