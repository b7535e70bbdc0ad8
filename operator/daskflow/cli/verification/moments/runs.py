"""What a run, or another object, has come to."""

from daskflow.api.flowrun_status import TERMINAL_PHASES
from daskflow.api.names import FLOW_RUN
from daskflow.cli.verification.check import Moment
from daskflow.cli.verification.observed import Observed


def phase(*wanted: str, part: str = "", kind: str = FLOW_RUN) -> Moment:
    """An object is in one of these phases."""
    return Moment(
        f"{part or 'it'} to be {' or '.join(wanted)}",
        lambda seen: seen.status(part, kind).get("phase") in wanted,
    )


def ended(part: str = "") -> Moment:
    """A run has ended, however."""
    return Moment(
        f"the run {part} to end".replace("  ", " "),
        lambda seen: seen.status(part).get("phase") in TERMINAL_PHASES,
    )


def reason(*wanted: str, part: str = "", kind: str = FLOW_RUN) -> Moment:
    """Its status has one of these reasons."""
    return Moment(
        f"the reason {' or '.join(wanted)}", lambda seen: seen.status(part, kind).get("reason") in wanted
    )


def said(words: str, part: str = "", kind: str = FLOW_RUN) -> Moment:
    """Its message has these words."""
    return Moment(f"the words {words!r}", lambda seen: words in str(seen.status(part, kind).get("message")))


def exists(kind: str, part: str = "") -> Moment:
    """An object is there."""
    return Moment(f"the {kind} {part} to be there", lambda seen: bool(seen.get(kind, part)))


def gone(kind: str, part: str = "") -> Moment:
    """An object has been there and is no more."""
    return Moment(
        f"the {kind} {part} to go".replace("  ", " "),
        lambda seen: bool(seen.versions(kind, part)) and not seen.get(kind, part),
    )


def attempt(number: int, part: str = "") -> Moment:
    """The run's attempt of this number is open, or was."""
    return Moment(f"attempt {number}", lambda seen: int(seen.status(part).get("attempt") or 0) >= number)


def flow_begun(part: str = "") -> Moment:
    """The flow of the newest attempt has begun, as its status says."""

    def here(seen: Observed) -> bool:
        attempts = seen.attempts(part)
        return bool(attempts and attempts[-1].get("flowStartTime")) or phase_is_running(seen, part)

    return Moment("the flow to begin", here)


def phase_is_running(seen: Observed, part: str = "") -> bool:
    """Whether the flow runs now, as its status says."""
    return bool(seen.status(part).get("phase") == "Running")


def told(event: str) -> Moment:
    """An Event with this reason is there."""
    return Moment(f"the Event {event}", lambda seen: bool(seen.events(event)))


def latched() -> Moment:
    """The wish to cancel is written down."""
    return Moment(
        "the cancellation to be written down", lambda seen: bool(seen.status().get("cancelRequested"))
    )


def progressing() -> Moment:
    """Some of the run's tasks are done, and some are not."""

    def here(seen: Observed) -> bool:
        told = seen.status().get("progress") or {}
        return 0 < int(told.get("done") or 0) < int(told.get("total") or 0)

    return Moment("progress in its status", here)


def answered(wanted: object) -> Moment:
    """The run has this result."""
    return Moment(f"the result {wanted!r}", lambda seen: seen.status().get("result") == wanted)


def both(*moments: Moment) -> Moment:
    """All of these at once."""
    return Moment(
        " and ".join(each.what for each in moments), lambda seen: all(each.here(seen) for each in moments)
    )


def either(*moments: Moment) -> Moment:
    """Any of these."""
    return Moment(
        " or ".join(each.what for each in moments), lambda seen: any(each.here(seen) for each in moments)
    )


def no(other: Moment) -> Moment:
    """It is not there."""
    return Moment(f"not {other.what}", lambda seen: not other.here(seen))
