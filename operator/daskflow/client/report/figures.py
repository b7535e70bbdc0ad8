"""What a report consists of, in numbers: plain data that pictures, words and comparisons are made from."""

from typing import NamedTuple


class Band(NamedTuple):
    """The part of one prefix in the picture over time."""

    name: str
    threads: tuple[float, ...]
    """How many threads computed it, on average, in each bin."""
    rest: bool = False
    """Whether it is that of all other prefixes."""


class Areas(NamedTuple):
    """Threads over time, in bins of one width."""

    step: float
    """Seconds of a bin."""
    paid: tuple[float, ...]
    """Threads that were there, on average, in each bin; as many bins as each band has."""
    bands: tuple[Band, ...]
    """From the bottom; the dearest first."""
    seconds: float
    """From the left edge to the right one, which may be within the last bin."""

    def end(self, index: int) -> float:
        """Of a bin, in seconds."""
        return min(self.seconds, (index + 1) * self.step)

    def busy(self, index: int) -> float:
        """Threads that computed anything in a bin."""
        return sum(band.threads[index] for band in self.bands)

    @property
    def most(self) -> float:
        """The highest that there is to draw, above 0."""
        tops = (max(self.busy(index), paid) for index, paid in enumerate(self.paid))
        return max((1e-9, *tops))


class Prefix(NamedTuple):
    """All tasks whose keys begin alike."""

    name: str
    tasks: int
    seconds: float
    """Of threads that computed them."""
    longest: float
    """Seconds of the longest of them."""
    size: int
    """Bytes of their results."""

    @property
    def mean(self) -> float:
        """Seconds of one task."""
        return self.seconds / self.tasks if self.tasks else 0.0


class Memory(NamedTuple):
    """Of workers, in bytes; 0: none, or nobody knows."""

    peak: int = 0
    """The most that one of them took."""
    by: str = ""
    """Which one."""
    limit: int = 0
    """What that one may take."""
    spilled: int = 0
    """Written to disk for lack of memory, by all of them."""


class AttemptFigures(NamedTuple):
    """What stays of an attempt."""

    number: int
    outcome: str
    efficiency: float | None
    peak: int


class Task(NamedTuple):
    """One of the longest, which only the full record has."""

    name: str
    seconds: float
    worker: str
    begin: float
    """Seconds after the report's own begin."""


class WorkerUse(NamedTuple):
    """What one worker did, which only the full record has."""

    name: str
    tasks: int
    seconds: float
    """Of its threads in tasks."""


class Figures(NamedTuple):
    """A run's report."""

    run: str
    phase: str
    reason: str
    seconds: float
    """How long was reported on."""
    tasks: int
    failed: int
    efficiency: float | None
    """Busy thread-seconds over those that were paid for, from 0 to 1; None where none were."""
    paid: float
    """Thread-seconds of workers that were there, as the next two."""
    busy: float
    """In tasks."""
    idle: float
    """In moments at which there was no task to do."""
    queued: float
    """Seconds that tasks waited for a thread, of all tasks together."""
    absent: float
    """Seconds in which there were tasks to do and no worker at all."""
    memory: Memory
    moved: int
    """Bytes between workers."""
    moving: float
    """Seconds of that, of all transfers together."""
    workers: int
    """The most at once, as the next."""
    threads: int
    deaths: int
    prefixes: tuple[Prefix, ...]
    """The dearest first."""
    whole: bool
    """Whether all prefixes are here, and not only the dearest."""
    cost: str
    """Amount and currency, "" where no prices are set."""
    hints: tuple[str, ...]
    areas: Areas | None
    attempts: tuple[AttemptFigures, ...]
    """More than one, or none."""
    record: str = ""
    """Where the record of each task lies, "" where none was kept."""
    note: str = ""
    """Why there is none although it was asked for."""
    longest: tuple[Task, ...] = ()
    """From the full record, as the next."""
    by_worker: tuple[WorkerUse, ...] = ()
    """The busiest first."""
