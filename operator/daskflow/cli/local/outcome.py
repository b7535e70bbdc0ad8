"""What came of a local run, in the words and the shape of a FlowRun's status."""

from collections.abc import Mapping
from typing import Any, Literal

from daskflow.api.flowrun_report import Report, fitting, report_of
from daskflow.api.flowrun_status import ClusterUse, Failure, FlowRunStatus, Progress
from daskflow.api.reasons import Reason
from daskflow.api.report_hints import hints
from daskflow.api.wording import one_line

Stopped = tuple[Literal["Cancelled", "Failed"], Reason, str]
"""Phase, reason and message of a run that was ended from here."""


def status(
    record: Mapping[str, Any],
    *,
    started: str,
    ended: str,
    stopped: Stopped | None,
    cluster: ClusterUse | None,
    progress: tuple[int, int],
    report: Report | None = None,
) -> FlowRunStatus:
    """`record` is the runner's termination message, empty if it left none; what the flow said wins."""
    phase, reason, message = _end(record, stopped)
    failure = record.get("failure")
    if phase == "Failed" and not failure:
        failure = {"message": message}
    done, total = progress
    return FlowRunStatus(
        phase=phase,
        reason="" if phase == "Succeeded" else reason.value,
        message=message,
        start_time=started,
        flow_start_time=record.get("begun"),
        completion_time=ended,
        attempt=1,
        cluster=cluster,
        progress=Progress(done=done, total=total, summary=f"{done}/{total}") if total else None,
        result=record.get("result"),
        result_note=record.get("resultNote"),
        failure=Failure.model_validate(failure) if failure and phase != "Succeeded" else None,
        report=report,
    )


def reported(*records: Mapping[str, Any], timeline: bool) -> Report | None:
    """The report in the first of these termination messages that has one, as a status has it."""
    told = next(filter(None, (report_of(record.get("report")) for record in records)), None)
    if told is None:
        return None
    changes = {"hints": hints(told), **({} if timeline else {"timeline": None})}
    return fitting(told.model_copy(update=changes))


def _end(
    record: Mapping[str, Any], stopped: Stopped | None
) -> tuple[Literal["Succeeded", "Failed", "Cancelled"], Reason, str]:
    message = one_line(str(record.get("message") or ""))
    if record.get("outcome") == "Succeeded":
        return "Succeeded", Reason.SUCCEEDED, message
    reason = Reason.of(record.get("reason"))
    if stopped is not None and reason in (None, Reason.TERMINATED, Reason.FLOW_KILLED, Reason.SCHEDULER_LOST):
        return stopped
    if not record:
        return "Failed", Reason.RUNNER_LOST, "The runner's process ended without an outcome."
    reason = reason or Reason.FLOW_FAILED
    phase: Literal["Failed", "Cancelled"] = "Cancelled" if reason is Reason.CANCELLED else "Failed"
    return phase, reason, message or reason.meaning


def printed(found: FlowRunStatus) -> dict[str, Any]:
    """The JSON of `--output`: as in Kubernetes, without what has no meaning here."""
    return {
        key: value
        for key, value in found.dump().items()
        if key not in ("observedGeneration", "conditions", "failures", "attempts")
    }
