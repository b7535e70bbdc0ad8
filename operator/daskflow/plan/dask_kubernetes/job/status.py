"""Writes a DaskJob's status, of which published clients and tests read five fields; reasons go elsewhere.

Why a job waits or has failed is said in Events, and in an annotation of the job, which outlives them.
"""

from datetime import datetime

from daskflow.api.conditions import timestamp
from daskflow.api.dask_kubernetes.names import ANNOTATION_MESSAGE, JobStatus, runner_name
from daskflow.api.reasons import Reason
from daskflow.plan.dask_kubernetes.job.view import JobView
from daskflow.plan.model import Event, Patch, Plan


def status(
    view: JobView, word: JobStatus, began: datetime | None = None, end: datetime | None = None
) -> Plan:
    """The status with this word; `began` and `end` where they are not written down yet."""
    old = view.status
    named = word == "ClusterCreated" or view.begun
    found = {
        "jobStatus": word,
        "clusterName": old.get("clusterName") or (view.name if named else None),
        "jobRunnerPodName": old.get("jobRunnerPodName") or (runner_name(view.name) if named else None),
        "startTime": old.get("startTime") or (timestamp(began) if began else None),
        "endTime": old.get("endTime") or (timestamp(end) if end else None),
    }
    new = {name: value for name, value in found.items() if value is not None}
    return Plan() if new == old else Plan(status=new)


def told(view: JobView, reason: Reason, message: str) -> Plan:
    """This is said of the job in an Event and in its annotation, unless it was said last."""
    return noted(view, reason, message, Event("Warning", reason.value, message))


def noted(view: JobView, reason: Reason, message: str, event: Event | None = None) -> Plan:
    """This is in the job's annotation; `event`: told once it is."""
    text = f"{reason.value}: {message}"
    return Plan() if text == view.message else _annotated(view, text, event)


def nothing_told(view: JobView) -> Plan:
    """What was said of the job is no longer so."""
    return _annotated(view, None) if view.message else Plan()


def _annotated(view: JobView, text: str | None, event: Event | None = None) -> Plan:
    body = {"metadata": {"annotations": {ANNOTATION_MESSAGE: text}}}
    return Plan(patches=(Patch(view.key, view.uid, body, event=event),))
