"""A program in a terminal of its own, and what its screen shows."""

import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fcntl import ioctl

import pyte

SECONDS = 30.0
"""How long anything is waited for."""


class Terminal:
    """`daskflow` in it, with a screen of so many columns and lines, as xterm would show it."""

    def __init__(self, arguments: list[str], columns: int, lines: int, **environment: str) -> None:
        self.screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self.screen)
        self.written = b""
        """All that the program has sent to its terminal."""
        self._ours, theirs = pty.openpty()
        ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        inherited = {
            key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "COLUMNS", "LINES")
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "daskflow.cli", *arguments],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**inherited, "TERM": "xterm-256color", **environment},
            start_new_session=True,
            preexec_fn=lambda: ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(theirs)

    @property
    def shown(self) -> list[str]:
        """The lines of the screen, without what is empty at their ends."""
        return [line.rstrip() for line in self.screen.display]

    def colours(self, line: int) -> set[str]:
        """Those of a line's letters."""
        return {cell.fg for cell in self.screen.buffer[line].values() if cell.data.strip()}

    def until(self, there: Callable[[list[str]], bool], what: str) -> list[str]:
        """The screen as soon as it is so."""
        end = time.monotonic() + SECONDS
        while not there(self.shown):
            if not self._read(0.1) or time.monotonic() > end:
                raise AssertionError(f"the screen never had {what}:\n" + "\n".join(self.shown))
        return self.shown

    def until_shown(self, words: str) -> list[str]:
        """The screen as soon as these words are on it."""
        return self.until(lambda lines: any(words in line for line in lines), words)

    def press(self, keys: bytes) -> None:
        """As the keyboard sends them; `\\x03` is Ctrl-C."""
        os.write(self._ours, keys)

    def ended(self) -> int:
        """The exit code, once the program has ended."""
        end = time.monotonic() + SECONDS
        while self._read(0.1) and time.monotonic() < end:
            pass
        return self.process.wait(SECONDS)

    def _read(self, seconds: float) -> bool:
        """Take what comes within so many seconds; False at the program's end."""
        readable, _, _ = select.select([self._ours], [], [], seconds)
        if not readable:
            return True
        try:
            data = os.read(self._ours, 65536)
        except OSError:  # the other end is closed
            return False
        self.written += data
        self._stream.feed(data)
        return bool(data)

    def close(self) -> None:
        """End the program if it has not ended."""
        self.process.kill()
        self.process.wait()
        os.close(self._ours)


@contextmanager
def terminal(*arguments: str, columns: int = 80, lines: int = 24, **environment: str) -> Iterator[Terminal]:
    """For as long as it is needed."""
    found = Terminal(list(arguments), columns, lines, **environment)
    try:
        yield found
    finally:
        found.close()
