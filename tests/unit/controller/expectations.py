"""What several tests of the controller expect of errors."""

from collections.abc import Callable

RBAC = (
    'pods is forbidden: User "system:serviceaccount:flow:daskflow" cannot {} resource "pods" in API group ""'
)
"""What an API server says of a right that is missing; the verb is left open."""


def refused(decode: Callable[..., object], *arguments: object) -> bool:
    """Whether it raises a ValueError; any other error is raised."""
    try:
        decode(*arguments)
    except ValueError:
        return True
    return False
