"""Where time and memory of a run went: `status.report`, and `spec.report`, which asks for more.

What pods hand over. The scheduler's preload records; at the end of an attempt it hands over one JSON object
of at most WIRE_LIMIT bytes in UTF-8. It is in three places, always under the key `report`, beside and never
within the outcome:

- the answer to `POST /v1/outcome`: `{"report": {…}}`, to the early one (`"early": true`) as to the last;
- the runner's termination message, where the supervisor puts it:
  `{"v": 1, "role": "runner", …, "report": {…}}`;
- the termination message of the scheduler of an attempt's own cluster, with each way in which it ends:
  `{"v": 1, "role": "scheduler", "outcome": …, "report": {…}}`.

Room is what the rest of a message leaves of its 4,096 bytes. What does not fit goes in this order: the
cheapest two prefixes; the timeline; prefixes but the three dearest; all prefixes; the report. The outcome is
never shortened for it. The operator, which adds hints and cost, keeps WIRE_LIMIT as well, in the same order.

The object has the fields of `status.report` under the same names, except what only the operator can say
(`efficiency`, `hints`, `cost`, which are ignored). Required are `seconds` and `tasks`; what is 0, empty or
unknown may be left out. Amounts of memory and data are integers of bytes there (7516192768), and become
text ("7.0Gi") in the status. Seconds are decimals, of which three digits behind the point are enough.

    {"seconds": 512.0, "tasks": 120433, "failed": 3,
     "threadSeconds": {"paid": 40960.0, "busy": 31223.4, "idle": 2480.0, "queued": 1180.5},
     "memory": {"peak": 7516192768, "by": "etl-x7k2p-1-worker-17", "limit": 8589934592,
                "spilled": 12884901888},
     "moved": 99857989632, "movedSeconds": 301.2,
     "workers": {"count": 40, "threads": 80, "deaths": 2, "absent": 0},
     "prefixes": [{"name": "read-parquet", "tasks": 4012, "seconds": 9123.2, "longest": 3.2,
                   "bytes": 123480309760}],
     "timeline": "eNp…"}

`prefixes` are the at most 8 with the most `seconds`, dearest first; names are cut to 40 characters.
`timeline` is as `report_timeline` tells, its rows those of the first six prefixes here. Where the full record
of each task was asked for, the runner adds `record` (where it lies) or `note` (why it does not).

The report begins when the run's scheduler does; on a cluster of `clusterRef` when the run's runner has taken
its first lease: workers that were there already count as registered at that moment, tasks that end before it
do not count. There it tells of tasks that the run's flow was the first to ask for; `paid` is what they took
and an equal share, among the runs that are there, of what no task took; `idle` is of that share, and memory,
workers, `moved`, `spilled`, `queued` and `absent` are the cluster's.

It ends when the scheduler hands it over.

The full record. `spec.report.to` is in the runner's environment as DASKFLOW_REPORT_TO. While it is, leases
carry `"record": true`, from the first of which on the scheduler keeps a line of each task; `GET /v1/report`
answers with the record below, gzipped. The runner writes it, unchanged, to
`TO/NAMESPACE/RUN/ATTEMPT/tasks.json.gz`, and says so with the outcome (`"kept": {"record": …}`), for the
scheduler's message to have it, too:

    {"v": 1, "began": "2026-11-26T02:00:00.000000Z",
     "prefixes": ["read-parquet"], "kept": [1],     one of so many tasks of each prefix is in here
     "workers": ["etl-x7k2p-1-worker-17"], "threads": [2],
     "tasks": {"prefix": [0], "worker": [0],        indices into the lists above, an entry each task
               "start": [12.031], "stop": [15.2],   seconds since `began`, by the scheduler's clock
               "bytes": [30777216],                 of the result
               "failed": [0]}}                      1: it ended with an exception
"""

import json
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationError

from daskflow.api.model import Model, rule, rules
from daskflow.api.quantities import in_units
from daskflow.api.report_timeline import LONGEST, ROWS, decoded

WIRE_LIMIT = 1536
"""Bytes of a report that pods hand over, and of one in a status."""
MOST_PREFIXES = 8
MOST_HINTS = 3

_MOST = 10**9
"""No count or number of seconds is as large; what is, is made up."""
_MOST_BYTES = 2**60


def _size(value: object) -> object:
    """An integer of bytes as text; any other value as it is, for the pattern to judge."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST_BYTES:
        return in_units(value)
    return value


def _printable(value: object) -> object:
    """Text without what terminals would take for an order; it becomes no longer."""
    if not isinstance(value, str) or value.isprintable():
        return value
    return "".join(each if each.isprintable() else "?" for each in value)


Count = Annotated[int, Field(ge=0, le=_MOST)]
Seconds = Annotated[float, Field(ge=0, le=_MOST, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Bytes = Annotated[
    str,
    BeforeValidator(_size),
    Field(pattern=r"^[0-9]{1,4}([.][0-9])?([KMGTPE]i)?$"),
]
"""An amount of memory or data that was measured, as a quantity: "7.0Gi"; read from an integer of bytes."""
Word = Annotated[str, BeforeValidator(_printable)]
"""Text of a pod's, in one line."""


class ReportSpec(Model):
    """What is kept of where time and memory went."""

    to: str = Field(
        default="",
        description="A URL (fsspec of the image, with the run's credentials) or an absolute path in the "
        "runner's pod, below which the record of each task is written [none].",
        max_length=500,
        json_schema_extra=rules(
            rule(
                "self == '' || self.matches('^([a-z][a-z0-9+.-]*://.|/)')",
                "='\"' + self + '\" is neither a URL nor an absolute path; write for example "
                "s3://bucket/reports or /data/reports'",
            )
        ),
    )
    timeline: bool = Field(default=True, description="Keep the timeline in status.report [true].")


class ThreadSeconds(Model):
    """Seconds times threads of workers."""

    paid: Seconds = Field(default=0, description="Threads of workers times the seconds they were registered.")
    busy: Seconds = Field(default=0, description="Thread-seconds spent in tasks.")
    idle: Seconds = Field(
        default=0, description="Paid thread-seconds in moments at which no task was open: there was no work."
    )
    queued: Seconds = Field(
        default=0, description="Seconds that tasks which could have run waited for a thread, of all tasks."
    )


class MemoryUse(Model):
    """Memory of the workers."""

    peak: Bytes = Field(default="0", description="The most that one worker's process had, for example 7.0Gi.")
    by: Word = Field(default="", description="The worker that had it.", max_length=100)
    limit: Bytes | None = Field(default=None, description="The limit of that worker.")
    spilled: Bytes = Field(default="0", description="Written to disk for want of memory, by all workers.")


class WorkersUsed(Model):
    """How many workers there were."""

    count: Count = Field(default=0, description="The most that were registered at once.")
    threads: Count = Field(default=0, description="The most threads that were registered at once.")
    deaths: Count = Field(default=0, description="Workers that were lost while they were needed.")
    absent: Seconds = Field(
        default=0, description="Seconds in which there were tasks to run and no worker at all."
    )


class PrefixUse(Model):
    """Tasks of one kind: Dask's prefix of their keys."""

    name: Word = Field(
        description="As in Dask's dashboard; `others` are all that are one too many.", max_length=64
    )
    tasks: Count = Field(default=0, description="Tasks done, repetitions included.")
    seconds: Seconds = Field(default=0, description="Thread-seconds spent in them.")
    longest: Seconds = Field(default=0, description="Seconds of the longest.")
    bytes: Bytes = Field(default="0", description="Of their results.")


class Cost(Model):
    """What the attempt's pods cost by the prices of the installation."""

    amount: str = Field(description='For example "0.42".', max_length=24)
    currency: str = Field(description="For example EUR.", max_length=8)


class Report(Model):
    """Where time and memory of an attempt went, as its scheduler recorded it."""

    seconds: Seconds = Field(
        description="From the scheduler's start, or the first lease, to the attempt's end."
    )
    tasks: Count = Field(description="Dask tasks done, repetitions included.")
    failed: Count = Field(default=0, description="Tasks that ended with an exception.")
    efficiency: Share | None = Field(
        default=None, description="Busy over paid thread-seconds, 0 to 1; nothing where there was no worker."
    )
    thread_seconds: ThreadSeconds = Field(
        default_factory=ThreadSeconds, description="Where the workers' time went."
    )
    memory: MemoryUse = Field(default_factory=MemoryUse, description="Memory of the workers.")
    moved: Bytes = Field(default="0", description="Sent from worker to worker.")
    moved_seconds: Seconds = Field(default=0, description="Seconds of these transfers, of all together.")
    workers: WorkersUsed = Field(default_factory=WorkersUsed, description="How many workers there were.")
    prefixes: Annotated[tuple[PrefixUse, ...], Field(max_length=MOST_PREFIXES)] = Field(
        default=(), description="The kinds of tasks that took the most time, dearest first."
    )
    cost: Cost | None = Field(default=None, description="By the chart's prices; nothing where it has none.")
    timeline: str | None = Field(
        default=None,
        description="Paid and busy threads over time, for `daskflow` to draw; base64 of zlib.",
        max_length=LONGEST,
    )
    hints: Annotated[tuple[Annotated[str, Field(max_length=200)], ...], Field(max_length=MOST_HINTS)] = Field(
        default=(), description="What could be done better, in sentences."
    )
    record: Word | None = Field(
        default=None, description="Where the record of each task lies.", max_length=800
    )
    note: Word | None = Field(
        default=None, description="Why the record of each task could not be kept.", max_length=300
    )


_DERIVED = frozenset({"efficiency", "cost", "hints"})
_WIRE = tuple(field.alias or name for name, field in Report.model_fields.items() if name not in _DERIVED)


def report_of(said: object) -> Report | None:
    """What pods handed over, typed and bounded; None where nothing in it can be believed.

    Pods are the users': a field that is not as told above counts as if it were not there.
    """
    if not isinstance(said, Mapping):
        return None
    given = {name: said[name] for name in _WIRE if said.get(name) is not None}
    try:
        report = Report.model_validate(given)
    except ValidationError as error:
        wrong = {each["loc"][0] for each in error.errors(include_url=False, include_input=False)}
        given = {name: value for name, value in given.items() if name not in wrong}
        if not {"seconds", "tasks"} <= given.keys():
            return None
        report = Report.model_validate(given)
    return fitting(report.model_copy(update={"efficiency": _efficiency(report), "timeline": _sound(report)}))


def _efficiency(report: Report) -> float | None:
    spent = report.thread_seconds
    return round(min(spent.busy / spent.paid, 1.0), 2) if spent.paid else None


def _sound(report: Report) -> str | None:
    try:
        timeline = decoded(report.timeline or "")
    except ValueError:
        return None
    return report.timeline if len(timeline.busy) <= len(report.prefixes) else None


def fitting(report: Report) -> Report:
    """The same within WIRE_LIMIT; see above for what goes first."""
    narrower: tuple[dict[str, Any], ...] = (
        {},
        {"prefixes": report.prefixes[:ROWS]},
        {"timeline": None},
        {"prefixes": report.prefixes[:3]},
        {"prefixes": ()},
        {"record": None, "note": None},
        {"hints": ()},
    )
    for change in narrower:
        report = report.model_copy(update=change)
        if size(report) <= WIRE_LIMIT:
            break
    return report


def size(report: Report) -> int:
    """Bytes of a report as JSON in UTF-8."""
    return len(
        json.dumps(report.dump(), ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    )
