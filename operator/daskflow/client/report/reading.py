"""Figures from the status of a FlowRun. Pure."""

from collections.abc import Mapping
from typing import Any

from daskflow.api.flowrun_report import Report
from daskflow.api.flowrun_status import TERMINAL_PHASES, FlowRunStatus, status_of
from daskflow.api.quantities import whole
from daskflow.api.report_timeline import decoded
from daskflow.client.report.figures import Areas, AttemptFigures, Band, Figures, Memory, Prefix

OTHERS = "all others"
"""The band of all prefixes that have none of their own."""


def figures_of(resource: Mapping[str, Any]) -> Figures | None:
    """Of a run with a report."""
    status = status_of(resource)
    return figures(str(resource["metadata"]["name"]), status) if status.report else None


def figures(run: str, status: FlowRunStatus) -> Figures:
    """Of a status that has a report."""
    report = status.report or Report(seconds=0, tasks=0)
    spent = report.thread_seconds
    return Figures(
        run=run,
        phase=status.phase or "",
        reason=status.reason if status.phase != "Succeeded" else "",
        seconds=report.seconds,
        tasks=report.tasks,
        failed=report.failed,
        efficiency=report.efficiency,
        paid=spent.paid,
        busy=spent.busy,
        idle=spent.idle,
        queued=spent.queued,
        absent=report.workers.absent,
        memory=_memory(report),
        moved=whole(report.moved),
        moving=report.moved_seconds,
        workers=report.workers.count,
        threads=report.workers.threads,
        deaths=report.workers.deaths,
        prefixes=tuple(_prefixes(report)),
        whole=sum(each.tasks for each in report.prefixes) >= report.tasks,
        cost=f"{report.cost.amount} {report.cost.currency}".strip() if report.cost else "",
        hints=report.hints,
        areas=areas(report),
        attempts=_attempts(status),
        record=report.record or "",
        note=report.note or "",
    )


def why_none(resource: Mapping[str, Any]) -> str:
    """Why a run has no report and what to do, in one sentence."""
    name = str(resource["metadata"]["name"])
    status = status_of(resource)
    last = status.attempts[-1] if status.attempts else None
    if status.phase not in TERMINAL_PHASES:
        phase = status.phase or "Pending"
        return f"{name} is {phase}, and a report is written at its end; wait for that: daskflow wait {name}"
    if last is None or last.flow_start_time is None:
        return (
            f"{name} ended before its flow had begun, and there is nothing to report; "
            f"daskflow explain {name} says why"
        )
    if not last.cluster and not (resource.get("spec") or {}).get("clusterRef"):
        return (
            f"{name} has no report: it ran without a Dask scheduler that daskflow has started, and only such "
            "a one keeps count; run it with spec.cluster.workers or spec.clusterRef"
        )
    return (
        f"{name} has no report: its pods were gone before they could hand one over, or its operator is older "
        f"than reports (daskflow version tells); run it again: daskflow retry {name}"
    )


def areas(report: Report) -> Areas | None:
    """The timeline in threads; None where there is none that can be read."""
    try:
        timeline = decoded(report.timeline) if report.timeline else None
    except ValueError:
        return None
    if timeline is None or len(timeline.busy) > len(report.prefixes):
        return None
    bands = [Band(prefix.name, row) for prefix, row in zip(report.prefixes, timeline.busy, strict=False)]
    whole_bins = timeline.width * len(timeline.paid)
    within = whole_bins - timeline.width < report.seconds < whole_bins
    return Areas(
        timeline.width,
        timeline.paid,
        (*bands, Band(OTHERS, timeline.rest, rest=True)),
        report.seconds if within else whole_bins,
    )


def _memory(report: Report) -> Memory:
    use = report.memory
    return Memory(whole(use.peak), use.by, whole(use.limit or "0"), whole(use.spilled))


def _prefixes(report: Report) -> list[Prefix]:
    return [
        Prefix(each.name, each.tasks, each.seconds, each.longest, whole(each.bytes))
        for each in report.prefixes
    ]


def _attempts(status: FlowRunStatus) -> tuple[AttemptFigures, ...]:
    if len(status.attempts) < 2:
        return ()
    return tuple(
        AttemptFigures(each.number, each.outcome or "", each.efficiency, whole(each.peak_memory or "0"))
        for each in status.attempts
    )
