"""A child's name is taken: by an earlier incarnation, which is waited for, or by anybody else.

That is no fault of the run: its names have a hash of its uid, and there are others.
"""

from daskflow.api.names import DASK_CLUSTER, RUNNER
from daskflow.api.reasons import Reason
from daskflow.api.retries import Budget
from daskflow.manifests.naming import base_name
from daskflow.plan.model import AGAIN, Key, Plan
from daskflow.plan.run.attempts import closed
from daskflow.plan.run.end import End
from daskflow.plan.run.status import journal, report
from daskflow.plan.run.view import RunView


def name_conflict(view: RunView) -> Plan | None:
    """Waits, or gives another name to what has yet to be made; else the next attempt has other names."""
    attempt = view.attempt
    if attempt is None:
        return None
    # Once a scheduler was made a flow may have begun, and can do without one worker, whose name is taken.
    starts = view.cluster is None or view.cluster_status.scheduler is None
    for occupied in view.seen.occupied:
        if not starts and not _is_runner(view, occupied.key):
            continue
        what = f"{occupied.key.kind} {occupied.key.name}"
        if occupied.deleting or (occupied.owner_name and occupied.owner_name in (view.name, attempt.cluster)):
            message = f"{what} of an earlier run of this name is still going away."
            waiting = report(view, view.status.phase or "Starting", Reason.WAITING_FOR_EARLIER, message)
            return waiting + Plan(requeue_at=view.now + AGAIN)
        if renamed := _renamed(view, occupied.key):
            return renamed
        past = not occupied.key.name.startswith(view.base)
        if past or occupied.key.kind == DASK_CLUSTER or view.alone:
            continue  # said of a name that is not wanted any more
        return _given_up(view, what)
    # An operator that begins, or is late, has not met the name itself, and the cluster says it once.
    if starts and view.cluster_status.reason == Reason.NAME_CONFLICT.value:
        return _given_up(view, view.cluster_status.message.partition(" exists")[0])
    return None


def _is_runner(view: RunView, taken: Key) -> bool:
    """Whether it is the name of the runner, without which no flow begins."""
    return view.runner is None and taken == view.key("Pod", view.runner_name)


def _given_up(view: RunView, what: str) -> Plan:
    message = f"{what} exists and is not ours; delete it, or let the next attempt choose another name."
    begun = view.begun_at
    budget: Budget = "infrastructure" if begun else "start"
    return closed(view, End("Failed", Reason.NAME_CONFLICT, message, budget, begun=begun))


def _renamed(view: RunView, taken: Key) -> Plan | None:
    """Another name for what has yet to be made: the cluster, or the runner that needs none."""
    attempt = view.attempt
    assert attempt is not None
    base = base_name(view.name, f"{view.uid}/{taken.name}", attempt.number)
    if not view.alone and taken == view.key(DASK_CLUSTER, attempt.cluster):
        if view.cluster is not None or attempt.cluster_uid is not None:
            return None
        use = view.status.cluster and view.status.cluster.model_copy(update={"name": base})
        return journal(view, attempts=view.journaled(cluster=base), cluster=use)
    if view.alone and attempt.runner and taken == view.key("Pod", attempt.runner.pod):
        if view.runner is not None or attempt.runner.uid is not None:
            return None
        runner = attempt.runner.model_copy(update={"pod": f"{base}-{RUNNER}"})
        return journal(view, attempts=view.journaled(runner=runner))
    return None
