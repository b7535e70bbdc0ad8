"""What keeps an attempt from beginning."""

from dataclasses import dataclass
from datetime import datetime

from daskflow.api.reasons import Reason


@dataclass(frozen=True)
class Finding:
    """What keeps one object from being there."""

    reason: Reason
    message: str
    certain: bool
    """Whether trying on cannot help."""
    again_at: datetime | None = None
    """When to look again, if nothing changes until then."""
