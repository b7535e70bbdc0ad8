"""What a flow came to: its result as JSON, or its failure with the frames a person looks for."""

from __future__ import annotations

from typing import Any

from ..errors import class_names, last_line, leaves, led_to
from ..frames import frames, library, short
from ..record import cut
from . import result


def succeeded(value: Any, what: str, known: Any = ()) -> dict[str, Any]:
    """The record of a flow that returned `value`; `known`: see Resolver. Never raises."""
    record = {"outcome": "Succeeded", "reason": "", "message": f"{what} succeeded."}
    return {**record, **result.as_fields(value, dict(known))}


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


def _failure(error: BaseException) -> dict[str, Any]:
    kind = type(error)
    try:
        message = str(error)
    except Exception:
        message = "(its message cannot be shown)"
    return {
        "exception": kind.__qualname__,
        "mro": class_names(error),
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
    return "\n".join([*lines, cut(last_line(error), 400)])
