"""Making a DaskJob's cluster and runner, and letting the runner start once it is written down which it is."""

import re
from collections.abc import Mapping

from pydantic import ValidationError

from daskflow.api.dask_kubernetes.job import spec_of
from daskflow.api.dask_kubernetes.names import ANNOTATION_RUNNER, MAX_NAME
from daskflow.api.invalid_spec import sentence
from daskflow.api.names import GATE_JOURNAL, kind_of
from daskflow.api.reasons import Reason
from daskflow.manifests.dask_kubernetes.injection import heeded, refusal
from daskflow.manifests.dask_kubernetes.objects import cluster_of
from daskflow.manifests.dask_kubernetes.pods import runner_pod
from daskflow.plan.dask_kubernetes.job.ending import failed, failed_at_once
from daskflow.plan.dask_kubernetes.job.status import status, told
from daskflow.plan.dask_kubernetes.job.view import BEGUN, JobView
from daskflow.plan.model import AGAIN, Event, Object, Patch, Plan
from daskflow.plan.refusals import explained, hopeless

_GATES = ({"name": GATE_JOURNAL},)
_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")


def invalid(view: JobView) -> Plan | None:
    """Speaks of what cannot be made; what has begun goes on as it was begun."""
    fault = "" if view.begun else _fault(view)
    return failed(view, Reason.SPEC_INVALID, fault) if fault else None


def _fault(view: JobView) -> str:
    """What is wrong with name or spec, in a sentence; empty: nothing."""
    if len(view.name) > MAX_NAME or not _NAME.fullmatch(view.name):
        return (
            f"metadata.name: {view.name} cannot be the name of a Dask cluster; make the job anew with at "
            f"most {MAX_NAME} letters, digits and dashes."
        )
    try:
        spec = spec_of(view.resource)
    except ValidationError as error:
        return sentence(error)
    installed = view.settings.dask_kubernetes
    fault = refusal(
        view.resource, spec.cluster.spec.scheduler.service, installed.injection, installed.service_types
    )
    if fault:
        return fault
    containers = spec.job.spec.get("containers")
    if not isinstance(containers, list) or not containers:
        return "spec.job.spec.containers: there is none; name the container that runs the program."
    if not all(isinstance(each, Mapping) and _legible_env(each) for each in containers):
        return "spec.job.spec.containers: each is an object, and so is each entry of its env."
    gates = spec.job.spec.get("schedulingGates") or []
    return "" if isinstance(gates, list) else "spec.job.spec.schedulingGates: it is no list."


def _legible_env(container: Mapping[str, object]) -> bool:
    env = container.get("env") or []
    return isinstance(env, list) and all(isinstance(each, Mapping) for each in env)


def conflict(view: JobView) -> Plan | None:
    """Speaks when the name of cluster or runner is taken: the job waits."""
    if view.begun or not view.word:
        return None
    for occupied in view.seen.occupied:
        what = f"{occupied.key.kind} {occupied.key.name}"
        waits = Plan(requeue_at=view.now + AGAIN)
        if occupied.deleting or occupied.owner_name == view.name:
            return waits
        message = f"{what} exists and is not this job's; delete it, or make the job anew with another name."
        return told(view, Reason.NAME_CONFLICT, message) + waits
    return None


def refused(view: JobView) -> Plan | None:
    """Speaks when the API server does not take cluster or runner: the job waits, or can never begin."""
    refusals = view.seen.refusals
    if view.begun or not view.word or not refusals or all(each.retry for each in refusals):
        return None
    reason, message = explained(refusals[0])
    if hopeless(refusals[0]):
        return failed(view, reason, message)
    return told(view, reason, message)


def make(view: JobView) -> Plan | None:
    """Creates what is missing, before anything has begun; the first time the job is said to be seen."""
    if view.begun:
        return None
    spec, creates = spec_of(view.resource), list[Object]()
    if view.cluster is None:
        creates.append(cluster_of(view.resource, spec))
    injection = heeded(view.resource, view.settings.dask_kubernetes.injection)
    # What is injected is named after the uid of the cluster.
    if view.runner is None and (view.cluster is not None or not injection.mounts):
        runner = runner_pod(view.resource, spec, view.settings, view.cluster, injection)
        creates.append(_gated(runner))
    if not view.word:
        where = view.resource["metadata"]["namespace"]
        words = f"A DaskJob has been created called {view.name} in {where}."
        created = status(view, "JobCreated").but(events=(Event("Normal", Reason.ACCEPTED.value, words),))
        return created + Plan(creates=tuple(creates))
    return Plan(creates=tuple(creates)) if creates else None


def _gated(pod: Object) -> Object:
    """The pod behind our gate: it may start once its uid is written on the job."""
    spec = pod["spec"]
    return {**pod, "spec": {**spec, "schedulingGates": [*spec.get("schedulingGates", ()), *_GATES]}}


def journal(view: JobView) -> Plan | None:
    """Speaks when both are there, and it is to be written down which pod the runner is."""
    runner = view.runner
    if runner is None:
        return None
    plan = Plan() if view.word in BEGUN else status(view, "ClusterCreated")
    if not view.runner_uid:
        body = {"metadata": {"annotations": {ANNOTATION_RUNNER: f"{view.uid}/{runner.uid}"}}}
        plan += Plan(patches=(Patch(view.key, view.uid, body),))
    return plan if plan.acts else None


def release(view: JobView) -> Plan | None:
    """Speaks when the runner that is written down waits for us: it may start."""
    runner = view.runner
    if runner is None or not runner.gated or view.runner_uid != runner.uid:
        return None
    body = {"spec": {"schedulingGates": list(runner.other_gates)}}
    return Plan(patches=(Patch(runner.key, runner.uid, body),))


def unfit(view: JobView) -> Plan | None:
    """Speaks when the cluster can never be."""
    cluster = view.cluster
    said = (cluster or {}).get("status") or {}
    if cluster is None or said.get("phase") != "Error":
        return None
    why = said.get("message") or "its spec is not valid"
    message = f"The {kind_of(cluster).partition('.')[0]} {view.name} cannot be made: {why}"
    return failed_at_once(view, Reason.CLUSTER_UNFIT, message)
