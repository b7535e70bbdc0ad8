"""Exceptions in words: what one says in a line, what led to it, and what is in a group of them."""

from __future__ import annotations

import errno
import os
import traceback
from collections.abc import Iterator

from .frames import frames, library, short, syntax
from .record import cut
from .settings import text

MOST = 100
"""Errors that are looked at; a group may have thousands."""
_NO_TERMINAL = {
    "bdb.BdbQuit": ": there is no terminal for breakpoint(): remove it",
    "EOFError: EOF when reading a line": ": there is no terminal for input(): use parameters",
}


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


def class_names(error: BaseException) -> list[str]:
    """Classes of the error, its members and what led to them, each followed by its bases."""
    found = [base for one in _walk(error, True) for base in type(one).__mro__]
    return list(dict.fromkeys(base.__name__ for base in found if base not in (object, BaseException)))


def sentence(error: BaseException) -> str:
    """An exception in a line: what it says, and the last line of the user's own code that it passed."""
    inside = leaves(error)
    if inside:
        shown = "; ".join(cut(sentence(one), 300 // min(len(inside), 3)) for one in inside[:3])
        more = "; and others" if len(inside) > 3 else ""
        return f"{cut(last_line(error), 120)}: {shown}{more}"
    said = cut(last_line(error), 380)
    mine = [frame for frame in frames(error.__traceback__) if not library(frame.filename)]
    if mine:
        said += f" ({short(mine[-1].filename)}, line {mine[-1].lineno}, in {mine[-1].name})"
    if isinstance(error, OSError) and error.errno == errno.EROFS and not text("PARENT"):
        said += (
            f". The image is read-only: write below {os.environ.get('TMPDIR') or '/tmp'} or to a volume,"
            " or set securityContext.readOnlyRootFilesystem: false for the container in spec.template"
        )
    return said


def last_line(error: BaseException) -> str:
    """What Python prints last: its class and what it says."""
    if isinstance(error, SyntaxError) and error.lineno is not None:
        return f"{type(error).__name__}: {syntax(error)}"
    said = "".join(traceback.format_exception_only(type(error), error)).strip()
    return said + _NO_TERMINAL.get(said, "")


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
