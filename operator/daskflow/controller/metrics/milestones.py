"""How long the steps of runs take, as the store hears of them.

Watches go on in one that stands by, so that it has every beginning when it leads; only who leads observes,
or each step would be counted by two.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from daskflow.api.conditions import instant
from daskflow.api.flowrun_report import Report
from daskflow.api.flowrun_status import status_of
from daskflow.api.names import (
    ANNOTATION_SCHEDULED_TIME,
    DASK_CLUSTER,
    FLOW_RUN,
    LABEL_COMPONENT,
    LABEL_RUN,
    RUNNER,
    SCHEDULER,
)
from daskflow.api.pool_use import CLAIMED
from daskflow.api.quantities import quantity
from daskflow.controller.kubernetes.verbs import controller_of
from daskflow.controller.metrics.registry import Registry, bounded
from daskflow.plan.model import Key, Object

REMEMBERED = 10_000
"""Runs whose beginning or end is remembered: of more, the oldest are forgotten."""
TERMINAL = ("Succeeded", "Failed", "Cancelled")
_AT_ONCE = ("", "Pending", "Starting", "Running")


class Milestones:
    """`told` is what the store calls with each change; `now` is the wall clock."""

    def __init__(self, registry: Registry, leads: Callable[[], bool], now: Callable[[], datetime]) -> None:
        self._registry = registry
        self._leads = leads
        self._now = now
        self._seen: OrderedDict[str, float] = OrderedDict()
        """By uid of a run that has not begun: when it was first seen."""
        self._made: OrderedDict[str, None] = OrderedDict()
        """Runs of which the runner's pod was seen."""
        self._ended: OrderedDict[Key, datetime] = OrderedDict()
        """By run: when its runner's container ended."""
        self._known: OrderedDict[Key, datetime] = OrderedDict()
        """By run: when its status said that it has ended, until its runner's container has, too."""
        self._pods: OrderedDict[Key, set[str]] = OrderedDict()
        """By run: the schedulers and workers that are there (uids)."""
        self._ending: OrderedDict[Key, float] = OrderedDict()
        """By run: since when they are told to go."""

    def told(self, key: Key, body: Object | None, before: Object | None) -> None:
        """An object was put, or (None) removed; `before` is how it was known."""
        if key.kind == FLOW_RUN and body is not None:
            self._run(key, body, before)
        elif key.kind == "Pod":
            self._pod(body, before)
        elif key.kind == DASK_CLUSTER and body is not None and before is not None and self._leads():
            was, desired = _desired(before), _desired(body)
            if was is not None and desired is not None and was != desired:
                direction = "up" if desired > was else "down"
                self._registry.count("daskflow_scaling_decisions_total", direction)

    def _run(self, key: Key, run: Object, before: Object | None) -> None:
        uid, status = run["metadata"]["uid"], run.get("status") or {}
        was: Mapping[str, Any] = (before or {}).get("status") or {}
        phase = status.get("phase") or ""
        if before is None or before["metadata"]["uid"] != uid:
            self._ended.pop(key, None)
        if before is None and not phase:
            _remember(self._seen, uid, _time())
            self._late(run)
        waits = phase not in _AT_ONCE or status.get("reason") in ("QuietHours", "ClusterNotReady")
        if waits and not status.get("flowStartTime"):
            self._seen.pop(uid, None)
        if status.get("flowStartTime") and not was.get("flowStartTime"):
            at = self._seen.pop(uid, None)
            if at is not None:
                self._observe("daskflow_run_first_line_seconds", _time() - at)
                self._observe("daskflow_start_seconds", _time() - at, _source(status))
        if before is not None:
            self._closed(key, status, was)
        if phase in TERMINAL and was.get("phase") not in TERMINAL and before is not None:
            self._count("daskflow_runs_ended_total", phase, bounded(str(status.get("reason") or "")))
            _remember(self._known, key, self._now())
            self._end_known(key)

    def _late(self, run: Object) -> None:
        """Of a run that has just come: how late, if a schedule's tick has made it."""
        text = (run["metadata"].get("annotations") or {}).get(ANNOTATION_SCHEDULED_TIME, "")
        try:
            made = (self._now() - instant(run["metadata"]["creationTimestamp"])).total_seconds()
            # One that is known from a list may be of yesterday.
            if text and made < 60.0:
                late = (self._now() - instant(text)).total_seconds()
                self._observe("daskflow_schedule_lateness_seconds", late)
        except (KeyError, TypeError, ValueError):  # TypeError: one without a zone
            return

    def _closed(self, key: Key, status: Mapping[str, Any], was: Mapping[str, Any]) -> None:
        before = {each["number"]: each for each in was.get("attempts") or ()}
        attempts: Sequence[Any] = status.get("attempts") or ()
        for each in attempts:
            if each["number"] not in before and (claim := each.get("claim")):
                self._count("daskflow_claims_total", bounded(str(claim.get("reason") or "")))
            if each.get("endTime") and not before.get(each["number"], {}).get("endTime"):
                outcome, reason = each.get("outcome") or "Failed", bounded(str(each.get("reason") or ""))
                self._count("daskflow_run_attempts_total", outcome, reason)
                # The report is the last one's, and several may have closed since a status came.
                if each is attempts[-1] and (report := status_of({"status": status}).report):
                    self._used(key.namespace, report)

    def _used(self, namespace: str, report: Report) -> None:
        """Once an attempt: it is closed by the write that brings its report."""
        spent, spilled = report.thread_seconds, float(quantity(report.memory.spilled))
        self._count("daskflow_run_thread_seconds_total", namespace, "paid", times=spent.paid)
        self._count("daskflow_run_thread_seconds_total", namespace, "busy", times=spent.busy)
        self._count("daskflow_run_spilled_bytes_total", namespace, times=spilled)

    def _pod(self, body: Object | None, before: Object | None) -> None:
        pod = body or before
        if pod is None or not (run_name := _label(pod, LABEL_RUN)):
            return
        run = Key(FLOW_RUN, pod["metadata"]["namespace"], run_name)
        if _label(pod, LABEL_COMPONENT) == RUNNER:
            self._runner(run, pod, new=before is None)
        else:
            self._computes(run, body, pod["metadata"]["uid"])

    def _runner(self, run: Key, pod: Object, *, new: bool) -> None:
        owner = str((controller_of(pod) or {}).get("uid", ""))
        if new and owner in self._seen and owner not in self._made:
            _remember(self._made, owner, None)
            self._observe("daskflow_run_pods_created_seconds", _time() - self._seen[owner])
        if new:
            self._ended.pop(run, None)  # of the attempt before
        if (at := _finished(pod, self._now())) and run not in self._ended:
            _remember(self._ended, run, at)
            self._end_known(run)

    def _end_known(self, run: Key) -> None:
        """Both have come: the scheduler may have told of the end before the runner's pod did."""
        if run in self._known and run in self._ended:
            seconds = (self._known.pop(run) - self._ended[run]).total_seconds()
            self._observe("daskflow_run_end_known_seconds", seconds)

    def _computes(self, run: Key, body: Object | None, uid: str) -> None:
        """A scheduler or worker: it is told to go with its run, or is gone."""
        pods = self._pods.get(run, set())
        if body is not None:
            _remember(self._pods, run, pods | {uid})
            # Workers come and go; the scheduler goes with all of them.
            ends = "deletionTimestamp" in body["metadata"]
            if ends and _label(body, LABEL_COMPONENT) == SCHEDULER and run not in self._ending:
                _remember(self._ending, run, _time())
            return
        pods.discard(uid)
        if not pods:
            self._pods.pop(run, None)
            since = self._ending.pop(run, None)
            if since is not None:
                self._observe("daskflow_run_pods_gone_seconds", _time() - since)

    def _observe(self, name: str, seconds: float, *labels: str) -> None:
        if self._leads():
            self._registry.observe(name, seconds, *labels)

    def _count(self, name: str, *labels: str, times: float = 1) -> None:
        if self._leads():
            self._registry.count(name, *labels, times=times)


def _source(status: Mapping[str, Any]) -> str:
    """Of the last attempt's cluster: whether it had waited."""
    attempts: Sequence[Any] = status.get("attempts") or ({},)
    claim = attempts[-1].get("claim") or {}
    return "warm" if claim.get("reason") == CLAIMED and claim.get("waited") is not False else "cold"


def _time() -> float:
    return asyncio.get_running_loop().time()


def _remember(known: OrderedDict[Any, Any], what: object, value: object) -> None:
    known[what] = value
    known.move_to_end(what)
    while len(known) > REMEMBERED:
        known.popitem(last=False)


def _label(pod: Object, name: str) -> str:
    return str((pod["metadata"].get("labels") or {}).get(name) or "")


def _desired(cluster: Object) -> int | None:
    found: int | None = ((cluster.get("status") or {}).get("workers") or {}).get("desired")
    return found


def _finished(pod: Object, now: datetime) -> datetime | None:
    """When the runner's own container ended: as its node says, else now."""
    for each in (pod.get("status") or {}).get("containerStatuses") or ():
        ended = (each.get("state") or {}).get("terminated")
        if each.get("name") == RUNNER and ended is not None:
            # A kubelet that never started it (its image could not be pulled) knows no time: null.
            try:
                return instant(ended.get("finishedAt") or "")
            except ValueError:
                return now
    return None
