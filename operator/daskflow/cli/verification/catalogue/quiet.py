"""Quiet hours."""

from datetime import datetime, timedelta

from daskflow.api.names import FLOW_RUN
from daskflow.cli.verification import manifests as made
from daskflow.cli.verification import moments as when
from daskflow.cli.verification import programs
from daskflow.cli.verification.check import (
    Change,
    Check,
    Make,
    Object,
    Stays,
    Until,
    expect,
)
from daskflow.cli.verification.expectations import pods_ever, result
from daskflow.cli.verification.observed import Observed


def _clock(at_: datetime) -> str:
    return f"{at_:%H:%M}"


def _all_day(seen: Observed) -> Object:
    """Quiet hours of ten hours around now."""
    return {"start": _clock(seen.now - timedelta(hours=5)), "end": _clock(seen.now + timedelta(hours=5))}


def _since_yesterday(seen: Observed) -> Object:
    """Quiet hours that began yesterday, in a zone where it is past midnight and not yet one."""
    offset = -seen.now.hour if seen.now.hour <= 12 else 24 - seen.now.hour
    return {"start": "22:00", "end": "04:00", "timeZone": f"Etc/GMT{-offset:+d}" if offset else "UTC"}


def _soon_over(seen: Observed) -> Object:
    """Quiet hours that end with a minute, in 12 seconds at least."""
    over = (seen.now + timedelta(seconds=72)).replace(second=0, microsecond=0)
    return {"start": _clock(over - timedelta(hours=3)), "end": _clock(over)}


CHECKS = (
    Check(
        "quiet",
        "no attempt is opened in quiet hours, and a run begins at once when they are taken out",
        (
            Make(made.run(programs.SUM, quietHours=_all_day)),
            Until(when.reason("QuietHours"), 20),
            Stays(when.phase("Pending"), 4),
            expect(pods_ever(0, "")),
            Change(FLOW_RUN, {"spec": {"quietHours": None}}),
            Until(when.ended(), 30),
            expect(result(45)),
        ),
        quick=True,
    ),
    Check(
        "midnight",
        "quiet hours go on over midnight",
        (
            Make(made.run(programs.SUM, quietHours=_since_yesterday)),
            Until(when.reason("QuietHours"), 20),
            Stays(when.phase("Pending"), 3),
            expect(pods_ever(0, "")),
        ),
    ),
    Check(
        "morning",
        "a run begins by itself when its quiet hours are over",
        (
            Make(made.run(programs.SUM, quietHours=_soon_over)),
            Until(when.reason("QuietHours"), 20),
            Until(when.ended(), 95),
            expect(result(45)),
        ),
    ),
    Check(
        "nightwatch",
        "the time in quiet hours does not count for a deadline",
        (
            Make(
                made.run(
                    programs.SECOND_TIME,
                    retries={"limit": 1, "backoff": {"initial": "6s"}},
                    deadlines={"active": "20s"},
                )
            ),
            Until(when.phase("Retrying"), 40),
            Change(FLOW_RUN, lambda seen: {"spec": {"quietHours": _soon_over(seen)}}),
            Until(when.ended(), 110),
            expect(result("2")),
        ),
    ),
)
