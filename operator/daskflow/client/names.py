"""Names of objects and namespaces as users give them, checked before they become part of a URL."""

import re

from daskflow.client.errors import WrongUse

_MOST = 253
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
"""More than the API server takes for one, so that it may say which names are alike: `ETL_1`."""
_NAMESPACE = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def checked(name: object, what: str = "run") -> str:
    """The name of an object. Raises WrongUse."""
    if isinstance(name, str) and len(name) <= _MOST and _NAME.fullmatch(name):
        return name
    raise WrongUse(f"{_shown(name)} is no name of a {what}; give one of letters, digits, '-' and '.'")


def checked_namespace(name: object) -> str:
    """The name of a namespace. Raises WrongUse."""
    if isinstance(name, str) and _NAMESPACE.fullmatch(name):
        return name
    raise WrongUse(
        f"{_shown(name)} is no name of a namespace; give one of at most 63 small letters, digits and '-'"
    )


def _shown(name: object) -> str:
    shown = repr(name)
    return shown if len(shown) <= 80 else f"{shown[:79]}…"
