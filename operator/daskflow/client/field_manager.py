"""Whose an object is: each request that makes one is a field manager of its own."""

from collections.abc import Mapping
from secrets import token_hex
from typing import Any


def own_manager() -> str:
    """A name that no other request has."""
    return f"daskflow-{token_hex(4)}"


def made_by(manager: str, there: Mapping[str, Any]) -> bool:
    """Whether this object was made, or changed, by that request."""
    return any(each.get("manager") == manager for each in there["metadata"].get("managedFields") or ())
