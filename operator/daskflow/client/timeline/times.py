"""Timestamps as anybody may have written them."""

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from daskflow.api.conditions import instant


def read(text: object) -> datetime | None:
    """The time, None where there is none or none that can be read; one without a zone is taken for UTC."""
    try:
        at = instant(text) if isinstance(text, str) and text else None
        return at.astimezone(timezone.utc) if at and at.tzinfo else at and at.replace(tzinfo=timezone.utc)
    except (ValueError, OverflowError):
        return None


def of_event(event: Mapping[str, Any]) -> datetime | None:
    """When an Event was seen first; those of the scheduler have another field than those of the kubelet."""
    return (
        read(event.get("firstTimestamp"))
        or read(event.get("eventTime"))
        or read((event.get("metadata") or {}).get("creationTimestamp"))
    )


def length(seconds: float) -> str:
    """As a picture writes it: `0.4s`, `12s`, `3m20s`, `5h10m`, `12d`."""
    if 0 < seconds < 1:
        return f"{seconds:.1f}s"
    whole = max(0, round(seconds))
    for unit, below, size, part in (("d", "h", 86400, 3600), ("h", "m", 3600, 60), ("m", "s", 60, 1)):
        if whole >= size:
            count, rest = divmod(whole, size)
            return f"{count}{unit}{rest // part}{below}" if rest // part else f"{count}{unit}"
    return f"{whole}s"
