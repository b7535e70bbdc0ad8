"""Times of the day at which no attempt of a FlowRun is opened."""

import re
from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field

from daskflow.api.model import Model, rule, rules

Day = Literal["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
DAYS: tuple[Day, ...] = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
"""As `datetime.weekday` counts them."""

_TIME = "([01][0-9]|2[0-3]):[0-5][0-9]"
_TIME_OR_MIDNIGHT = f"{_TIME}|24:00"
_LONGEST = 64
"""Characters of what is told that it is no time of the day; the API server asks for a bound."""
_REMEDY = 'is no time of the day; write for example "08:00"'

_NO_DAY = "names no day; name at least one, or leave days out for all of them"


def _checked(pattern: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f'"{text}" {_REMEDY}')
        return text

    return check


def _named(days: tuple[Day, ...]) -> tuple[Day, ...]:
    if not days:
        raise ValueError(_NO_DAY)
    return days


def _in_cel(pattern: str) -> dict[str, Any]:
    return rules(rule(f"self.matches('^({pattern})$')", f"='\"' + self + '\" {_REMEDY}'"))


class QuietHours(Model):
    """Every day, or on some days of the week, from `start` until `end`, which may be on the next day."""

    model_config = ConfigDict(
        json_schema_extra=rules(
            rule(
                "self.start != self.end",
                'start and end are the same time of the day; for a whole day write "00:00" and "24:00"',
            ),
            rule(
                "self.start != '00:00' || self.end != '24:00' || (has(self.days) && self.days.size() < 7)",
                "these are all hours of all days, so that no attempt would ever begin; name fewer days, "
                "or use spec.suspend",
            ),
        )
    )

    start: Annotated[str, AfterValidator(_checked(_TIME))] = Field(
        description='From when no attempt is opened: hour and minute as text in quotes, "00:00" to "23:59".',
        max_length=_LONGEST,
        json_schema_extra=_in_cel(_TIME),
    )
    end: Annotated[str, AfterValidator(_checked(_TIME_OR_MIDNIGHT))] = Field(
        description='When attempts are opened again, as text in quotes, "00:00" to "24:00"; if that is '
        "before start, on the next day.",
        max_length=_LONGEST,
        json_schema_extra=_in_cel(_TIME_OR_MIDNIGHT),
    )
    time_zone: str = Field(
        default="UTC",
        description="A name of the IANA time zone database, for example Europe/Berlin: the zone of start, "
        "end and days, also in a FlowSchedule that has another [UTC].",
        min_length=1,
        max_length=64,
    )
    days: Annotated[tuple[Day, ...], AfterValidator(_named)] = Field(
        default=(),
        description="The days on which quiet hours begin: Mon, Tue, Wed, Thu, Fri, Sat, Sun [all].",
        max_length=7,
        json_schema_extra=rules(rule("self.size() > 0", _NO_DAY), **{"x-kubernetes-list-type": "set"}),
    )
