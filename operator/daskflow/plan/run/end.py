"""What is written down of how an attempt ended, and decides what follows it."""

from dataclasses import dataclass, field
from typing import Any, Literal

from daskflow.api.reasons import Reason
from daskflow.api.retries import Budget


@dataclass(frozen=True)
class End:
    """How an attempt ended."""

    outcome: Literal["Succeeded", "Failed", "Cancelled", "Suspended"]
    reason: Reason
    message: str
    budget: Budget = "none"
    """Which budget of `spec.retries` a failure counts against; `none` is never tried again."""
    details: dict[str, Any] = field(default_factory=dict)
    """Further fields of FlowRunStatus: result, failure …"""
    begun: str | None = None
    exit_code: int | None = None
    exceptions: tuple[str, ...] = ()
    """The class of the flow's exception and its bases, by name."""
