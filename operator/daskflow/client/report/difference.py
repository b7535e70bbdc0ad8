"""What became slower from one run to another. Pure: two reports in, sentences and a table out."""

from collections.abc import Iterator
from typing import NamedTuple

from daskflow.client.report.figures import Figures, Prefix
from daskflow.client.report.words import share, size, span, times, whole

_SHARE = 0.1
"""What changed by less than a tenth is noise,"""
_PART = 0.02
"""and so is a prefix whose change is less than this part of all busy time."""
_WORSE = 0.05
"""Of efficiency, in points."""


class Row(NamedTuple):
    """A prefix in both runs."""

    cells: tuple[str, ...]
    """As `Difference.header` names them."""
    seconds: float
    """By how much more its tasks took; below 0: less."""


class Difference(NamedTuple):
    """Of a run and one before it."""

    sentences: tuple[str, ...]
    """What became worse, by how much it cost; one that says so where nothing did."""
    header: tuple[str, ...]
    rows: tuple[Row, ...]
    """All prefixes that either has, those that lost the most first."""


def difference(now: Figures, before: Figures) -> Difference:
    """What is worse in `now` than it was in `before`."""
    old = {each.name: each for each in before.prefixes}
    new = {each.name: each for each in now.prefixes}
    names = dict.fromkeys((*new, *old))
    pairs = [(new.get(name), old.get(name)) for name in names]
    pairs.sort(key=lambda pair: (-_more(*pair), _name(*pair)))
    sentences = tuple(each for _, each in sorted(_told(now, before, pairs), key=lambda told: -told[0]))
    header = ("prefix", now.run, before.run, "change", "tasks", "before", "mean", "before")
    return Difference(
        sentences or (f"Nothing became slower than in {before.run} by more than a tenth.",),
        header,
        tuple(_row(*pair) for pair in pairs),
    )


Pair = tuple[Prefix | None, Prefix | None]


def _name(new: Prefix | None, old: Prefix | None) -> str:
    return new.name if new else old.name if old else ""


def _more(new: Prefix | None, old: Prefix | None) -> float:
    return (new.seconds if new else 0.0) - (old.seconds if old else 0.0)


def _told(now: Figures, before: Figures, pairs: list[Pair]) -> Iterator[tuple[float, str]]:
    """Sentences, each with what it comes to in thread-seconds; those without such a number follow."""
    more = now.seconds - before.seconds
    if more > before.seconds * _SHARE:
        ratio = f" ({times(now.seconds / before.seconds)})" if before.seconds else ""
        said = f"{now.run} took {span(now.seconds)}, {span(more)} longer than {before.run}{ratio}."
        yield float("inf"), said
    for new, old in pairs:
        more = _more(new, old)
        if new and more > _PART * now.busy and (said := _prefix(new, old, before)):
            yield more, said
    yield from _waits(now, before)
    yield from _memory(now, before)


def _prefix(new: Prefix, old: Prefix | None, before: Figures) -> str:
    if old is None:
        new_there = "is new" if before.whole else f"is not among the dearest of {before.run}"
        return f"{new.name} {new_there}: {span(new.seconds)} of thread time in {whole(new.tasks)} tasks."
    if new.seconds <= old.seconds * (1 + _SHARE):
        return ""
    causes = []
    if new.tasks > old.tasks * (1 + _SHARE):
        causes.append(f"{whole(new.tasks)} tasks in place of {whole(old.tasks)}")
    if new.mean > old.mean * (1 + _SHARE):
        causes.append(f"{span(new.mean)} a task in place of {span(old.mean)} ({times(new.mean / old.mean)})"
                      if old.mean else f"{span(new.mean)} a task")  # fmt: skip
    because = f": {' and '.join(causes)}" if causes else ""
    took = f"{new.name} took {span(new.seconds)} of thread time"
    return f"{took}, {span(new.seconds - old.seconds)} more{because}."


def _waits(now: Figures, before: Figures) -> Iterator[tuple[float, str]]:
    lost = (before.efficiency or 0.0) - (now.efficiency or 0.0)
    if lost > _WORSE and now.efficiency is not None:
        said = f"efficiency is {share(now.efficiency)}, it was {share(before.efficiency)}"
        yield lost * now.paid, f"Threads were in tasks for less of their time: {said}."
    for rank, (new, old, what) in enumerate(
        (
            (now.absent, before.absent, "There were tasks to do and no worker for {}, {} more"),
            (now.moving, before.moving, "Transfers between workers took {}, {} more"),
            (now.queued, before.queued, "Tasks waited for a thread for {}, {} more"),
        )
    ):
        if new - old > max(old * _SHARE, _PART * now.busy):
            # Seconds of many at once, so no thread's.
            yield -rank, f"{what.format(span(new), span(new - old))}."


def _memory(now: Figures, before: Figures) -> Iterator[tuple[float, str]]:
    new, old = now.memory, before.memory
    if new.spilled > old.spilled * (1 + _SHARE):
        had = f"before {size(old.spilled)}" if old.spilled else "before nothing"
        yield -4.0, f"Workers spilled {size(new.spilled)}, {had}."
    if old.peak and new.peak > old.peak * (1 + _SHARE):
        yield -5.0, f"A worker took up to {size(new.peak)} of memory, before {size(old.peak)}."
    if now.deaths > before.deaths:
        yield -6.0, f"Workers died: {whole(now.deaths)}, before {whole(before.deaths)}."
    if now.failed > before.failed:
        yield -7.0, f"Tasks failed: {whole(now.failed)}, before {whole(before.failed)}."


def _row(new: Prefix | None, old: Prefix | None) -> Row:
    more = _more(new, old)
    sign = "+" if more > 0 else "\N{MINUS SIGN}" if more < 0 else ""
    cells = (
        _name(new, old),
        span(new.seconds) if new else "",
        span(old.seconds) if old else "",
        f"{sign}{span(abs(more))}" if new and old else "",
        whole(new.tasks) if new else "",
        whole(old.tasks) if old else "",
        span(new.mean) if new else "",
        span(old.mean) if old else "",
    )
    return Row(cells, more)
