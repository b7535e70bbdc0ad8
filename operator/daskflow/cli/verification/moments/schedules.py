"""What schedules have made."""

from daskflow.api.flowrun_status import TERMINAL_PHASES
from daskflow.api.names import FLOW_RUN
from daskflow.cli.verification.check import Moment
from daskflow.cli.verification.observed import phase_of


def runs_ended(number: int) -> Moment:
    """So many runs of a schedule have ended."""
    return Moment(
        f"{number} runs of the schedule to end",
        lambda seen: sum(phase_of(run) in TERMINAL_PHASES for run in seen.ever(FLOW_RUN)) >= number,
    )


def runs_made(number: int) -> Moment:
    """A schedule has made so many runs."""
    return Moment(f"{number} runs of the schedule", lambda seen: len(seen.ever(FLOW_RUN)) >= number)


def no_runs() -> Moment:
    """There is no FlowRun of the check's any more."""
    return Moment("all its runs to be gone", lambda seen: not seen.there(FLOW_RUN))


def phase_of_schedule(wanted: str) -> Moment:
    """A schedule that is well, for its reason is told by its condition alone."""
    return Moment(
        f"the schedule to be {wanted}",
        lambda seen: bool(seen.status("", "FlowSchedule").get("nextScheduleTime")),
    )
