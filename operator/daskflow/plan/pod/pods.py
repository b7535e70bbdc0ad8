"""Pods together: those of a component, a cluster's one scheduler, and when their number has stood still."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from daskflow.api.daskcluster import DaskClusterStatus
from daskflow.api.names import SCHEDULER
from daskflow.plan.model import Object
from daskflow.plan.pod.pod import Pod

SETTLING = timedelta(seconds=2)
"""For so long no worker has become ready, or ceased to be, before their number is written.

With a change of phase it goes along anyway.
"""


def pods_of(objects: tuple[Object, ...], component: str) -> tuple[Pod, ...]:
    """The pods among these objects that have this component, oldest name first."""
    pods = (Pod(item) for item in objects if item["kind"] == "Pod")
    return tuple(sorted((pod for pod in pods if pod.component == component), key=lambda pod: pod.name))


def the_scheduler(members: tuple[Object, ...], status: DaskClusterStatus) -> Pod | None:
    """The scheduler among what a DaskCluster owns: the very pod that its status names, if it names one."""
    uid = status.scheduler.uid if status.scheduler else None
    return next((pod for pod in pods_of(members, SCHEDULER) if uid in (None, pod.uid)), None)


def settled_at(workers: Iterable[Pod], now: datetime) -> datetime:
    """When the number of ready workers will have stood still; now or before, if it has."""
    return max((pod.ready_at + SETTLING for pod in workers if pod.ready_at), default=now)
