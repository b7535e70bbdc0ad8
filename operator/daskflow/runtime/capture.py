"""What a process prints and logs, heard without taking it away, in whole lines and bounded."""

from __future__ import annotations

import collections
import logging
import threading
from typing import Any

KEPT_LINES = 1000
LINE_CHARACTERS = 2000


class Lines:
    """Whole lines from threads that write pieces; those beyond KEPT_LINES are left out and counted."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lines: collections.deque[str] = collections.deque()
        self._begun: dict[int, str] = {}
        self._left_out = 0

    def add(self, text: str) -> bool:
        """Add a piece; True when that completed a line."""
        with self._lock:
            thread = threading.get_ident()
            *whole, rest = (self._begun.pop(thread, "") + text).split("\n")
            if rest:
                self._begun[thread] = rest[:LINE_CHARACTERS]
            room = KEPT_LINES - len(self._lines)
            self._lines.extend(line[:LINE_CHARACTERS] for line in whole[:room])
            self._left_out += max(len(whole) - room, 0)
            return bool(whole)

    def take(self, count: int) -> list[str]:
        """Take the oldest lines, and at the end the word on those left out."""
        with self._lock:
            lines = [self._lines.popleft() for _ in range(min(count, len(self._lines)))]
            if self._left_out and not self._lines:
                lines.append(f"({self._left_out} lines left out)")
                self._left_out = 0
            return lines

    def __len__(self) -> int:
        return len(self._lines)


class Tee:
    """A stream that also hands on what is written; everything else is the stream's own."""

    def __init__(self, stream: Any, hear: Any) -> None:
        self._stream = stream
        self._hear = hear

    def write(self, text: str) -> Any:
        """Write, and let it be heard."""
        written = self._stream.write(text)
        self._hear(text)
        return written

    def writelines(self, lines: Any) -> None:
        """As write."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class Handler(logging.Handler):
    """Logging from INFO on. Where nothing else is set up it also writes to the worker's own log: Python
    itself would do so for warnings only as long as there is no handler."""

    def __init__(self, stream: Any, hear: Any) -> None:
        super().__init__(logging.INFO)
        self.setFormatter(logging.Formatter("%(asctime)s - %(name)s - %(levelname)s - %(message)s"))
        self._stream = stream
        self._hear = hear

    def emit(self, record: logging.LogRecord) -> None:
        """Called by logging."""
        try:
            text = self.format(record) + "\n"
            if self._stream is not None:
                self._stream.write(text)
                self._stream.flush()
            self._hear(text)
        except Exception:
            self.handleError(record)
