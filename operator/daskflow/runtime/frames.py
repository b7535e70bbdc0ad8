"""Where a failure was: its frames, with the user's file where cloudpickle left it out.

From 3.1.3 on it calls the file of each function that it pickles by value <dynamic-code>. In the flow's
process, the scheduler (which pickles tasks again) and the workers it is made to keep the name; what somebody
else pickled is found again by name and line.
"""

from __future__ import annotations

import linecache
import os
import sys
import traceback
from collections.abc import Iterator
from types import CodeType, TracebackType
from typing import Any

from .record import cut
from .settings import private, text

_UNKNOWN = "<dynamic-code>"
_AWAIT = 0x2000
"""A flag of `compile`: notebooks may await outside of functions (`ast.PyCF_ALLOW_TOP_LEVEL_AWAIT`)."""


def keep_files() -> None:
    """Patch cloudpickle, before the user's code is pickled. Does nothing where it keeps them itself."""
    from cloudpickle import CloudPickler

    reducers = getattr(CloudPickler, "dispatch_table", {})
    original = reducers.get(CodeType)
    if original is None or _UNKNOWN not in original(keep_files.__code__)[1]:
        return

    def reduce(code: CodeType) -> Any:
        make, parts, *rest = original(code)
        # A copy, as cloudpickle makes of each text: pickles of the same function are the same bytes.
        file = "".join(code.co_filename)
        return (make, tuple(file if isinstance(p, str) and p == _UNKNOWN else p for p in parts), *rest)

    reducers[CodeType] = reduce


def frames(tb: TracebackType | None) -> list[traceback.FrameSummary]:
    """Frames outside this runtime, the 200 last at most."""
    here = os.path.dirname(__file__)
    return [frame for frame in _stack(tb)[-200:] if not frame.filename.startswith(here)]


def log(error: BaseException) -> None:
    """Print a traceback as Python does."""
    told = traceback.TracebackException(type(error), error, error.__traceback__)
    open_: list[tuple[Any, Any]] = [(told, error)]
    while open_:
        part, of = open_.pop()
        if part is None or of is None:
            continue
        if any(frame.filename == _UNKNOWN for frame in part.stack):
            part.stack[:] = _stack(of.__traceback__)
        open_ += [(part.__cause__, of.__cause__), (part.__context__, of.__context__)]
        open_ += zip(getattr(part, "exceptions", None) or (), getattr(of, "exceptions", ()))
    print("".join(told.format()), end="", file=sys.stderr)


def _stack(tb: TracebackType | None) -> list[traceback.FrameSummary]:
    walked = [frame for frame, _ in traceback.walk_tb(tb)]
    return [
        _named(summary, frame.f_globals) if summary.filename == _UNKNOWN else summary
        for summary, frame in zip(traceback.extract_tb(tb), walked)
    ]


def _named(frame: traceback.FrameSummary, known: dict[str, Any]) -> traceback.FrameSummary:
    """The frame with its file, if there is a source that has such a function on its line."""
    for file in _files(known):
        if file.startswith(os.path.dirname(__file__)) or _has(file, frame.name, frame.lineno):
            return traceback.FrameSummary(file, frame.lineno, frame.name)
    return frame


def _files(known: dict[str, Any]) -> Iterator[str]:
    """Where a function with these globals may be from: its module, else any source that was run as text."""
    module = sys.modules.get(known.get("__name__") or "")
    yield from filter(None, (known.get("__file__"), getattr(module, "__file__", None)))
    yield from reversed([file for file in list(linecache.cache) if not os.path.isfile(file)])


def _has(file: str, name: str, line: int | None) -> bool:
    import dis

    def has(code: CodeType) -> bool:
        if code.co_name == name and any(at == line for _, at in dis.findlinestarts(code)):
            return True
        return any(has(part) for part in code.co_consts if isinstance(part, CodeType))

    try:
        return has(compile("".join(linecache.getlines(file)), file, "exec", _AWAIT, True))
    except (SyntaxError, ValueError, RecursionError):
        return False


def library(file: str) -> bool:
    """Whether it is not the user's own."""
    installed = ("site-packages", "dist-packages", "<frozen", os.path.dirname(os.__file__))
    return any(part in file for part in installed)


def short(file: str) -> str:
    """As seen from the working directory, or the flow's files; of a script its name."""
    for folder in (text("FILES"), private(), os.getcwd()):
        if folder and file.startswith(folder.rstrip("/") + "/"):
            return file[len(folder.rstrip("/")) + 1 :]
    return file


def syntax(error: SyntaxError) -> str:
    """A syntax error in a line, where Python takes four."""
    line = cut((error.text or "").strip(), 120)
    said = f"{short(error.filename or '')}, line {error.lineno}: {error.msg}"
    return f"{said}: `{line}`" if line else said
