"""What a person can do better, by a run's report: at most three sentences, the dearest thing first.

Thresholds are chosen so that a run which is all right has none: what takes less than half a minute, or is
what any start-up looks like, is not worth a sentence. The numbers are of users' pods and may be any.
"""

import math
from collections.abc import Callable, Sequence

from daskflow.api.flowrun_report import MOST_HINTS, Report
from daskflow.api.quantities import in_units, quantity
from daskflow.api.report_timeline import decoded
from daskflow.api.wording import counted

SHORT = 30.0
"""Seconds; of a shorter run, or of shorter waits, nothing is said."""
IDLE = 0.3
"""Efficiency below which workers idled."""
SKEWED = 10.0
"""How many times the mean the longest task of the dearest kind may take."""
MOVING = 0.5
"""Seconds of transfers for one of computing."""
_GIB = 2**30
_MOST_TIMES = 10**6


def hints(report: Report) -> tuple[str, ...]:
    """The sentences, without any that contradicts another."""
    asked: Sequence[Callable[[Report], str]] = (_no_workers, _spilled, _skewed, _idle, _moving)
    said = (each(report) for each in asked if report.seconds >= SHORT)
    return tuple(sentence for sentence in said if sentence)[:MOST_HINTS]


def _no_workers(report: Report) -> str:
    absent = report.workers.absent
    if absent < SHORT:
        return ""
    return f"For {absent:.0f} s there were tasks and no worker to run them."


def _spilled(report: Report) -> str:
    memory, count = report.memory, report.workers.count
    spilled = quantity(memory.spilled)
    if not spilled or memory.limit is None or not count:
        return ""
    limit = quantity(memory.limit)
    enough = limit + max(spilled / count, limit / 4)
    return (
        f"Workers spilled {memory.spilled} to disk for want of memory: "
        f"give them {math.ceil(enough / _GIB)}Gi instead of {in_units(int(limit))}."
    )


def _skewed(report: Report) -> str:
    if not report.prefixes or report.prefixes[0].tasks < 2:
        return ""
    dearest = report.prefixes[0]
    mean = max(dearest.seconds / dearest.tasks, dearest.longest / _MOST_TIMES)
    if dearest.longest < max(SKEWED * mean, report.seconds / 10):
        return ""
    times = dearest.longest / mean
    return (
        f"One task of {dearest.name} took {dearest.longest:.0f} s, {times:.0f} times the mean: "
        "split the work into equal parts."
    )


def _idle(report: Report) -> str:
    spent, count = report.thread_seconds, report.workers.count
    if count and not report.tasks and not spent.busy and not spent.queued:
        return "No task was for the workers: with cluster.workers.replicas: 0 none are started."
    if report.efficiency is None or report.efficiency >= IDLE:
        return ""
    if spent.queued > spent.busy and spent.idle < (spent.paid - spent.busy) / 2:
        return ""  # the time was lost while there were tasks: not for want of work
    said = f"Workers were idle {100 * (1 - report.efficiency):.0f} % of the time"
    enough = _enough(report)
    if enough < count:
        return f"{said}; {enough} of {counted(count, 'worker')} would have been enough."
    return f"{said}, but not all the while: let autoscale follow the work."


def _enough(report: Report) -> int:
    """How many workers the busiest moment had work for; twice the mean where no timeline tells."""
    used, threads = report.workers, report.workers.threads / max(report.workers.count, 1)
    if report.timeline is not None:
        most = max(decoded(report.timeline).all_busy)
    else:
        most = 2 * report.thread_seconds.busy / report.seconds
    return min(max(math.ceil(most / max(threads, 1)), 1), used.count)


def _moving(report: Report) -> str:
    busy, moving = report.thread_seconds.busy, report.moved_seconds
    if moving < SHORT or moving < MOVING * busy:
        return ""
    share = f"{100 * moving / busy:.0f} % as long as computing" if busy >= 1 else f"{moving:.0f} s"
    return (
        f"Moving {report.moved} between workers took {share}: "
        "fewer workers with more threads, or larger parts, move less."
    )
