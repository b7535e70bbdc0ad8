"""Settling: counts of workers are written when they have stood still, not one by one."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from daskflow.plan.pod.pod import Pod

SETTLING = timedelta(seconds=2)
"""For so long no worker has become ready, or ceased to be. With a change of phase counts go along anyway."""


def settled_at(workers: Iterable[Pod], now: datetime) -> datetime:
    """When the number of ready workers will have stood still; now or before, if it has."""
    return max((pod.ready_at + SETTLING for pod in workers if pod.ready_at), default=now)
