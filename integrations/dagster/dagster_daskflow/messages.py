"""What a flow reports to Dagster: Pipes messages among the lines of its log, attempt by attempt.

Log messages are passed on as they come. Materialisations, checks and messages of a user's own count for the
attempt that reports them: those of an attempt that failed are void, since the next one reports them again,
and an asset that a step reports twice is an error to Dagster.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any, cast

from dagster import PipesMessageHandler, PipesMessageReader
from dagster_pipes import PIPES_PROTOCOL_VERSION_FIELD, PipesDefaultMessageWriter, PipesMessage, PipesParams

Message = dict[str, Any]

_AT_ONCE = ("log", "log_external_stream")


def message(line: str) -> Message | None:
    """The Pipes message of a line, None where it is any other output."""
    if not line.startswith("{"):
        return None
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) and PIPES_PROTOCOL_VERSION_FIELD in found else None


class LogMessageReader(PipesMessageReader):
    """Takes the lines of runners' logs that others read: messages are JSON, one a line, on standard error."""

    def __init__(self) -> None:
        self._handler: PipesMessageHandler | None = None
        self._held: dict[int, list[Message]] = {}
        self._opened = False
        self._lock = Lock()

    @contextmanager
    def read_messages(self, handler: PipesMessageHandler) -> Iterator[PipesParams]:
        """What the flow's process is told."""
        self._handler = handler
        yield {PipesDefaultMessageWriter.STDIO_KEY: PipesDefaultMessageWriter.STDERR}

    def no_messages_debug_text(self) -> str:
        """What Dagster says when nothing has come."""
        return (
            "Attempted to read messages from the log of the FlowRun's runner: is dagster-pipes installed in"
            " the image, and does the flow call open_dagster_pipes()?"
        )

    def line(self, attempt: int, line: str) -> None:
        """One line of an attempt's log, from any thread."""
        found = message(line)
        with self._lock:
            if found is None:
                sys.stdout.write(f"{line}\n")
            elif found["method"] in _AT_ONCE:
                self._pass(found)
            elif found["method"] == "opened":
                if not self._opened:  # Dagster knows of one process
                    self._opened = True
                    self._pass(found)
            else:
                self._held.setdefault(attempt, []).append(found)

    def settle(self, attempt: int) -> None:
        """The attempt is the last one: what it has reported counts, what earlier ones have does not."""
        with self._lock:
            for held in self._held.pop(attempt, []):
                self._pass(held)
            self._held.clear()

    def _pass(self, found: Message) -> None:
        assert self._handler is not None, "lines come within read_messages"
        try:
            self._handler.handle_message(cast(PipesMessage, found))
        except Exception:
            self._handler.report_pipes_framework_exception(type(self).__name__, sys.exc_info())
