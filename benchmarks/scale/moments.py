"""When what happened to each run, in seconds of this process's clock, as the API server told it."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from daskflow.api.names import LABEL_RUN, RUNNER

from benchmarks.scale.objects import PODS
from benchmarks.scale.watching import Seen

_ENDS = ("Succeeded", "Failed", "Cancelled")


@dataclass
class Moments:
    """Of one run; None for what has not happened."""

    accepted: float | None = None
    """The API server has answered its creation."""
    pods: float | None = None
    """All of its pods exist."""
    ended: float | None = None
    """Its runner's container has ended, with an outcome."""
    known: float | None = None
    """Its status has the outcome; of one made by hand the same as `ended`."""
    gone: float | None = None
    """All pods but the runner's are gone."""
    phase: str = ""
    made: set[str] = field(default_factory=set)
    left: set[str] = field(default_factory=set)


class Book:
    """Hears of pods and runs; `done` is called with each run that is complete."""

    def __init__(self, done: Callable[[], None], *, by_hand: bool, ended: Callable[[str], None]) -> None:
        self.runs: dict[str, Moments] = {}
        self._done = done
        self._ended = ended
        self._by_hand = by_hand

    def of(self, name: str) -> Moments:
        """Those of a run of this name."""
        return self.runs.setdefault(name, Moments())

    def pod(self, event: str, seen: Seen) -> None:
        """A pod has come, changed or gone."""
        run = self.of(seen.metadata.labels.get(LABEL_RUN, ""))
        pod, now = seen.metadata.uid, time.monotonic()
        runner = seen.metadata.labels.get("daskflow.dev/component") == RUNNER
        if event == "ADDED":
            run.made.add(pod)
            if not runner:
                run.left.add(pod)
            if len(run.made) == PODS:
                run.pods = run.pods or now
        if event == "MODIFIED" and runner and seen.status.phase == "Succeeded" and run.ended is None:
            run.ended = now
            if self._by_hand:
                run.known, run.phase = now, "Succeeded"
                self._ended(seen.metadata.labels[LABEL_RUN])
        if event == "DELETED":
            run.left.discard(pod)
            if run.ended and not run.left and run.gone is None:
                run.gone = now
                self._complete(run)

    def run(self, event: str, seen: Seen) -> None:
        """A FlowRun has come, changed or gone."""
        run = self.of(seen.metadata.name)
        if run.known is None and seen.status.phase in _ENDS:
            run.known, run.phase = time.monotonic(), seen.status.phase
            self._complete(run)

    def _complete(self, run: Moments) -> None:
        if run.gone and run.known:
            self._done()

    def spans(self, begin: str, end: str) -> list[float]:
        """Seconds between two moments, of each run that has both."""
        both = ((getattr(run, begin), getattr(run, end)) for run in self.runs.values())
        return [later - before for before, later in both if before is not None and later is not None]

    def wrong(self, names: Iterable[str]) -> list[str]:
        """Those of these runs that did not succeed."""
        return [name for name in names if self.of(name).phase != "Succeeded"]
