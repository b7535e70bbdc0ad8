"""A DaskWorkerGroup of dask-kubernetes and what is there of it."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from daskflow.api.conditions import instant
from daskflow.api.dask_kubernetes.names import scheduler_name
from daskflow.api.dask_kubernetes.worker_group import DaskWorkerGroupSpec, DaskWorkerGroupStatus
from daskflow.manifests.settings import Settings
from daskflow.plan.dask_kubernetes.connections import asked
from daskflow.plan.dask_kubernetes.pod import TheirPod, pods_of
from daskflow.plan.model import Answer, Object, Observed, Question
from daskflow.plan.workers.crew import Crew


@dataclass(frozen=True)
class Workers(Crew):
    """The workers of the group."""

    name: str
    pods: tuple[TheirPod, ...]
    wanted: int
    said: DaskWorkerGroupStatus
    retiring: frozenset[str] = frozenset()

    @property
    def desired(self) -> int:
        """How many workers there should be."""
        return self.wanted

    @property
    def used(self) -> int | None:
        """The highest number that status tells of."""
        return self.said.ordinal


@dataclass(frozen=True)
class GroupView:
    """Everything that its plan is made from."""

    resource: Object
    spec: DaskWorkerGroupSpec
    status: DaskWorkerGroupStatus
    seen: Observed
    now: datetime
    settings: Settings

    @property
    def name(self) -> str:
        """The group's name."""
        return str(self.resource["metadata"]["name"])

    @cached_property
    def workers(self) -> Workers:
        """All its workers. One that has been retired is lost to it, whatever is wanted now."""
        retired = self.answer.retired if self.answer else frozenset()
        return Workers(
            self.name, pods_of(self.seen.children), self.spec.worker.count, self.status, frozenset(retired)
        )

    @property
    def surplus_since(self) -> datetime | None:
        """Since when there are too many, as status tells, where somebody has not edited it."""
        try:
            since = instant(self.status.surplus_since or "")
        except ValueError:
            return None
        return since if since <= self.now else None

    @cached_property
    def _of_cluster(self) -> tuple[Object, ...]:
        cluster = self.seen.reference
        return self.seen.grandchildren.get(cluster["metadata"]["uid"], ()) if cluster else ()

    @cached_property
    def scheduler(self) -> TheirPod | None:
        """The scheduler's pod, if it is there and stays."""
        name = scheduler_name(self.spec.cluster)
        found = (pod for pod in pods_of(self._of_cluster) if pod.name == name)
        return next((pod for pod in found if not pod.deleting and not pod.ended), None)

    @cached_property
    def question(self) -> Question | None:
        """Which of the workers may go, while too many are there; None where there is nobody to ask."""
        workers, pod, cluster = self.workers, self.scheduler, self.seen.reference
        if pod is None or cluster is None or not workers.surplus:
            return None
        service = next((each for each in self._of_cluster if each["kind"] == "Service"), None)
        found = {each.name: each.status.get("podIP", "") for each in workers.staying if each.started}
        return asked(pod, service, cluster, workers=found, surplus=workers.surplus)

    @cached_property
    def answer(self) -> Answer | None:
        """What the scheduler says that is there now."""
        answer = self.seen.answer
        if answer is None or self.scheduler is None or answer.scheduler != self.scheduler.uid:
            return None
        return answer
