"""Errors within errors: the members of exception groups, and what led to an error."""

from __future__ import annotations

from collections.abc import Iterator

MOST = 100
"""Errors that are looked at; a group may have thousands."""


def members(error: BaseException) -> tuple[BaseException, ...]:
    """Of an exception group, Python's own or the backport's; else none."""
    if any(base.__name__ == "BaseExceptionGroup" for base in type(error).__mro__):
        return tuple(getattr(error, "exceptions", ()))
    return ()


def leaves(error: BaseException) -> list[BaseException]:
    """What is in a group that is no group itself."""
    return [one for one in _walk(error, False) if one is not error and not members(one)]


def led_to(error: BaseException) -> BaseException | None:
    """The cause, or what was being handled."""
    return error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def names(error: BaseException) -> list[str]:
    """Classes of the error, its members and what led to them, each followed by its bases."""
    found = [base for one in _walk(error, True) for base in type(one).__mro__]
    return list(dict.fromkeys(base.__name__ for base in found if base not in (object, BaseException)))


def _walk(error: BaseException, causes: bool) -> Iterator[BaseException]:
    seen: set[int] = set()
    todo = [error]
    while todo and len(seen) < MOST:
        one = todo.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        todo += members(one)[:MOST]
        cause = led_to(one) if causes else None
        if cause is not None:
            todo.append(cause)
