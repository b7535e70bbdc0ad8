"""A run as HTML: state, attempts, what came of it, and the picture of its timeline."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from html import escape
from typing import Any

from daskflow.api.flowrun_status import Failure, FlowRunStatus, status_of
from daskflow.client.report.html import fragment
from daskflow.client.report.reading import figures_of
from daskflow.client.report.style import rules
from daskflow.client.timeline.spans import timeline
from daskflow.client.timeline.style import COLOURS, what
from daskflow.client.timeline.svg import svg

MOST = 4000
"""Letters of a result or a traceback; `result()` and `status` have all."""
_BOX = "border:1px solid rgba(128,128,128,.4);border-radius:6px;padding:.6em .9em;max-width:62em"


def run_html(resource: Mapping[str, Any], now: datetime) -> str:
    """Of a FlowRun as it was last heard of; asks nobody. `now` has a zone."""
    status = status_of(resource)
    return "\n".join(
        (
            f'<div class="daskflow-run" style="{_BOX}">',
            _head(resource, status),
            *_tasks(status),
            *_came_of_it(status),
            *_attempts(status),
            _picture(resource, now),
            *_report(resource),
            "</div>",
        )
    )


def _head(resource: Mapping[str, Any], status: FlowRunStatus) -> str:
    metadata = resource["metadata"]
    phase = status.phase or "Pending"
    colour = COLOURS[what(phase)][0]
    dot = f'<span style="color:{colour}" aria-hidden="true">\u25cf</span>'
    where = escape(f"{metadata['namespace']}/")
    said = f"<div>{escape(status.message)}</div>" if status.message else ""
    because = f" ({escape(status.reason)})" if status.reason else ""
    took = f" after {escape(status.duration)}" if status.duration else ""
    title = f"{where}<strong>{escape(metadata['name'])}</strong>"
    return f"<div>{dot} {title}: <strong>{escape(phase)}</strong>{because}{took}</div>{said}"


def _tasks(status: FlowRunStatus) -> Iterator[str]:
    progress, cluster = status.progress, status.cluster
    if progress and progress.total:
        count = f"{progress.done} of {progress.total} tasks"
        workers = f", {cluster.workers_ready} of {cluster.workers_desired} workers" if cluster else ""
        bar = f'<progress value="{progress.done}" max="{progress.total}" style="width:20em"></progress>'
        yield f"<div>{bar} {count}{workers}</div>"


def _came_of_it(status: FlowRunStatus) -> Iterator[str]:
    if status.phase == "Succeeded" and status.result is not None:
        text = json.dumps(status.result, ensure_ascii=False, indent=1)
        yield f"<div>Result:</div><pre>{escape(_cut(text))}</pre>"
    if status.result_note:
        yield f"<div>{escape(status.result_note)}</div>"
    failure = status.failure or Failure()
    if failure.exception and status.phase != "Succeeded":
        title = escape(f"{failure.exception}: {failure.message}")
        trace = f"<pre>{escape(_cut(failure.traceback))}</pre>" if failure.traceback else ""
        yield f"<details open><summary><strong>{title}</strong></summary>{trace}</details>"


def _attempts(status: FlowRunStatus) -> Iterator[str]:
    if len(status.attempts) < 2:
        return
    heads = "".join(f"<th>{each}</th>" for each in ("attempt", "outcome", "reason", "message"))
    yield f"<details><summary>{len(status.attempts)} attempts</summary><table><tr>{heads}</tr>"
    for each in status.attempts:
        cells = (str(each.number), each.outcome or "Open", each.reason or "", each.message or "")
        columns = (f'<td style="text-align:left">{escape(cell)}</td>' for cell in cells)
        yield f"<tr>{''.join(columns)}</tr>"
    yield "</table></details>"


def _picture(resource: Mapping[str, Any], now: datetime) -> str:
    if not resource["metadata"].get("creationTimestamp"):
        return ""  # a dry run's has none
    return f"<details open><summary>Timeline</summary>{svg(timeline(resource, now=now))}</details>"


def _report(resource: Mapping[str, Any]) -> Iterator[str]:
    if figures := figures_of(resource):
        yield f"<details><summary>Report</summary><style>{rules()}</style>{fragment(figures)}</details>"


def _cut(text: str) -> str:
    return text if len(text) <= MOST else f"{text[: MOST - 1]}…"
