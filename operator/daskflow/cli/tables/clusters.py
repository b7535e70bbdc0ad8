"""Rows of `daskflow cluster list`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from daskflow.cli.tables.ages import age

HEADER = ("NAME", "PHASE", "READY", "DESIRED", "ADDRESS", "AGE", "REASON")


def row(cluster: Mapping[str, Any], now: datetime) -> tuple[str, ...]:
    """One DaskCluster."""
    status = cluster.get("status") or {}
    workers = status.get("workers") or {}
    cells = (
        cluster["metadata"]["name"],
        status.get("phase") or "Pending",
        workers.get("ready", ""),
        workers.get("desired", ""),
        status.get("address") or "",
        age(cluster, now),
        status.get("reason") or "",
    )
    return tuple(map(str, cells))
