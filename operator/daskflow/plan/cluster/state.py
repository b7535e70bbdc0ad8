"""How a DaskCluster is: Starting, Ready, or Degraded for want of workers."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from daskflow.api.names import PORT_CONTROL
from daskflow.api.quantities import seconds
from daskflow.api.reasons import Reason
from daskflow.api.wording import are, counted
from daskflow.plan.cause import Cause
from daskflow.plan.cluster.certificates import expiring_at
from daskflow.plan.cluster.groups import Group
from daskflow.plan.cluster.making import refusal, retry
from daskflow.plan.cluster.status import report, standby
from daskflow.plan.cluster.view import ClusterView
from daskflow.plan.cluster.workers import next_proof, replenish, shrink, trouble
from daskflow.plan.model import Plan
from daskflow.plan.pod.nodes import late, next_late, sentence
from daskflow.plan.pod.obstacles import causes_of, next_look
from daskflow.plan.pod.pod import Pod
from daskflow.plan.pod.pods import settled_at
from daskflow.plan.refusals import refused
from daskflow.plan.workers.backoff import failing

Words = tuple[str, Reason, str]
"""Phase, reason and message."""

ARRIVAL = timedelta(minutes=2)
"""After its creation, a worker that has not registered is not one that is about to. From then on, too, it is
said of a runner that it should have come to wait beside a scheduler that is ready."""


def words(view: ClusterView) -> Words:
    """What there is to say, by what is seen now."""
    if (answer := refusal(view)) is not None:
        cause = refused(answer)
        begun = view.status.scheduler is not None
        phase = "Degraded" if begun else "Failed" if cause.certain else "Pending"
        return phase, cause.reason, cause.message
    if (pod := late((view.scheduler,), view.now)) is not None:
        return "Degraded", Reason.NODE_UNREACHABLE, sentence(pod)
    for group in view.groups:
        found = trouble(group, view.now)
        if found is not None and failing(group, view.now):
            return ("Degraded", *found)
    enough = _enough(view)
    if enough and not _awaits_runner(view):
        return _ready(view)
    begun = view.status.phase in ("Ready", "Degraded")
    obstacle = next(_obstacles(view), None)
    if obstacle is not None:
        return "Degraded" if begun else "Starting", obstacle.reason, obstacle.message
    if enough and begun:
        message = "The runner that waited with the cluster waits no more, or a run has claimed it."
        return "Degraded", Reason.RUNNER_NOT_PARKED, message
    if enough and (at := _overdue_at(view)) and view.now >= at:
        return "Starting", Reason.RUNNER_NOT_PARKED, _overdue(view)
    if not begun:
        return "Starting", Reason.STARTING, f"Starting scheduler and {counted(view.desired, 'worker')}."
    message = f"{_there(view)} of {counted(view.desired, 'worker')} {are(view.desired)} ready."
    return "Degraded", Reason.WAITING_FOR_WORKERS, message


def _awaits_runner(view: ClusterView) -> bool:
    """Whether it is to wait for a run, and its scheduler has not said that it does."""
    said = standby(view)
    return view.waits and (said is None or not said.parked)


def _overdue_at(view: ClusterView) -> datetime | None:
    """When a runner that does not wait yet should long have come that far."""
    if not view.waits or view.scheduler is None or view.runner is None or view.status.phase == "Ready":
        return None
    ready_at = view.scheduler.ready_at
    return ready_at + ARRIVAL if ready_at and _awaits_runner(view) else None


def _overdue(view: ClusterView) -> str:
    assert view.runner is not None
    preload = view.spec.standby.preload if view.spec.standby else ()
    modules = f" (preload: {', '.join(preload)})" if preload else ""
    return (
        f"The runner has not come as far as to wait for a run; see in the log of pod {view.runner.name} what "
        f"its imports{modules} wait for."
    )


def _ready(view: ClusterView) -> Words:
    there = _there(view)
    count = counted(view.desired, "worker")
    message = f"Scheduler and {f'{there} of ' if there < view.desired else ''}{count} are ready."
    held = view.scaling.held if view.scaling else {}
    if not held:
        return "Ready", Reason.READY, message
    name, what = min(held.items())
    more = f", and {counted(len(held) - 1, 'more worker')} likewise" if len(held) > 1 else ""
    message = f"{message[:-1]}; {name} is to go and stays, since it holds {what}{more}."
    return "Ready", Reason.HOLDING_ACTORS, message


def _there(view: ClusterView) -> int:
    """Ready workers, those that are too many in one group not making up for others."""
    return sum(min(group.ready, group.desired) for group in view.groups)


def _enough(view: ClusterView) -> bool:
    """Whether each group has all of its workers, or after its patience the required ones."""
    if view.scheduler is None or not view.scheduler.started:
        return False
    return all(group.ready >= _needed(view, group) for group in view.groups)


def _needed(view: ClusterView, group: Group) -> int:
    """Where the number follows the demand, more than the least is on its way and nobody waits for it."""
    needed = group.desired if group.spec.autoscale is None else group.spec.autoscale.minimum
    patient_until = _patient_until(view, group)
    if group.spec.required is None or patient_until is None or view.now < patient_until:
        return needed
    return min(needed, group.spec.required)


def _patient_until(view: ClusterView, group: Group) -> datetime | None:
    ready_at = view.scheduler.ready_at if view.scheduler and view.scheduler.started else None
    return None if ready_at is None else ready_at + timedelta(seconds=seconds(group.spec.patience))


def _obstacles(view: ClusterView) -> Iterator[Cause]:
    """What keeps pods from starting; of a run's cluster the run itself tells that."""
    if view.leased and not view.waits:
        return
    for single in (view.scheduler, view.runner):
        if single is not None:
            yield from causes_of(single, view.now)
    for group in view.groups:
        for pod in group.staying:
            yield from causes_of(pod, view.now)
    if view.waits and view.scaling is not None and view.scaling.lost:
        message = (
            "The operator cannot reach the scheduler, so that no run could claim the cluster; let the "
            f"operator's pods connect to port {PORT_CONTROL} of its pod."
        )
        if view.scheduler is not None and view.scheduler.condition("Ready").get("status") == "False":
            node = view.scheduler.raw["spec"].get("nodeName", "")
            message = f"Pod {view.scheduler.name} is not ready; check that node {node} answers."
        yield Cause(Reason.LISTENER_UNREACHABLE, message, certain=False)


def _waited_for(view: ClusterView) -> Iterator[Pod]:
    pods = (view.scheduler, view.runner, *view.workers)
    return (pod for pod in pods if pod is not None and not pod.started)


def refusals(view: ClusterView) -> Plan | None:
    """The API server does not take one of the children; tried again now and then, if it may heal."""
    if refusal(view) is None:
        return None
    return report(view, *words(view)) + (retry(view) or shrink(view))


def state(view: ClusterView) -> Plan:
    """Says how it is, where that is news; counts when they have settled."""
    patience = (_patient_until(view, group) for group in view.groups if group.spec.required is not None)
    obstacles = None if view.leased and not view.waits else next_look(_waited_for(view), view.now)
    wake_ups = (
        (replenish(view) + shrink(view)).requeue_at,
        next_proof(view),
        expiring_at(view),
        _overdue_at(view),
        obstacles,
        *patience,
    )
    wake_ups = (*wake_ups, next_late((view.scheduler,), view.now))
    later = Plan(requeue_at=min((at for at in wake_ups if at and at > view.now), default=None))
    if view.scheduler is None:
        return later
    phase, reason, message = words(view)
    old = view.status
    unremarkable = phase == "Starting" == old.phase and reason is Reason.STARTING and not old.reason
    if view.leased and unremarkable and not view.spec_changed:
        return later
    plan = report(view, phase, reason, message)
    at = max(settled_at(view.workers, view.now), _arrived_at(view))
    # What is ordinary says numbers, which come and go: it can wait until they stand still.
    hasty = not reason.ordinary or view.spec_changed or (phase == "Ready" and old.phase != "Ready")
    hasty |= standby(view) != old.standby
    if plan.acts and not hasty and view.now < at:
        return later + Plan(requeue_at=at)
    return plan + later


def _arrived_at(view: ClusterView) -> datetime:
    """When a few more of many workers are worth a write, though others are still on their way.

    Each time that news of one is late it looks as if the number stood still; a tenth of them is news.
    """
    change = abs(view.ready - view.status.workers.ready)
    waited_for = [pod.created_at for group in view.groups for pod in group.staying if not pod.started]
    if not waited_for or change * 10 >= view.desired:
        return view.now
    return max(waited_for) + ARRIVAL
