"""One run: where it is, what it says, its attempts, what came of it, and its log."""

import time
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from daskflow.api.flowrun_status import TERMINAL_PHASES, FlowRunStatus, status_of
from daskflow.api.names import DASK_CLUSTER, FLOW_RUN
from daskflow.cli.explanation.remedies import NOT_SEEN, remedy
from daskflow.cli.tables.runs import flow_of
from daskflow.cli.ui.logs import COMPONENTS
from daskflow.cli.ui.rendering import pretty, rendered
from daskflow.cli.ui.source import Source
from daskflow.cli.ui.views.common import absent, frame
from daskflow.cli.ui.views.page import Page
from daskflow.cli.ui.views.report import report_of
from daskflow.cli.ui.views.runs import phase_of
from daskflow.client.connection import Object

SAID = {
    "cancel": "It is asked to end.",
    "suspend": "What runs of it is stopped until it is resumed.",
    "resume": "It goes on.",
    "retry": "This is a new run like the old one.",
    "trigger": "This run of the schedule was started by hand.",
}
"""After an action."""


def run_page(source: Source, namespace: str, name: str, query: Mapping[str, str]) -> Page:
    """The address has component and attempt, of the log."""
    run = source.get(FLOW_RUN, namespace, name)
    component = query.get("component") if query.get("component") in COMPONENTS else COMPONENTS[0]
    values = {
        "namespace": namespace,
        "name": name,
        "components": COMPONENTS,
        "component": component,
        "attempt": attempt_of(query),
        "said": SAID.get(query.get("did", ""), ""),
    }
    if run is None:
        return _absent(source, values)
    status, phase = status_of(run), phase_of(run)
    about = {**values, "phase": phase, "status": status, "run": _facts(run)}
    about["todo"] = _todo(status, phase, f"{name} --namespace {namespace}")
    about["cluster"] = _cluster(source, namespace, status)
    about["suspended"] = bool((run.get("spec") or {}).get("suspend"))
    about["cancelling"] = bool((run.get("spec") or {}).get("cancel"))
    about["done"] = phase in TERMINAL_PHASES
    about["result"] = pretty(status.result) if status.result is not None else ""
    about["picture"] = _picture(run, status)
    about |= report_of(source, run)
    names = ("summary", "actions", "attempts", "outcome", "report", "timeline", "cluster")
    parts = {each: rendered(f"parts/run_{each}.html", **about) for each in names}
    return Page("run.html", name, frame(source) | parts, {}, values)


def attempt_of(query: Mapping[str, str]) -> int | None:
    """Whose log is asked for; None for all."""
    text = query.get("attempt", "")
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 7 else None


def _absent(source: Source, values: dict[str, Any]) -> Page:
    parts = {
        each: rendered("parts/none.html", id=each)
        for each in ("actions", "attempts", "outcome", "report", "timeline", "cluster")
    }
    parts["summary"], code = absent(source, FLOW_RUN, "run", values["namespace"], values["name"])
    return Page("run.html", values["name"], frame(source) | parts, {}, values, code)


def _picture(run: Object, status: FlowRunStatus) -> str:
    """What changes with the timeline, tasks each minute: a picture is two lists from the API server."""
    minute = 0 if status.phase in TERMINAL_PHASES else int(time.time() / 60)
    looks = minute, status.phase, status.reason, status.attempts, status.cluster and status.cluster.workers
    return sha256(f"{run['metadata'].get('uid')} {looks}".encode()).hexdigest()[:12]


def _facts(run: Object) -> dict[str, Any]:
    spec = run.get("spec") or {}
    flow: Mapping[str, Any] = spec["flow"] if isinstance(spec.get("flow"), dict) else {}
    return {
        "created": run["metadata"].get("creationTimestamp"),
        "image": spec.get("image") or "",
        "flow": flow_of(flow),
        "parameters": pretty(flow.get("parameters")) if flow.get("parameters") else "",
    }


def _todo(status: FlowRunStatus, phase: str, run: str) -> str:
    if status.phase is None:
        return NOT_SEEN if phase == "Pending" else ""
    return "" if phase == "Succeeded" else remedy(status.reason, run)


def _cluster(source: Source, namespace: str, status: FlowRunStatus) -> dict[str, Any]:
    """The cluster that the present attempt uses, as far as it is known."""
    use = status.cluster
    if use is None or not use.name:
        return {}
    found = source.get(DASK_CLUSTER, namespace, use.name)
    spec = (found or {}).get("spec") or {}
    return {
        "name": use.name,
        "address": use.address or "",
        "workers": use.workers,
        "there": found is not None,
        "dashboard": bool(found) and bool(spec.get("dashboard")),
    }
