"""The record of each task: what it says, and that it stays small."""

import gzip
import json
from types import SimpleNamespace
from typing import Any

from daskflow.runtime.scheduler.task_log import OTHERS, TaskLog

BEGAN = 1_800_000_000.0
WORKER = SimpleNamespace(name="w-1", nthreads=2)


def told(log: TaskLog) -> Any:
    return json.loads(gzip.decompress(log.frozen().packed()))


def test_it_says_of_each_task_where_and_when_it_ran() -> None:
    log = TaskLog(BEGAN)
    log.add("read", WORKER, BEGAN + 12.0312, BEGAN + 15.2, 30777216, False)
    log.add("sum", WORKER, BEGAN + 16.0, BEGAN + 16.5, 28, False)
    log.add("sum", None, 0.0, 0.0, 0, True)
    log.add("read", SimpleNamespace(name="w-2", nthreads=4), BEGAN + 1, BEGAN + 2, 5 * 2**40, False)
    assert told(log) == {
        "v": 1,
        "began": "2027-01-15T08:00:00.000000Z",
        "prefixes": ["read", "sum"],
        "kept": [1, 1],
        "workers": ["w-1", "", "w-2"],
        "threads": [2, 0, 4],
        "tasks": {
            "prefix": [0, 0, 1, 1],
            "worker": [0, 2, 0, 1],
            "start": [12.0312, 1.0, 16.0, 0.0],
            "stop": [15.2, 2.0, 16.5, 0.0],
            "bytes": [30777216, 5 * 2**40, 28, 0],
            "failed": [0, 0, 0, 1],
        },
    }


def test_without_tasks_it_is_empty_and_sound() -> None:
    assert told(TaskLog(BEGAN))["tasks"] == {
        name: [] for name in ("prefix", "worker", "start", "stop", "bytes", "failed")
    }


def test_of_too_many_each_prefix_keeps_one_of_so_many_and_rare_ones_all() -> None:
    log = TaskLog(BEGAN, most=1000)
    for number in range(20_000):
        if number % 1000 == 0:
            log.add("rare", WORKER, BEGAN + number, BEGAN + number + 1, 0, False)
        log.add("frequent", WORKER, BEGAN + number, BEGAN + number + 1, 0, False)
    record = told(log)
    kept = dict(zip(record["prefixes"], record["kept"], strict=True))
    starts: dict[str, list[float]] = {"rare": [], "frequent": []}
    for prefix, start in zip(record["tasks"]["prefix"], record["tasks"]["start"], strict=True):
        starts[record["prefixes"][prefix]].append(start)
    assert kept == {"rare": 1, "frequent": 32}
    assert starts["rare"] == [1000.0 * number for number in range(20)]
    assert starts["frequent"] == [32.0 * number for number in range(625)]


def test_tasks_that_end_while_it_is_packed_are_not_in_it() -> None:
    log = TaskLog(BEGAN, most=10)
    for number in range(10):
        log.add("some", WORKER, BEGAN + number, BEGAN + number, 0, False)
    frozen = log.frozen()
    for number in range(100):
        log.add(f"more-{number}", WORKER, BEGAN, BEGAN, 0, False)
    assert len(json.loads(gzip.decompress(frozen.packed()))["tasks"]["start"]) == 10


def test_tasks_of_too_many_prefixes_are_kept_as_others() -> None:
    log = TaskLog(BEGAN)
    for number in range(1500):
        log.add(f"prefix-{number}", WORKER, BEGAN, BEGAN + 1, 0, False)
    said = told(log)
    assert (len(said["prefixes"]), said["prefixes"][-1], len(said["tasks"]["start"])) == (1001, OTHERS, 1500)
