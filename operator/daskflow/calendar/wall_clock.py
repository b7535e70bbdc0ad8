"""What clocks on the wall show in a time zone, which puts them forward and back.

A time of the day that comes twice is the first of the two, one that is skipped the end of the gap: whatever
asks for the moment at which clocks first show a time, or a later one, is given one moment, in their order.
"""

import difflib
import zoneinfo
from datetime import datetime, timedelta, timezone, tzinfo
from functools import cache

SECOND = timedelta(seconds=1)


_ABBREVIATION = 4
"""Letters that abbreviations have at most, such as CEST."""


class ZoneUnknown(ValueError):
    """There is no such time zone; the text is a sentence for the user."""


def time_zone(name: str, field: str = "spec.timeZone") -> tzinfo:
    """The zone of this name, as `field` has it; raises ZoneUnknown, with the nearest name there is."""
    if name == "UTC":
        return timezone.utc
    if name in _zone_names():
        return zoneinfo.ZoneInfo(name)
    near = _nearest(name.lower().replace(" ", "_"))
    advice = f"did you mean {near}?" if near else "write for example Europe/Berlin."
    raise ZoneUnknown(f'{field} "{name}" is not in the IANA time zone database; {advice}')


def _nearest(wanted: str) -> str | None:
    """The zone that was meant, if it was the name of a place, or any but for capitals.

    What is near to an offset or to an abbreviation is another one, which clocks do not show.
    """
    names = {each.lower(): each for each in _zone_names()}
    if wanted in names:
        return names[wanted]
    places = {each: name for each, name in names.items() if "/" in each and not each.startswith("etc/")}
    cities = {each.rpartition("/")[2]: name for each, name in places.items()}
    if wanted in cities:
        return cities[wanted]
    if len(wanted) <= _ABBREVIATION or any(each.isdigit() for each in wanted):
        return None
    for known in (places, cities):
        if near := difflib.get_close_matches(wanted, known, 1, 0.75):
            return known[near[0]]
    return None


@cache
def _zone_names() -> frozenset[str]:
    # "localtime" is whatever the operator's machine is set to, and Factory one that nobody has set.
    return frozenset(zoneinfo.available_timezones() - {"localtime", "Factory"})


def shown(at: datetime, zone: tzinfo) -> datetime:
    """What clocks show at this moment, without a zone."""
    return at.astimezone(zone).replace(tzinfo=None, fold=0)


def offset(at: datetime, zone: tzinfo) -> timedelta:
    """By how much clocks are ahead of UTC at this moment."""
    return at.astimezone(zone).utcoffset() or timedelta()


def first(local: datetime, zone: tzinfo) -> datetime:
    """When clocks show this (whole seconds, no zone) for the first time, or the end of the gap it is in."""
    aware = local.replace(tzinfo=zone, fold=0)
    at = aware.astimezone(timezone.utc)
    if shown(at, zone) == local:
        return at
    return change(aware.replace(fold=1).astimezone(timezone.utc), at, zone)


def change(before: datetime, after: datetime, zone: tzinfo) -> datetime:
    """The first second of the offset at `after`, where there is one change between the two."""
    wanted = offset(after, zone)
    while after - before > SECOND:
        middle = before + (after - before) // SECOND // 2 * SECOND
        if offset(middle, zone) == wanted:
            after = middle
        else:
            before = middle
    return after
