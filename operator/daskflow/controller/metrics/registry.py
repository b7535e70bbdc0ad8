"""Counts what the parts of the operator report: one registry a process, whose methods are given to them."""

import platform
from collections.abc import Iterable
from typing import Any

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from daskflow import __version__
from daskflow.api.reason_columns import Charge
from daskflow.api.reasons import Reason
from daskflow.controller.kubernetes.kinds import CUSTOM
from daskflow.controller.kubernetes.verbs import TIMEOUT, ApiError
from daskflow.controller.metrics.definitions import DEFINITIONS, Definition

ERRORS = ("timeout", "conflict", "throttled", "server", "denied", "refused", "unsettled", "bug")
REASONS = frozenset(reason.value for reason in Reason)
FAILURES = (*(each.value for each in Reason if each.charge is not Charge.NOTHING), "Other")
"""Reasons for which attempts fail, as labels."""


def bounded(reason: str) -> str:
    """A reason as a label: what kubelets and users say in their own words is Other."""
    return reason if not reason or reason in REASONS else "Other"


class Registry:
    """`text` is what a scrape is answered."""

    def __init__(self) -> None:
        # A second series for each, of when it began: nobody asks for it.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        self._metrics: dict[str, Any] = {each.name: self._made(each) for each in DEFINITIONS}
        self._blind: dict[tuple[str, str], str] = {}
        """What may not be read at present, by verb and kind, and what the API server says of it."""
        self.set("daskflow_build_info", 1, __version__, platform.python_version())
        # A series that begins with its first error, or failure, shows no increase.
        for kind in CUSTOM:
            for error in ERRORS:
                self.count("daskflow_reconcile_errors_total", kind, error, times=0)
        for reason in FAILURES:
            self.count("daskflow_run_attempts_total", "Failed", reason, times=0)
            self.count("daskflow_runs_ended_total", "Failed", reason, times=0)

    def _made(self, each: Definition) -> Counter | Gauge | Histogram:
        arguments: dict[str, Any] = {"labelnames": each.label_names, "registry": self._registry}
        if each.type == "counter":
            return Counter(each.name, each.help, **arguments)
        if each.type == "gauge":
            return Gauge(each.name, each.help, **arguments)
        return Histogram(each.name, each.help, buckets=each.buckets, **arguments)

    def text(self) -> bytes:
        """In Prometheus' format."""
        return generate_latest(self._registry)

    def count(self, name: str, *labels: str, times: float = 1) -> None:
        """A counter goes up."""
        self._of(name, labels).inc(times)

    def observe(self, name: str, seconds: float, *labels: str) -> None:
        """A histogram takes a value; clocks that differ make none less than 0."""
        self._of(name, labels).observe(max(0.0, seconds))

    def set(self, name: str, value: float, *labels: str) -> None:
        """A gauge has a value."""
        self._of(name, labels).set(value)

    def set_all(self, name: str, values: Iterable[tuple[tuple[str, ...], float]]) -> None:
        """A gauge has these values, by its labels, and no others."""
        self._metrics[name].clear()
        for labels, value in values:
            self.set(name, value, *labels)

    def _of(self, name: str, labels: tuple[str, ...]) -> Any:
        metric = self._metrics[name]
        return metric.labels(*labels) if labels else metric

    # --- what parts are given

    def reconciled(self, kind: str, result: str, seconds: float) -> None:
        """A reconcile of an object of this kind ended; `result` is ok, error, unsettled or bug."""
        self.count("daskflow_reconciles_total", kind, result)
        self.observe("daskflow_reconcile_seconds", seconds, kind)

    def failed(self, kind: str, error: Exception) -> None:
        """One is to be tried again."""
        self.count("daskflow_reconcile_errors_total", kind, error_word(error))

    def requested(self, verb: str, kind: str, code: int, denied: str = "", seconds: float = 0.0) -> None:
        """The API server answered, or did not (0); `denied`: its words, if the operator has no right."""
        self.count("daskflow_api_requests_total", verb, kind, str(code))
        self.observe("daskflow_api_request_seconds", seconds, verb)
        if denied:
            self.count("daskflow_api_denied_total", verb, kind)
        if denied and (verb in ("LIST", "WATCH") or kind == "Lease"):
            self._blind[verb, kind] = denied
        elif 200 <= code < 300:
            # A Lease is made once: no second answer to that call would ever take back that it was refused.
            for each in [each for each in self._blind if each == (verb, kind) or each[1] == kind == "Lease"]:
                del self._blind[each]

    def received(self, verb: str, kind: str, objects: int) -> None:
        """A list or watch brought so many objects or events."""
        self.count("daskflow_api_objects_total", verb, kind, times=objects)

    def blind(self) -> str:
        """What may not be read at present, in one sentence; empty if nothing."""
        for (verb, kind), said in self._blind.items():
            return f"may not {verb.lower()} {kind}s: {said}"
        return ""

    def outdated(self, kinds: Iterable[str]) -> None:
        """Kinds whose definition (CRD) is older than this operator."""
        for kind in kinds:
            self.set("daskflow_definition_outdated", 1, kind)

    def polled(self, result: str) -> None:
        """A scheduler was asked how far its flow is: `result` is news, nothing or error."""
        self.count("daskflow_progress_polls_total", result)

    def fenced(self, verb: str) -> None:
        """A write was not sent."""
        self.count("daskflow_fenced_writes_total", verb)

    def took_over(self, seconds: float) -> None:
        """This operator works, so long after the last sign of whoever led before."""
        self.observe("daskflow_takeover_seconds", seconds)

    def restarted(self, kind: str, why: str) -> None:
        """A watch was opened again; `why` is ended, quiet, gone or failed."""
        self.count("daskflow_watch_restarts_total", kind, why)


def error_word(error: Exception) -> str:
    """What kind of error it is, as a label."""
    if not isinstance(error, ApiError):
        return {"Unsettled": "unsettled"}.get(type(error).__name__, "bug")
    if error.rightless:
        return "denied"
    words = {TIMEOUT: "timeout", 409: "conflict", 429: "throttled"}
    return words.get(error.status, "server" if error.status >= 500 else "refused")
