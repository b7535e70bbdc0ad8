"""What must hold of `status.report`: it is the closed attempt's own, comes as that closes, and stays."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from daskflow.api.flowrun_report import WIRE_LIMIT, Report, size

from tests.simulation.dask.recorded import attempt_of

if TYPE_CHECKING:
    from tests.simulation.scenarios.scenario import Scenario


def report_faults(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """At each write of a run's status."""
    before, report = old.get("report"), new.get("report")
    closed = _ended(new) - _ended(old)
    late = new.get("phase") == "Succeeded" != old.get("phase")
    if before != report and not closed and not late:
        yield f"the report of {name} changed while no attempt was closed"
    if report is None:
        return
    if size(Report.model_validate(report)) > WIRE_LIMIT:
        yield f"the report of {name} has {size(Report.model_validate(report))} bytes"
    last = new["attempts"][-1]
    if closed and attempt_of(report) not in closed:
        yield f"attempt {max(closed)} of {name} was closed with the report of attempt {attempt_of(report)}"
    if closed and (last.get("efficiency"), last.get("peakMemory")) != (
        report.get("efficiency"),
        report["memory"]["peak"],
    ):
        yield f"attempt {last['number']} of {name} has another efficiency or peak than its report"


def report_at_the_end(name: str, scenario: "Scenario", status: Mapping[str, Any]) -> Iterator[str]:
    """Of a run that nothing disturbed on the operator's side."""
    if scenario.reported and not status.get("report"):
        yield f"{name} ended without a report"


def _ended(status: Mapping[str, Any]) -> set[int]:
    return {each["number"] for each in status.get("attempts") or () if each.get("endTime")}
