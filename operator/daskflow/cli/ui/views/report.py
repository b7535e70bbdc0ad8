"""The report of a run: a part of its page, and a page of its own."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from daskflow.api.flowrun_status import status_of
from daskflow.api.names import FLOW_RUN
from daskflow.cli.ui.source import Source
from daskflow.client.connection import Object
from daskflow.client.errors import NotFound
from daskflow.client.report.difference import difference
from daskflow.client.report.figures import Figures
from daskflow.client.report.html import fragment
from daskflow.client.report.page import page, page_of_two
from daskflow.client.report.reading import figures_of, why_none


def report_of(source: Source, run: Object) -> dict[str, Any]:
    """What the run's own page shows: HTML whose texts are escaped, and the run to compare it with."""
    figures = figures_of(run)
    if figures is None:
        return {"report": "", "before": ""}
    return {"report": Markup(fragment(figures)), "before": _before(source, run)}


def report_page(source: Source, namespace: str, name: str, against: str) -> str:
    """A page without links and scripts; `against` is the name of another run. Raises NotFound."""
    figures = _figures(source, namespace, name)
    if not against:
        return page(figures)
    before = _figures(source, namespace, against)
    return page_of_two(figures, before, difference(figures, before))


def _figures(source: Source, namespace: str, name: str) -> Figures:
    run = source.get(FLOW_RUN, namespace, name)
    if run is None:
        raise NotFound(f"there is no run {name} in namespace {namespace} (any more)")
    figures = figures_of(run)
    if figures is None:
        raise NotFound(why_none(run))
    return figures


def _before(source: Source, run: Object) -> str:
    """The newest run of the same flow that is older than this one and has a report; "" if there is none."""
    metadata, flow = run["metadata"], _flow(run)
    for other in source.newest(FLOW_RUN):
        theirs = other["metadata"]
        older = str(theirs.get("creationTimestamp")) < str(metadata.get("creationTimestamp"))
        alike = theirs["namespace"] == metadata["namespace"] and _flow(other) == flow
        if older and alike and status_of(other).report:
            return str(theirs["name"])
    return ""


def _flow(run: Object) -> dict[str, Any]:
    """Without what differs from run to run."""
    flow = (run.get("spec") or {}).get("flow")
    return {**flow, "parameters": None} if isinstance(flow, Mapping) else {}
