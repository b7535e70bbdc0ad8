"""What the API server says of an object for which a ResourceQuota has no room, as amounts."""

import re
from collections.abc import Iterator
from typing import NamedTuple

_EXCEEDED = re.compile(
    r"exceeded quota: (?P<name>[^,\s]+), requested: (?P<asked>\S+), used: (?P<used>\S+), "
    r"limited: (?P<hard>[^\s;]+)"
)
"""As its admission plugin writes it (plugin/pkg/admission/resourcequota)."""


class Exceeded(NamedTuple):
    """Quantities by resource, as they were written."""

    name: str
    asked: dict[str, str]
    used: dict[str, str]
    hard: dict[str, str]


def exceeded(message: str) -> Iterator[Exceeded]:
    """Each quota of which a message tells that."""
    for found in _EXCEEDED.finditer(message):
        asked, used, hard = (_amounts(found[key].rstrip(".,")) for key in ("asked", "used", "hard"))
        yield Exceeded(found["name"], asked, used, hard)


def _amounts(text: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in text.split(",") if "=" in part)
