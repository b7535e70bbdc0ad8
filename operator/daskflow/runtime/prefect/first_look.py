"""Whether to look any further for Prefect: every run pays for this, so it imports nothing."""

from __future__ import annotations

import os
import sys
from typing import Any


def first_look(spec: dict[str, Any]) -> Any:
    """What detection.prepare_early says, if the image has Prefect at all."""
    if not any(os.path.isdir(os.path.join(entry, "prefect")) for entry in sys.path):
        return None
    from .detection import prepare_early

    return prepare_early(spec)
