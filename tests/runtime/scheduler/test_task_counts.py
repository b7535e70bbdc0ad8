"""Counts of tasks, by themselves."""

from daskflow.runtime.scheduler.task_counts import TaskCounts


def test_counts_forget_keys_but_not_numbers() -> None:
    calls: list[str] = []
    counts = TaskCounts(lambda: calls.append("counted"), lambda: calls.append("workers"))
    for finish in [
        "waiting",
        "processing",
        "memory",
        "released",
        "processing",  # its worker died: done again
        "memory",
        "forgotten",
    ]:
        counts.transition("key", finish)
    assert (counts.done, counts.total) == (1, 1)
    assert len(calls) == 2
