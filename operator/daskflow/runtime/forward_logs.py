"""`runner.forwardLogs`: what tasks print and log appears in the runner's log, behind the worker's name.

The runner registers a plugin on all workers, present and to come; they send lines as events of one topic, to
which the runner has subscribed. Bounded: beyond the bounds lines are left out and counted, tasks never wait.
"""

from __future__ import annotations

import asyncio
import collections
import logging
import os
import sys
import threading
import uuid
from typing import Any

from distributed.diagnostics.plugin import WorkerPlugin

from .capture import KEPT_LINES, Handler, Lines, Tee
from .settings import say

TOPIC = "daskflow-logs"
SEND_SECONDS = 0.25
SEND_LINES = 50
"""So many lines at a time and so often: 200 a second from one worker."""
FINISH_SECONDS = 2.0
"""How long the flow's end may be held up for lines that are on their way."""


class ForwardLogs(WorkerPlugin):  # type: ignore[misc]
    """The worker's side."""

    name = TOPIC

    def setup(self, worker: Any) -> None:
        """Called by Dask in the event loop."""
        self._worker = worker
        self._pid = os.getpid()
        self._loop = asyncio.get_running_loop()
        self._lines = Lines()
        self._sending = False
        self._streams = (sys.stdout, sys.stderr)
        root = logging.getLogger()
        self._level = root.level
        self._handler = Handler(None if root.handlers else sys.stderr, self._hear)
        root.addHandler(self._handler)
        if root.level > logging.INFO:
            root.setLevel(logging.INFO)
        self._tees = (Tee(sys.stdout, self._hear), Tee(sys.stderr, self._hear))
        sys.stdout, sys.stderr = self._tees

    def teardown(self, worker: Any) -> None:
        """Called by Dask when the worker closes, or another runner of a shared cluster comes."""
        root = logging.getLogger()
        root.removeHandler(self._handler)
        root.setLevel(self._level)
        if (sys.stdout, sys.stderr) == self._tees:
            sys.stdout, sys.stderr = self._streams

    def flush(self, mark: str) -> None:
        """Send everything now, and the mark behind it."""
        self._event(self._lines.take(KEPT_LINES), mark)

    def _hear(self, text: str) -> None:
        if os.getpid() != self._pid:  # a task's fork: nobody would send it, and the lock may be held for ever
            return
        if self._lines.add(text) and not self._sending:
            self._sending = True
            try:
                self._loop.call_soon_threadsafe(self._loop.call_later, SEND_SECONDS, self._send)
            except RuntimeError:  # the loop has ended
                return

    def _send(self) -> None:
        self._sending = False
        self._event(self._lines.take(SEND_LINES))
        if len(self._lines):
            self._sending = True
            self._loop.call_later(SEND_SECONDS, self._send)

    def _event(self, lines: list[str], mark: str = "") -> None:
        if lines or mark:
            event = {"name": str(self._worker.name), "lines": lines, "mark": mark}
            self._worker.log_event(TOPIC, event)


def flush(mark: str, dask_worker: Any) -> bool:
    """Run on workers: whether the mark is on its way."""
    plugin = dask_worker.plugins.get(TOPIC)
    if plugin is not None:
        plugin.flush(mark)
    return plugin is not None


class LogFollower:
    """The runner's side: shows what comes."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._heard = threading.Condition()
        self._marks: set[tuple[str, str]] = set()
        client.subscribe_topic(TOPIC, self._show)
        register = getattr(client, "register_plugin", None) or client.register_worker_plugin
        register(ForwardLogs(), name=TOPIC)

    def _show(self, event: Any) -> None:
        _, said = event
        name = said["name"]
        text = "".join(f"[{name}] {line}\n" for line in said["lines"])
        if text:
            sys.stdout.write(text)
            sys.stdout.flush()
        if said["mark"]:
            with self._heard:
                self._marks.add((said["mark"], name))
                self._heard.notify_all()

    def finish(self) -> None:
        """Wait for the lines that are on their way, at most FINISH_SECONDS twice. Never raises."""
        mark = uuid.uuid4().hex
        try:
            asked = self._client.sync(self._client._run, flush, mark, callback_timeout=FINISH_SECONDS)
            count = sum(1 for sent in asked.values() if sent is True)
            with self._heard:
                self._heard.wait_for(
                    lambda: sum(1 for each, _ in self._marks if each == mark) >= count, FINISH_SECONDS
                )
        except Exception as error:
            say(f"the workers' last lines may be missing: {error!r}")


def follow(client: Any) -> LogFollower | None:
    """Begin; None when it cannot be done, as with an external scheduler whose workers have no such module."""
    try:
        return LogFollower(client)
    except Exception as error:
        say(f"the workers' logs are not forwarded: {error!r}")
        return None


def keep_no_events(scheduler: Any) -> None:
    """Run in the scheduler: Dask would keep the last 100,000 events of the topic."""
    none: collections.deque[Any] = collections.deque(maxlen=0)
    if hasattr(scheduler, "_broker"):
        scheduler._broker._topics[TOPIC].events = none
    else:
        scheduler.events[TOPIC] = none
