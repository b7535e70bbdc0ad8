"""Whether a decoder refuses a text."""

from collections.abc import Callable


def refused(decode: Callable[..., object], *arguments: object) -> bool:
    """Whether it raises a ValueError; any other error is raised."""
    try:
        decode(*arguments)
    except ValueError:
        return True
    return False
