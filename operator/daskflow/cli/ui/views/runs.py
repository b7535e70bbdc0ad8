"""The list of runs."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup

from daskflow.api.flowrun_status import status_of
from daskflow.api.names import FLOW_RUN
from daskflow.cli.tables.runs import flow_of
from daskflow.cli.ui.rendering import rendered
from daskflow.cli.ui.source import Source
from daskflow.cli.ui.views.common import frame, nothing, text
from daskflow.cli.ui.views.page import Page
from daskflow.client.connection import Object

PAGE = 50
"""Rows of a page."""
PHASES = ("Pending", "Starting", "Running", "Retrying", "Suspended", "Failed", "Cancelled", "Succeeded")


def runs_page(source: Source, query: Mapping[str, str]) -> Page:
    """The newest runs first; the address has namespace, phase, q (a part of the name) and page."""
    namespace, wanted, q = text(query, "namespace"), text(query, "phase"), text(query, "q").lower()
    found = [run for run in source.newest(FLOW_RUN) if _matches(run, namespace, q)]
    counts = Counter(map(phase_of, found))
    chosen = [run for run in found if wanted in ("", phase_of(run))]
    last = max(1, -(-len(chosen) // PAGE))
    page = min(max(1, _number(query.get("page"))), last)
    shown = chosen[(page - 1) * PAGE : page * PAGE]
    kept = {"namespace": namespace, "q": q}
    chips = [("All", len(found), _address(**kept), not wanted)]
    chips += [
        (each, counts[each], _address(**kept, phase=each), each == wanted)
        for each in PHASES
        if counts[each] or each == wanted
    ]
    filtered = bool(namespace or wanted or q)
    kept["phase"] = wanted
    parts = {
        "phases": rendered("parts/phases.html", chips=chips),
        "empty": rendered(
            "parts/empty.html",
            sentence=""
            if shown
            else nothing(source.feeds[FLOW_RUN], FLOW_RUN, filtered * "No flowruns match."),
            example=not filtered and source.feeds[FLOW_RUN].listed and not source.feeds[FLOW_RUN].troubles,
        ),
        "pages": rendered(
            "parts/pages.html",
            first=(page - 1) * PAGE + 1,
            last=(page - 1) * PAGE + len(shown),
            total=len(chosen),
            before=_address(**kept, page=page - 1) if page > 1 else "",
            after=_address(**kept, page=page + 1) if page < last else "",
        ),
        "namespaces": rendered("parts/namespaces.html", names=source.namespaces),
    }
    return Page(
        "runs.html",
        "Runs",
        frame(source) | parts,
        {"runs": rows_of(shown)},
        {"namespace": namespace, "q": q, "phase": wanted},
    )


def rows_of(runs: Iterable[Object]) -> dict[str, Markup]:
    """Rows of a table of runs, by their ids."""
    return {_id(run): rendered("parts/run_row.html", id=_id(run), **_values(run)) for run in runs}


def phase_of(run: Object) -> str:
    """Pending as long as no operator has seen it."""
    status = run.get("status")
    phase = status.get("phase") if isinstance(status, dict) else None
    return phase if isinstance(phase, str) and phase else "Pending"


def _values(run: Object) -> dict[str, Any]:
    spec = run.get("spec")
    flow = spec.get("flow") if isinstance(spec, dict) else None
    return {
        "name": run["metadata"]["name"],
        "namespace": run["metadata"]["namespace"],
        "created": run["metadata"].get("creationTimestamp"),
        "flow": flow_of(flow if isinstance(flow, dict) else {}),
        "phase": phase_of(run),
        "status": status_of(run),
    }


def _matches(run: Object, namespace: str, q: str) -> bool:
    metadata = run["metadata"]
    return namespace in ("", metadata["namespace"]) and q in metadata["name"]


def _id(run: Object) -> str:
    return f"run/{run['metadata']['namespace']}/{run['metadata']['name']}"


def _address(**query: str | int) -> str:
    found = urlencode({name: value for name, value in query.items() if value not in ("", 1)})
    return f"/?{found}" if found else "/"


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 7 else 1
