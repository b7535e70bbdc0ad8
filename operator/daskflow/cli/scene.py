"""What is known of a run that is watched: as a picture for terminals, and as news line by line."""

import time
from collections import deque
from collections.abc import Mapping
from datetime import datetime, timezone
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from daskflow.api.names import LABEL_COMPONENT
from daskflow.api.wording import one_line
from daskflow.cli.tables.ages import since
from daskflow.cli.tables.pods import state

if TYPE_CHECKING:
    from rich.console import Group

PROGRESS_SECONDS = 5.0
"""Lines of progress come at most this often."""
LOG_LINES = 60
"""Lines of the log below the picture, at the most: as many as there is room for."""
MESSAGE_LINES = 3
MOST_PODS = 8
_COLOURS = {"Succeeded": "green", "Running": "cyan", "Failed": "red", "Cancelled": "yellow"}


class Scene:
    """The run, its pods and the end of its log."""

    def __init__(self, resource: Mapping[str, Any], *, live: bool = False) -> None:
        """`resource` is the FlowRun. One that is shown `live`, as a picture, has no news of pods and log."""
        self._resource, self._live = resource, live
        self._pods: dict[str, Mapping[str, Any]] = {}
        self._lines: deque[str] = deque(maxlen=LOG_LINES)
        self._unsaid: list[str] = []
        self._said: tuple[Any, ...] = ()
        self._counts: tuple[Any, ...] = ()
        self._at = -PROGRESS_SECONDS
        self._states: dict[str, str] = {}

    def run(self, resource: Mapping[str, Any]) -> None:
        """The run has changed."""
        self._resource = resource

    def pod(self, change: str, pod: Mapping[str, Any]) -> None:
        """A pod has come (ADDED), changed or gone (DELETED)."""
        name = pod["metadata"]["name"]
        if change == "DELETED":
            self._pods.pop(name, None)
            self._states.pop(name, None)
            return
        self._pods[name] = pod
        if self._states.get(name) != (now := state(pod)):
            self._states[name] = now
            self._new(f"pod {name}: {now}")

    def log(self, line: str) -> None:
        """The runner has printed a line."""
        self._lines.append(one_line(line))
        self._new(f"| {line}")

    def _new(self, line: str) -> None:
        # Nobody would ask for them: they would grow with the log.
        if not self._live:
            self._unsaid.append(line)

    @property
    def _status(self) -> Mapping[str, Any]:
        return self._resource.get("status") or {}

    def news(self) -> list[str]:
        """What has happened since the last call, each in a line."""
        status = self._status
        lines = []
        said = (status.get("phase"), status.get("attempt"), status.get("reason"), status.get("message"))
        if said != self._said and said[0]:
            self._said = said
            reason = f" ({said[2]})" if said[2] else ""
            lines.append(f"{said[0]}{reason}, attempt {said[1]}: {said[3] or ''}".rstrip(": "))
        counts = self._progress()
        # What counts last is said at once, else the end of a flow would be missing.
        due = time.monotonic() - self._at >= PROGRESS_SECONDS or (counts[0] and counts[0] == counts[1])
        if counts != self._counts and any(counts) and due:
            self._counts, self._at = counts, time.monotonic()
            tasks = f"tasks {counts[0]}/{counts[1]}" if counts[1] else ""
            workers = f"workers {counts[2]}" if counts[2] else ""
            lines.append(", ".join(filter(None, (tasks, workers))))
        lines, self._unsaid = [*self._unsaid, *lines], []
        return lines

    def _progress(self) -> tuple[int, int, str]:
        progress, cluster = self._status.get("progress") or {}, self._status.get("cluster") or {}
        return progress.get("done") or 0, progress.get("total") or 0, cluster.get("workers") or ""

    def picture(self, height: int = 40, width: int = 80) -> "Group":
        """All of it, as rich draws it, in at most so many lines of so many columns."""
        from rich.console import Group
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        status = self._status
        phase = status.get("phase") or "Pending"
        age = since(self._resource["metadata"].get("creationTimestamp"), datetime.now(timezone.utc))
        head = Text(no_wrap=True, overflow="ellipsis")
        head.append(self._resource["metadata"]["name"], "bold")
        head.append(f"  {phase}", f"bold {_COLOURS.get(phase, 'blue')}")
        if status.get("reason"):
            head.append(f" ({one_line(status['reason'])})", _COLOURS.get(phase, "blue"))
        head.append(f"  attempt {status.get('attempt') or 0}  {age}", "dim")
        parts: list[Any] = [head]
        if status.get("message"):
            said = wrap(one_line(status["message"]), width, max_lines=MESSAGE_LINES, placeholder=" …")
            parts += [Text(line, no_wrap=True) for line in said]
        done, total, workers = self._progress()
        if total:
            bar = Table.grid(padding=(0, 1))
            bar.add_row(ProgressBar(total=total, completed=done, width=40), f"{done}/{total} tasks")
            parts.append(bar)
        if workers:
            parts.append(Text(f"workers {workers}"))
        parts += [Text(line, no_wrap=True, overflow="ellipsis") for line in self._pod_lines()]
        room = max(1, height - len(parts) - 3)
        parts += [
            Text(f"│ {line}", "dim", no_wrap=True, overflow="ellipsis") for line in list(self._lines)[-room:]
        ]
        return Group(*parts)

    def _pod_lines(self) -> list[str]:
        lines = []
        order = {"runner": 0, "scheduler": 1}
        pods = sorted(
            self._pods.values(),
            key=lambda pod: (
                order.get(pod["metadata"]["labels"].get(LABEL_COMPONENT), 2),
                pod["metadata"]["name"],
            ),
        )
        for pod in pods[:MOST_PODS]:
            lines.append(f"  {pod['metadata']['name']}  {state(pod)}")
        if len(pods) > MOST_PODS:
            lines.append(f"  and {len(pods) - MOST_PODS} more")
        return lines
