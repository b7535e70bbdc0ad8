"""Retention: what stays, and for how long, once the run has ended. A terminal phase never changes."""

from datetime import datetime, timedelta

from daskflow.api.conditions import instant, noted
from daskflow.api.flowrun_status import TERMINAL_PHASES
from daskflow.api.names import FLOW_RUN, SCHEDULER, WORKER
from daskflow.api.quantities import seconds
from daskflow.plan.deletion import deleting
from daskflow.plan.model import Delete, Plan
from daskflow.plan.pod.pod import Pod
from daskflow.plan.pod.pods import pods_of
from daskflow.plan.pod.termination import LINGER, end
from daskflow.plan.run.leftovers import removed
from daskflow.plan.run.status import journal
from daskflow.plan.run.view import RunView


def retention(view: RunView) -> Plan | None:
    """Once the run has ended: remove what is due, end what still computes."""
    status = view.status
    if status.phase not in TERMINAL_PHASES or status.completion_time is None:
        return None
    done = instant(status.completion_time)
    spec = view.spec.retention
    success = status.phase == "Succeeded"
    pods_until = done + _span(spec.pods.on_success if success else spec.pods.on_failure)
    runner_until = done + _span(spec.runner.on_success if success else spec.runner.on_failure)
    record = spec.record.on_success if success else spec.record.on_failure
    plan = _noted(view) + _made(view) + _clusters(view, pods_until, done) + _runners(view, runner_until, done)
    if record is not None and not deleting(view.resource):
        key = view.key(FLOW_RUN, view.name)
        plan += _due(view.now, done + _span(record), Plan(deletes=(Delete(key, view.uid),)))
    return plan


def _span(duration: str) -> timedelta:
    return timedelta(seconds=seconds(duration))


def _due(now: datetime, at: datetime, plan: Plan) -> Plan:
    return plan if now >= at else Plan(requeue_at=at)


def _noted(view: RunView) -> Plan:
    """A changed spec is taken note of, so that tools that compare generations do not wait."""
    if not view.spec_changed:
        return Plan()
    generation = view.resource["metadata"]["generation"]
    changes = noted(view.status.conditions, generation)
    return journal(view, **changes)


def _made(view: RunView) -> Plan:
    """Clusters that the flow made are its own to take down; what it left behind goes at once."""
    return removed(view, view.seen.made)


def _clusters(view: RunView, until: datetime, done: datetime) -> Plan:
    plan = Plan()
    for cluster in view.clusters:
        metadata = cluster["metadata"]
        if "deletionTimestamp" in metadata:
            continue
        delete = Delete(view.key(cluster["kind"], metadata["name"]), metadata["uid"])
        plan += _due(view.now, until, Plan(deletes=(delete,)))
        if view.now < until:
            members = view.seen.grandchildren.get(metadata["uid"], ())
            for component in (SCHEDULER, WORKER):
                for pod in pods_of(members, component):
                    plan += _ended(view.now, done, pod)
    return plan


def _runners(view: RunView, until: datetime, done: datetime) -> Plan:
    plan = Plan()
    for pod in view.runners:
        if pod.deleting:
            continue
        plan += _due(view.now, until, Plan(deletes=(pod.deletion(),)))
        if view.now < until:
            plan += _ended(view.now, done, pod)
    return plan


def _ended(now: datetime, done: datetime, pod: Pod) -> Plan:
    return Plan() if pod.ended else _due(now, done + LINGER, end(pod, now))
