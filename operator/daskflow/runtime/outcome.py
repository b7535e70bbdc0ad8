"""What a flow came to: its result as JSON, or its failure with the frames a person looks for."""

from __future__ import annotations

import datetime
import enum
import errno
import json
import os
import traceback
from types import TracebackType
from typing import Any

from .record import cut
from .settings import text

RESULT_LIMIT = 3072
"""Bytes of JSON a result may take in the record."""


class _TooLarge(Exception):
    pass


class _NotJson(Exception):
    pass


def succeeded(value: Any, what: str) -> dict[str, Any]:
    """The record of a flow that returned `value`. Never raises, whatever the value's own methods do."""
    record: dict[str, Any] = {"outcome": "Succeeded", "reason": "", "message": f"{what} succeeded."}
    try:
        result = _plain(value, [RESULT_LIMIT], 0)
        if len(json.dumps(result, ensure_ascii=False).encode("utf-8", "replace")) > RESULT_LIMIT:
            raise _TooLarge
        record["result"] = result
    except _TooLarge:
        record["resultNote"] = (
            f"{_describe(value)} takes more than 3 KiB as JSON: write it to storage and return where it is."
        )
    except Exception:
        record["resultNote"] = (
            f"{_describe(value)} is not JSON: return numbers, texts, lists and dictionaries,"
            " or write it to storage and return where it is."
        )
    return record


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
    said = cut(_last_line(error), 380)
    mine = [frame for frame in _frames(error.__traceback__) if not _library(frame.filename)]
    if mine:
        said += f" ({_short(mine[-1].filename)}, line {mine[-1].lineno}, in {mine[-1].name})"
    if isinstance(error, OSError) and error.errno == errno.EROFS and not text("PARENT"):
        said += (
            f". The image is read-only: write below {os.environ.get('TMPDIR') or '/tmp'} or to a volume,"
            " or set securityContext.readOnlyRootFilesystem: false for the container in spec.template"
        )
    return said


def _plain(value: Any, left: list[int], depth: int) -> Any:
    """`value` in JSON's own types; `left` is the room that remains, so that a huge one is not walked."""
    left[0] -= len(value) if isinstance(value, (str, list, tuple, set, frozenset, dict)) else 1
    if left[0] < 0 or depth > 50:
        raise _TooLarge
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, enum.Enum):
        return _plain(value.value, left, depth + 1)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if abs(value) < float("inf") else str(float(value))  # JSON has no NaN
    if isinstance(value, dict):
        return {
            str(_plain(key, left, depth + 1)): _plain(item, left, depth + 1) for key, item in value.items()
        }
    if isinstance(value, (set, frozenset)):
        return [_plain(item, left, depth + 1) for item in sorted(value, key=repr)]
    if isinstance(value, (list, tuple)):
        return [_plain(item, left, depth + 1) for item in value]
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, (datetime.timedelta, os.PathLike)) or type(value).__module__ in ("decimal", "uuid"):
        return str(value)
    fields = getattr(value, "__dataclass_fields__", None)
    if fields is not None and not isinstance(value, type):
        return {name: _plain(getattr(value, name), left, depth + 1) for name in fields}
    if type(value).__module__.partition(".")[0] == "numpy" and hasattr(value, "tolist"):
        if getattr(value, "size", 1) > RESULT_LIMIT:
            raise _TooLarge
        if getattr(getattr(value, "dtype", None), "kind", None) in ("m", "M"):
            value = value.astype(str)  # nanoseconds would become integers
        return _plain(value.tolist(), left, depth + 1)
    raise _NotJson


def _describe(value: Any) -> str:
    """Type and size: "The result, pandas.core.frame.DataFrame of shape (3, 4),"."""
    kind = type(value)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    try:
        size = f" of shape {tuple(value.shape)}" if hasattr(value, "shape") else f" of length {len(value)}"
    except Exception:
        size = ""
    return f"The result, {cut(name, 120)}{size},"


def _failure(error: BaseException) -> dict[str, Any]:
    kind = type(error)
    try:
        message = str(error)
    except Exception:
        message = "(its message cannot be shown)"
    return {
        "exception": kind.__qualname__,
        "mro": [base.__name__ for base in kind.__mro__ if base not in (object, BaseException)],
        "message": cut(message, 1000),
        "traceback": _traceback(error),
    }


def _traceback(error: BaseException) -> str:
    """The exception and what it was caused by, each below its last frames, the user's before libraries'."""
    parts: list[str] = []
    at: BaseException | None = error
    while at is not None and len(parts) < 3:
        frames = _frames(at.__traceback__)
        own = [index for index, frame in enumerate(frames) if not _library(frame.filename)]
        keep = set(own[-6:] or range(len(frames))[-3:]) | {len(frames) - 1}
        lines = [
            '  File "{}", line {}, in {}\n    {}'.format(
                _short(f.filename), f.lineno, f.name, cut(f.line or "", 120)
            )
            for index, f in enumerate(frames)
            if index in keep
        ]
        parts.append("\n".join([*lines, cut(_last_line(at), 400)]))
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)
    return "\nwhich led to:\n".join(reversed(parts))


def _frames(tb: TracebackType | None) -> list[traceback.FrameSummary]:
    """Frames outside this runtime, the 200 last at most."""
    here = os.path.dirname(__file__)
    return [frame for frame in traceback.extract_tb(tb)[-200:] if not frame.filename.startswith(here)]


def _last_line(error: BaseException) -> str:
    return "".join(traceback.format_exception_only(type(error), error)).strip()


def _library(filename: str) -> bool:
    installed = ("site-packages", "dist-packages", "<frozen", os.path.dirname(os.__file__))
    return any(part in filename for part in installed)


def _short(filename: str) -> str:
    here = os.getcwd().rstrip("/") + "/"
    return filename[len(here) :] if filename.startswith(here) else filename
