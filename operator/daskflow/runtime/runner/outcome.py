"""What a flow came to: its result as JSON, or its failure with the frames a person looks for."""

from __future__ import annotations

import errno
import os
import traceback
from typing import Any

from ..frames import frames, library, short, syntax
from ..record import cut
from ..settings import text
from . import result
from .causes import leaves, led_to, names

_NO_TERMINAL = {
    "bdb.BdbQuit": ": there is no terminal for breakpoint(): remove it",
    "EOFError: EOF when reading a line": ": there is no terminal for input(): use parameters",
}


def succeeded(value: Any, what: str, known: Any = ()) -> dict[str, Any]:
    """The record of a flow that returned `value`; `known`: see Returned. Never raises."""
    record = {"outcome": "Succeeded", "reason": "", "message": f"{what} succeeded."}
    return {**record, **result.told(value, dict(known))}


def failed(
    reason: str, message: str, error: BaseException | None = None, exit_code: int | None = None
) -> dict[str, Any]:
    """The record of a flow that failed; `message` is one sentence a person can act on."""
    failure = None if error is None else _failure(error)
    return {
        "outcome": "Failed",
        "reason": reason,
        "message": message,
        "exitCode": exit_code,
        "failure": failure,
    }


def sentence(error: BaseException) -> str:
    """An exception in a line: what it says, and the last line of the user's own code that it passed."""
    inside = leaves(error)
    if inside:
        shown = "; ".join(cut(sentence(one), 300 // min(len(inside), 3)) for one in inside[:3])
        more = "; and others" if len(inside) > 3 else ""
        return f"{cut(_last_line(error), 120)}: {shown}{more}"
    said = cut(_last_line(error), 380)
    mine = [frame for frame in frames(error.__traceback__) if not library(frame.filename)]
    if mine:
        said += f" ({short(mine[-1].filename)}, line {mine[-1].lineno}, in {mine[-1].name})"
    if isinstance(error, OSError) and error.errno == errno.EROFS and not text("PARENT"):
        said += (
            f". The image is read-only: write below {os.environ.get('TMPDIR') or '/tmp'} or to a volume,"
            " or set securityContext.readOnlyRootFilesystem: false for the container in spec.template"
        )
    return said


def _failure(error: BaseException) -> dict[str, Any]:
    kind = type(error)
    try:
        message = str(error)
    except Exception:
        message = "(its message cannot be shown)"
    return {
        "exception": kind.__qualname__,
        "mro": names(error),
        "message": cut(message, 1000),
        "traceback": _traceback(error),
    }


def _traceback(error: BaseException) -> str:
    """The exception and what it was caused by, each below its last frames, the user's before libraries';
    and below it what is in it, of a group."""
    parts: list[str] = []
    at: BaseException | None = error
    while at is not None and len(parts) < 3:
        parts.append(_part(at))
        at = led_to(at)
    shown = "\nwhich led to:\n".join(reversed(parts))
    return "\nin which is:\n".join([shown, *(_traceback(one) for one in leaves(error)[:3])])


def _part(error: BaseException) -> str:
    passed = frames(error.__traceback__)
    own = [index for index, frame in enumerate(passed) if not library(frame.filename)]
    keep = set(own[-6:] or range(len(passed))[-3:]) | {len(passed) - 1}
    lines = [
        '  File "{}", line {}, in {}\n    {}'.format(
            short(f.filename), f.lineno, f.name, cut(f.line or "", 120)
        )
        for index, f in enumerate(passed)
        if index in keep
    ]
    return "\n".join([*lines, cut(_last_line(error), 400)])


def _last_line(error: BaseException) -> str:
    if isinstance(error, SyntaxError) and error.lineno is not None:
        return f"{type(error).__name__}: {syntax(error)}"
    said = "".join(traceback.format_exception_only(type(error), error)).strip()
    return said + _NO_TERMINAL.get(said, "")
