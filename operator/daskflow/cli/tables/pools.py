"""Rows of `daskflow pool list`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from daskflow.cli.tables.ages import age, since

HEADER = ("NAME", "WANTED", "READY", "STARTING", "CLAIMED", "LAST-CLAIM", "AGE", "REASON")


def row(pool: Mapping[str, Any], now: datetime) -> tuple[str, ...]:
    """One ClusterPool."""
    status = pool.get("status") or {}
    last = since(status.get("lastClaimTime"), now)
    cells = (
        pool["metadata"]["name"],
        (pool.get("spec") or {}).get("ready", 1),
        status.get("ready") or 0,
        status.get("starting") or 0,
        status.get("claimed") or 0,
        f"{last} ago" if last else "",
        age(pool, now),
        status.get("reason") or "",
    )
    return tuple(map(str, cells))
