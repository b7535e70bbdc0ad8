"""Figures with what only the full record of a run's tasks knows. Pure."""

import heapq
from collections import Counter

from daskflow.client.report.figures import Areas, Band, Figures, Prefix, Task, WorkerUse
from daskflow.client.report.reading import OTHERS
from daskflow.client.report.record import Record

_BINS, _ROWS, _LONGEST = 64, 6, 10


def detailed(figures: Figures, record: Record) -> Figures:
    """The figures with what only the record knows: all prefixes, the longest tasks, each worker.

    What the status knows exactly stays, for of many tasks the record keeps one of so many.
    """
    known = {each.name: each for each in figures.prefixes}
    prefixes = [known.get(each.name, each) for each in _prefixes(record)]
    prefixes += [each for name, each in known.items() if name not in record.prefixes and name != "others"]
    prefixes.sort(key=lambda each: (-each.seconds, each.name))
    return figures._replace(
        prefixes=tuple(prefixes),
        whole=True,
        areas=figures.areas or areas(record, figures.seconds),
        longest=_longest(record),
        by_worker=_by_worker(record),
    )


def _durations(record: Record) -> list[float]:
    tasks = record.tasks
    return [max(0.0, stop - start) for start, stop in zip(tasks.start, tasks.stop, strict=True)]


def _prefixes(record: Record) -> list[Prefix]:
    count, size = Counter[int](), Counter[int]()
    took: dict[int, float] = {}
    worst: dict[int, float] = {}
    for prefix, each, amount in zip(record.tasks.prefix, _durations(record), record.tasks.bytes, strict=True):
        count[prefix] += 1
        took[prefix] = took.get(prefix, 0.0) + each
        size[prefix] += amount
        worst[prefix] = max(worst.get(prefix, 0.0), each)
    return [
        Prefix(name, count[index] * of, took.get(index, 0.0) * of, worst.get(index, 0.0), size[index] * of)
        for index, (name, of) in enumerate(zip(record.prefixes, record.kept, strict=True))
    ]


def _longest(record: Record) -> tuple[Task, ...]:
    tasks, took = record.tasks, _durations(record)
    found = heapq.nlargest(_LONGEST, range(len(took)), key=took.__getitem__)
    return tuple(
        Task(
            record.prefixes[tasks.prefix[index]],
            took[index],
            record.workers[tasks.worker[index]],
            max(0.0, tasks.start[index]),
        )
        for index in found
    )


def _by_worker(record: Record) -> tuple[WorkerUse, ...]:
    count = [0] * len(record.workers)
    took = [0.0] * len(record.workers)
    tasks = record.tasks
    for worker, prefix, each in zip(tasks.worker, tasks.prefix, _durations(record), strict=True):
        count[worker] += record.kept[prefix]
        took[worker] += each * record.kept[prefix]
    found = [WorkerUse(*each) for each in zip(record.workers, count, took, strict=True)]
    return tuple(sorted(found, key=lambda each: (-each.seconds, each.name)))


def areas(record: Record, seconds: float) -> Areas | None:
    """The picture over time where the status has none; workers count from their first task to their last."""
    tasks = record.tasks
    seconds = max(seconds, *tasks.stop, 0.0) if tasks.stop else seconds
    if seconds <= 0:
        return None
    step = seconds / _BINS
    dearest = sorted(_prefixes(record), key=lambda each: -each.seconds)[:_ROWS]
    row_of = {record.prefixes.index(each.name): row for row, each in enumerate(dearest)}
    rows = [[0.0] * _BINS for _ in range(len(dearest) + 1)]
    first: dict[int, float] = {}
    last: dict[int, float] = {}
    for prefix, worker, start, stop in zip(tasks.prefix, tasks.worker, tasks.start, tasks.stop, strict=True):
        _spread(rows[row_of.get(prefix, len(dearest))], start, stop, step, record.kept[prefix])
        first[worker] = min(first.get(worker, start), start)
        last[worker] = max(last.get(worker, stop), stop)
    paid = [0.0] * _BINS
    for worker, start in first.items():
        _spread(paid, start, last[worker], step, record.threads[worker])
    bands = (
        *(Band(each.name, tuple(rows[index])) for index, each in enumerate(dearest)),
        Band(OTHERS, tuple(rows[-1]), rest=True),
    )
    return Areas(step, tuple(paid), bands, seconds)


def _spread(row: list[float], start: float, stop: float, step: float, weight: float) -> None:
    """Adds to each bin which part of it lies between the two, so many times."""
    start, stop = max(0.0, start), min(stop, step * len(row))
    for index in range(int(start / step), len(row)):
        part = min(stop, (index + 1) * step) - max(start, index * step)
        if part <= 0:
            break
        row[index] += part / step * weight
