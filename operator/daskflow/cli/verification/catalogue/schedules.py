"""FlowSchedules: a run a tick, and when not."""

from daskflow.api.names import FLOW_RUN, FLOW_SCHEDULE
from daskflow.cli.verification import manifests as made
from daskflow.cli.verification import moments as when
from daskflow.cli.verification import programs
from daskflow.cli.verification.check import Change, Check, Make, Remove, Stays, Until, expect
from daskflow.cli.verification.expectations import at, ever
from daskflow.cli.verification.histories import (
    made_before_settled,
    never_beside,
    no_tick_before_change,
    no_tick_twice,
    started_at_once,
)
from daskflow.cli.verification.observed import Observed

_LATER = programs.SLEEPS.format(seconds=13)


def _first(seen: Observed) -> str:
    return min(str(run["metadata"]["name"]) for run in seen.ever(FLOW_RUN))


CHECKS = (
    Check(
        "ticks",
        "each tick has one run, made before the tick is settled; one that is deleted is not made again",
        (
            Make(made.schedule(programs.SUM, interval="10s")),
            Until(when.runs_made(1), 30),
            Until(when.runs_ended(1), 40),
            Remove(FLOW_RUN, _first),
            Until(when.runs_made(2), 30),
            Until(when.runs_ended(2), 40),
            expect(no_tick_twice, made_before_settled),
            Remove(FLOW_SCHEDULE),
            Until(when.no_runs(), 30),
        ),
    ),
    Check(
        "forbid",
        "a tick waits for the end of the run before, and then starts at once",
        (
            Make(made.schedule(_LATER, interval="10s", concurrencyPolicy="Forbid")),
            Until(when.runs_ended(2), 90),
            expect(never_beside, no_tick_twice),
            Until(when.runs_made(3), 20),
            expect(never_beside, started_at_once(3)),
            Remove(FLOW_SCHEDULE),
            Until(when.no_runs(), 40),
        ),
    ),
    Check(
        "changed",
        "ticks of a changed schedule count from its change on",
        (
            Make(made.schedule(programs.SUM, interval="1d", catchUp="All", concurrencyPolicy="Allow")),
            Until(when.phase_of_schedule("Scheduled"), 20),
            Stays(when.no(when.runs_made(1)), 22),
            Change(FLOW_SCHEDULE, {"spec": {"interval": "10s"}}),
            Until(when.runs_made(1), 30),
            expect(no_tick_before_change(20)),
            Change(FLOW_SCHEDULE, {"spec": {"suspend": True}}),
            Until(when.runs_ended(1), 30),
            expect(no_tick_before_change(20), no_tick_twice),
        ),
    ),
    Check(
        "badcron",
        "a cron that cannot be understood is told, and a date that does not exist",
        (
            Make(made.schedule(programs.SUM, cron="0 0 30 2 *")),
            Until(when.reason("NeverFires", kind=FLOW_SCHEDULE), 20),
            Change(FLOW_SCHEDULE, {"spec": {"cron": "61 * * * *"}}),
            Until(when.reason("CronInvalid", kind=FLOW_SCHEDULE), 20),
            expect(ever(0, FLOW_RUN)),
        ),
    ),
    Check(
        "resting",
        "a suspended schedule makes no runs, and a schedule that is deleted takes its runs along",
        (
            Make(made.schedule(programs.SLEEPS.format(seconds=120), interval="10s")),
            Until(when.runs_made(1), 30),
            Change(FLOW_SCHEDULE, {"spec": {"suspend": True}}),
            Until(when.reason("Suspended", kind=FLOW_SCHEDULE), 10),
            Stays(when.no(when.runs_made(2)), 12),
            expect(at(when.exists(FLOW_SCHEDULE))),
            Remove(FLOW_SCHEDULE),
            Until(when.no_runs(), 30),
            Until(when.no_pods(), 60),
        ),
    ),
)
