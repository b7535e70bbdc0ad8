"""What an operator asks, counted where it passes: calls, writes that took effect, the most of one call."""

import json
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable

from tests.fire.faults import Call

WINDOW_SECONDS = 10.0


class Traffic:
    """`clock` tells seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.calls: Counter[str] = Counter()
        """By verb and resource."""
        self.writes: Counter[str] = Counter()
        """Those that took effect."""
        self.refused: Counter[tuple[str, int]] = Counter()
        """Writes that the API server itself refused, with its code."""
        self.most = 0
        """Of the same call about the same object within WINDOW_SECONDS."""
        self.most_of = ""
        self.touched: set[tuple[str, str, str]] = set()
        """Resource, namespace and name of all that a write was to change, whatever became of it."""
        self._clock = clock
        self._lately: dict[tuple[str, str, str], deque[float]] = defaultdict(deque)

    def count(self, call: Call, body: bytes = b"") -> None:
        """A call that comes, whatever becomes of it."""
        self.calls[call.what] += 1
        if call.write and call.verb != "create":
            self.touched.add((call.resource.partition("/")[0], call.namespace, call.name))
        if call.resource == "events" or (call.verb == "list" and not call.first):
            return  # each is another one: events have their names from the API server, and lists pages
        name = call.name or (_name(body) if call.verb == "create" else "")
        lately, now = self._lately[call.what, call.namespace, name], self._clock()
        lately.append(now)
        while lately[0] < now - WINDOW_SECONDS:
            lately.popleft()
        if len(lately) > self.most:
            self.most, self.most_of = len(lately), f"{call.what} {name}".strip()

    def wrote(self, call: Call, code: int) -> None:
        """The API server has answered a write."""
        if code < 300:
            self.writes[call.what] += 1
        else:
            self.refused[call.what, code] += 1


def _name(body: bytes) -> str:
    try:
        return str(json.loads(body)["metadata"].get("name", ""))
    except (ValueError, KeyError, TypeError):
        return ""
