"""What a person sees while a flow runs: its output as it comes, and below it how far it is."""

import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from typing import IO, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from daskflow.api.wording import are, counted

PLAIN_SECONDS = 5.0
"""Lines of progress come at most this often where there is no terminal to draw on."""


class Display:
    """Plain lines on stderr. `progress` is called by another thread than the rest."""

    def __init__(self, output: IO[str] | None = None) -> None:
        """`output` is where the flow's stdout goes, if not to ours."""
        self.streams: Mapping[str, Any] = {
            "stdout": None if output is None else output.fileno(),
            "stderr": None,
        }
        """Where the flow's output goes, as Popen's arguments."""
        self._readers: list[threading.Thread] = []
        self._said: tuple[int, int] = (0, 0)
        self._at = 0.0

    def __enter__(self) -> "Display":
        return self

    def __exit__(self, *_: object) -> None:
        for reader in self._readers:
            reader.join(2)

    def say(self, line: str) -> None:
        """A line of ours."""
        print(f"daskflow: {line}", file=sys.stderr, flush=True)

    def follow(self, stream: IO[bytes] | None, name: str = "") -> None:
        """Show what a process writes into a pipe of ours, each line after `name`; None: it has none."""
        if stream is not None:
            reader = threading.Thread(target=self._pass, args=(stream, name and f"{name}: "), daemon=True)
            reader.start()
            self._readers.append(reader)

    def _pass(self, stream: IO[bytes], prefix: str) -> None:
        for line in stream:
            self._show(prefix + line.decode(errors="replace").rstrip("\r\n"))

    def _show(self, line: str) -> None:
        print(line, file=sys.stderr, flush=True)

    def progress(self, done: int, total: int, workers: int) -> None:
        """How far the flow is."""
        now = time.monotonic()
        if total and (done, total) != self._said and now - self._at >= PLAIN_SECONDS:
            self._said, self._at = (done, total), now
            self.say(f"{done} of {counted(total, 'task')} {are(total)} done, {counted(workers, 'worker')}")


class Live(Display):
    """A bar at the bottom of the terminal; the flow's output passes above it."""

    def __init__(self, output: IO[str] | None = None) -> None:
        super().__init__(output)
        self.streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        self._console = Console(stderr=True, highlight=False, soft_wrap=True)
        self._bar = Progress(
            TextColumn("[bold]{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("tasks, {task.fields[workers]}"),
            TimeElapsedColumn(),
            console=self._console,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._task = self._bar.add_task("starting", total=None, workers=counted(0, "worker"))

    def __enter__(self) -> "Live":
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        super().__exit__()
        self._bar.stop()

    def say(self, line: str) -> None:
        """A line of ours."""
        self._console.print(f"daskflow: {line}", markup=False, style="dim")

    def _show(self, line: str) -> None:
        self._console.print(Text.from_ansi(line))

    def progress(self, done: int, total: int, workers: int) -> None:
        """How far the flow is."""
        self._bar.update(
            self._task,
            completed=done,
            total=total or None,
            workers=counted(workers, "worker"),
            description="running",
        )


def display(output: IO[str] | None) -> Display:
    """What fits where stderr and stdout go."""
    live = sys.stderr.isatty() and (output is not None or sys.stdout.isatty())
    return Live(output) if live else Display(output)
