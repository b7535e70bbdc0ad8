"""Times as people read them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from daskflow.api.conditions import instant


def elapsed(seconds: float) -> str:
    """As kubectl writes ages: `45s`, `3m20s`, `5h10m`, `12d`."""
    whole = max(0, int(seconds))
    if whole < 120:
        return f"{whole}s"
    minutes, rest = divmod(whole, 60)
    if minutes < 10:
        return f"{minutes}m{rest}s" if rest else f"{minutes}m"
    if minutes < 180:
        return f"{minutes}m"
    hours, rest = divmod(minutes, 60)
    if hours < 48:
        return f"{hours}h{rest}m" if hours < 8 and rest else f"{hours}h"
    return f"{hours // 24}d"


def since(text: str | None, now: datetime) -> str:
    """How long ago a timestamp is; empty where there is none, or none that can be read."""
    try:
        return elapsed((now - instant(text)).total_seconds()) if text else ""
    except (TypeError, ValueError):
        return ""


def age(resource: Mapping[str, Any], now: datetime) -> str:
    """How long ago an object was made."""
    return since(resource["metadata"].get("creationTimestamp"), now)
