"""A DaskJob on its way: its runner runs, or something keeps it from that."""

from daskflow.api.reasons import Reason
from daskflow.plan.dask_kubernetes.job.runner import Runner
from daskflow.plan.dask_kubernetes.job.status import nothing_told, status, told
from daskflow.plan.dask_kubernetes.job.view import JobView
from daskflow.plan.model import Plan
from daskflow.plan.pod.obstacles import causes_of, next_look


def running(view: JobView) -> Plan | None:
    """Speaks when the runner runs and the status does not say so."""
    runner = view.runner
    if runner is None or runner.phase != "Running" or view.word == "Running":
        return None
    return status(view, "Running", runner.began_at or view.now)


def progress(view: JobView) -> Plan:
    """Tells what is in the runner's way, or that nothing is."""
    runner = view.runner
    if runner is None:
        return Plan()
    wakes = Plan(requeue_at=next_look((runner,), view.now))
    if found := _obstacle(view, runner):
        return told(view, *found) + wakes
    return nothing_told(view) + wakes


def _obstacle(view: JobView, runner: Runner) -> tuple[Reason, str] | None:
    """Reason and sentence."""
    if words := runner.failing:
        return Reason.RETRYING, words
    cause = next(causes_of(runner, view.now), None)
    if cause is not None:
        return cause.reason, _in_job(cause.message)
    if runner.policy == "Always" and runner.phase == "Running":
        message = (
            "The runner's restartPolicy is Always, so that the job never ends: it is started again whatever "
            "its end. Write OnFailure or Never in spec.job.spec."
        )
        return Reason.SPEC_INVALID, message
    return None


def _in_job(message: str) -> str:
    """The sentence with the fields of a DaskJob in it."""
    pairs = (
        ("spec.imagePullSecrets", "spec.job.spec.imagePullSecrets"),
        ("in spec.image.", "in spec.job.spec.containers."),
    )
    for ours, theirs in pairs:
        message = message.replace(ours, theirs)
    return message
