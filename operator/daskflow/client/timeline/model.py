"""What a timeline consists of."""

from datetime import datetime
from typing import Literal, NamedTuple

Kind = Literal["run", "attempt", "pod"]


class Span(NamedTuple):
    """From when to when something was so."""

    name: str
    """Of the run, `attempt 1`, or of the pod."""
    kind: Kind
    phase: str
    """Of a run: Earlier, Pending, Starting, Running, Retrying, Suspended. Of an attempt: Open, or its
    outcome. Of a pod: Unscheduled, Starting, Running."""
    begin: datetime
    end: datetime | None
    """None: it goes on."""
    reason: str = ""
    """Why, or why it ended, in one word; "" where there is nothing to say."""


class Mark(NamedTuple):
    """A moment of which an Event tells."""

    at: datetime
    warning: bool
    reason: str
    message: str
    about: str
    """Kind and name of the object."""


class Row(NamedTuple):
    """The spans of one thing, in order of time."""

    kind: Kind
    name: str
    title: str
    """As a picture has it: of a pod, what is its own in the name."""
    attempt: int
    """Its number, of an attempt and of its pods; 0 of the run, and of a pod whose attempt is not known."""
    spans: tuple[Span, ...]
    marks: tuple[Mark, ...] = ()


class Timeline(NamedTuple):
    """All of a run: its own row, then each attempt's, followed by those of its pods."""

    run: str
    phase: str
    reason: str
    begin: datetime
    """When the run was created."""
    end: datetime
    """When all had ended; now, for one that goes on."""
    over: bool
    rows: tuple[Row, ...]

    @property
    def spans(self) -> list[Span]:
        """All of them, for tables."""
        return [span for row in self.rows for span in row.spans]

    @property
    def marks(self) -> list[Mark]:
        """All of them, in order of time."""
        return sorted((mark for row in self.rows for mark in row.marks), key=lambda mark: mark.at)
