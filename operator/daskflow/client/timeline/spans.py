"""When what of a run was so, as rows of spans: pure, of whatever is known."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from daskflow.api.flowrun_status import TERMINAL_PHASES
from daskflow.api.names import DASK_CLUSTER, FLOW_RUN
from daskflow.client.timeline.belonging import Family, Object, family
from daskflow.client.timeline.model import Row, Span, Timeline
from daskflow.client.timeline.phases import attempt_rows, run_row
from daskflow.client.timeline.pods import spans_from, spans_of
from daskflow.client.timeline.times import read
from daskflow.client.timeline.told import Told, told

_FIRST = ("runner", "scheduler")


def timeline(
    run: Object, pods: Iterable[Object] = (), events: Iterable[Object] = (), *, now: datetime
) -> Timeline:
    """Of a FlowRun with its pods, and Events of its namespace, strangers' among them; `now` has a zone.

    What pods did that are gone is taken from Events, which clusters keep for an hour.
    """
    pods = list(pods)
    kin = family(run, pods)
    tells = told(events, kin)
    status: Mapping[str, Any] = run["status"] if isinstance(run.get("status"), Mapping) else {}
    phase = str(status.get("phase") or "Pending")
    over = phase in TERMINAL_PHASES
    begin = read(run["metadata"].get("creationTimestamp")) or now
    end = max(begin, read(status.get("completionTime")) or now) if over else None

    own = run_row(run, begin, end, [each for each in tells if each.kind == FLOW_RUN])
    marks = tuple(each.mark for each in tells if each.kind in (FLOW_RUN, DASK_CLUSTER))
    attempts = list(attempt_rows(run, begin, end))
    below = _pod_rows(pods, tells, kin, {row.attempt: row.spans[0].end for row in attempts if row.spans}, end)
    rows = [own._replace(marks=marks)]
    for row in attempts:
        rows += [row, *(each for each in below if each.attempt == row.attempt)]
    shown = {row.attempt for row in attempts}
    rows += [each for each in below if each.attempt not in shown]
    rows = [row._replace(spans=tuple(_from(span, begin) for span in row.spans)) for row in rows]
    ends = [span.end or span.begin for row in rows for span in row.spans]
    last = max([end or max(now, begin), *ends])
    return Timeline(kin.run, phase, str(status.get("reason") or ""), begin, last, over, tuple(rows))


def _from(span: Span, begin: datetime) -> Span:
    """Nothing was before the run, whatever other clocks say."""
    return span._replace(begin=max(begin, span.begin), end=span.end and max(begin, span.end))


def _pod_rows(
    pods: Sequence[Object],
    tells: Sequence[Told],
    kin: Family,
    closed: Mapping[int, datetime | None],
    end: datetime | None,
) -> list[Row]:
    """Runner and scheduler first, workers by their numbers, each with what Events tell of it."""
    there = {str(pod["metadata"]["name"]): pod for pod in pods}
    of: dict[str, list[Told]] = {name: [] for name in there}
    for each in tells:
        if each.kind == "Pod":
            of.setdefault(each.name, []).append(each)
    rows = []
    for name, heard in of.items():
        attempt = kin.attempt(name) or 0
        spans = spans_of(there[name]) if name in there else spans_from(name, heard, closed.get(attempt, end))
        warnings = tuple(each.mark for each in heard if each.warning)
        rows.append(Row("pod", name, kin.title(name), attempt, spans, warnings))
    return sorted(rows, key=_place)


def _place(row: Row) -> tuple[int, str, int, str]:
    head, _, number = row.title.rpartition("-")
    rank = _FIRST.index(row.title) if row.title in _FIRST else len(_FIRST)
    return rank, head, int(number) if number.isdecimal() else 0, row.name
