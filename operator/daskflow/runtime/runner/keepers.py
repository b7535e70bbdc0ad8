"""Who keeps the lease of this runner: one that is made for its run, or before there is one."""

from __future__ import annotations

from typing import Any, Callable

from ..settings import text
from .control_client import ControlClient
from .lease_keeper import LeaseKeeper


def lease_keeper(
    control: ControlClient, workers: dict[str, Any], tell: Callable[[str, str], None]
) -> LeaseKeeper:
    """See LeaseKeeper."""
    if not text("STANDBY"):
        return LeaseKeeper(control, workers, tell)
    from .parked_keeper import ParkedKeeper

    return ParkedKeeper(control, workers, tell)
