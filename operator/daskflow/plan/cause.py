"""What keeps something from being there: an attempt, a pod, a run of a schedule."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from daskflow.api.reasons import Reason


@dataclass(frozen=True)
class Cause:
    """What keeps one object from being there."""

    reason: Reason
    message: str
    certain: bool
    """Whether trying on cannot help."""
    again_at: datetime | None = None
    """When to look again, if nothing changes until then."""

    def but(self, **changes: Any) -> Self:
        """The same with these fields replaced."""
        return replace(self, **changes)
