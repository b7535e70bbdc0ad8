"""What quotas allow and have refused."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from daskflow.api.exceeded_quota import exceeded
from daskflow.api.quantities import quantity

_DEMANDED = re.compile(r"failed quota: (?P<name>[^:\s]+): must specify (?P<what>.+?)(?:\. |\.?$)")


def refused(message: str) -> Iterator[str]:
    """What a quota has refused, in words; nothing where a message tells of none."""
    for quota in exceeded(message):
        said = ", ".join(
            f"{what} {quota.used.get(what, '0')} of {quota.hard.get(what, '?')} used, {amount} more asked for"
            for what, amount in quota.asked.items()
        )
        yield f"The ResourceQuota {quota.name} has no room: {said}."
    for found in _DEMANDED.finditer(message):
        # One after the other, each with the containers that lack it: `limits.cpu for: worker; …`.
        what = dict.fromkeys(part.partition(" for:")[0].strip() for part in found["what"].split(";"))
        yield (
            f"The ResourceQuota {found['name']} takes only pods that say their {', '.join(what)}: set "
            f"{'it' if len(what) == 1 else 'them'} in the resources of workers, scheduler and runner."
        )


def full(quota: Mapping[str, Any]) -> list[str]:
    """A line for each resource of a ResourceQuota of which nine tenths are used."""
    status = quota.get("status") or {}
    used, lines = status.get("used") or {}, []
    for what, hard in (status.get("hard") or {}).items():
        try:
            near = quantity(used.get(what, 0)) >= quantity(hard) * 9 / 10
        except ValueError:
            continue
        if near:
            name = quota["metadata"]["name"]
            lines.append(f"The ResourceQuota {name} is nearly used up: {what} {used.get(what, 0)} of {hard}.")
    return lines
