"""The totals of a report, each a name, a figure and what there is to say about it: for letters and pages."""

from collections.abc import Iterator
from typing import NamedTuple

from daskflow.api.flowrun_status import TERMINAL_PHASES
from daskflow.api.wording import counted
from daskflow.client.report.figures import Figures
from daskflow.client.report.words import share, size, span, whole


class Total(NamedTuple):
    """One of them."""

    name: str
    figure: str
    about: str
    """May be empty."""


def headline(figures: Figures) -> str:
    """The run, how it is, and how long was reported on."""
    because = f" ({figures.reason})" if figures.reason else ""
    after = f"after {span(figures.seconds)}"
    if figures.phase and figures.phase not in TERMINAL_PHASES:
        return f"{figures.run}: {figures.phase}{because}; its last attempt that ended did {after}"
    return f"{figures.run}: {figures.phase}{because} {after}" if figures.phase else f"{figures.run}: {after}"


def totals(figures: Figures) -> Iterator[Total]:
    """Those that say anything."""
    failed = f"{whole(figures.failed)} failed" if figures.failed else ""
    yield Total("tasks", whole(figures.tasks), failed)
    yield Total("workers", whole(figures.workers), _workers(figures))
    yield Total("efficiency", share(figures.efficiency), _threads(figures))
    yield from _waits(figures)
    memory = figures.memory
    if memory.peak:
        of = f"of {size(memory.limit)}, " if memory.limit else ""
        by = f"by {memory.by}" if memory.by else ""
        yield Total("peak memory", size(memory.peak), f"{of}{by}".removesuffix(", "))
    if memory.spilled:
        yield Total("spilled", size(memory.spilled), "written to disk for lack of memory")
    if figures.moved:
        moving = f", in {span(figures.moving)}" if figures.moving else ""
        yield Total("moved", size(figures.moved), f"between workers{moving}")
    if figures.cost:
        yield Total("cost", figures.cost, "of what pods requested, at the platform's prices")


def _workers(figures: Figures) -> str:
    threads = counted(figures.threads, "thread").replace(str(figures.threads), whole(figures.threads))
    said = [f"with {threads}"] if figures.threads else []
    said += [f"{whole(figures.deaths)} died"] if figures.deaths else []
    return ", ".join(said)


def _threads(figures: Figures) -> str:
    return f"{span(figures.busy)} in tasks, of {span(figures.paid)} of threads"


def _waits(figures: Figures) -> Iterator[Total]:
    for name, seconds, about in (
        ("idle", figures.idle, "of threads while there was no task to do"),
        ("queued", figures.queued, "of tasks that waited for a thread"),
        ("no worker", figures.absent, "with tasks to do and no worker at all"),
    ):
        if seconds:
            yield Total(name, span(seconds), about)


def attempt_line(figures: Figures, index: int) -> tuple[str, str]:
    """Name and story of an attempt."""
    each = figures.attempts[index]
    said = [each.outcome or "goes on"]
    said += [f"efficiency {share(each.efficiency)}"] if each.efficiency is not None else []
    said += [f"peak memory {size(each.peak)}"] if each.peak else []
    if each.efficiency is None and not each.peak:
        said.append("no report")
    return f"attempt {each.number}", ", ".join(said)
