"""What the policies of a DaskAutoscaler look at: its cluster, scheduler and default group, and its rivals."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from math import isfinite

from daskflow.api.dask_kubernetes.autoscaler import DaskAutoscalerSpec, DaskAutoscalerStatus
from daskflow.api.dask_kubernetes.cluster import Worker
from daskflow.api.dask_kubernetes.names import (
    ANNOTATION_COOLDOWN,
    AUTOSCALER,
    SCHEDULER,
    WORKER_GROUP,
    default_group,
)
from daskflow.plan.dask_kubernetes.pod import TheirPod, pods_of
from daskflow.plan.deletion import deleting
from daskflow.plan.model import Object, Observed


@dataclass(frozen=True)
class AutoscalerView:
    """Everything a policy may know."""

    resource: Object
    spec: DaskAutoscalerSpec
    status: DaskAutoscalerStatus
    seen: Observed
    now: datetime

    @property
    def generation(self) -> int:
        """The generation of the spec."""
        return int(self.resource["metadata"].get("generation", 0))

    @property
    def cluster(self) -> Object | None:
        """The DaskCluster that it names, as long as nobody has deleted it."""
        found = self.seen.reference
        return None if found is None or deleting(found) else found

    @cached_property
    def group(self) -> Object | None:
        """The worker group whose number it sets: the cluster's own."""
        name = default_group(self.spec.cluster)
        groups = (each for each in self.seen.neighbours if each["kind"] == WORKER_GROUP)
        return next(
            (each for each in groups if each["metadata"]["name"] == name and not deleting(each)), None
        )

    @property
    def replicas(self) -> int:
        """The number of workers that the group has now."""
        worker = ((self.group or {}).get("spec") or {}).get("worker") or {}
        number = worker.get("replicas")
        return max(0, number) if isinstance(number, int) else int(Worker.model_fields["replicas"].default)

    @property
    def elder(self) -> Object | None:
        """Another autoscaler of the same cluster that was there first: only one sets the number."""
        others = (each for each in self.seen.neighbours if each["kind"] == AUTOSCALER and not deleting(each))
        first = min(others, key=_age, default=self.resource)
        return first if _age(first) < _age(self.resource) else None

    @cached_property
    def service(self) -> Object | None:
        """The cluster's Service."""
        return next((each for each in self._owned if each["kind"] == "Service"), None)

    @cached_property
    def scheduler(self) -> TheirPod | None:
        """The cluster's scheduler, once it takes connections."""
        pods = (pod for pod in pods_of(self._owned) if pod.component == SCHEDULER and pod.ready)
        return next(pods, None)

    @property
    def _owned(self) -> tuple[Object, ...]:
        uid = self.cluster["metadata"]["uid"] if self.cluster else ""
        return self.seen.grandchildren.get(uid, ())

    @property
    def cooldown_until(self) -> float:
        """Until when the number is left alone, in seconds since 1970; 0 where nothing legible says so."""
        text = (self.resource["metadata"].get("annotations") or {}).get(ANNOTATION_COOLDOWN, "")
        try:
            seconds = float(text)
        except ValueError:
            return 0.0
        return seconds if isfinite(seconds) else 0.0


def _age(resource: Object) -> tuple[str, str]:
    meta = resource["metadata"]
    return str(meta.get("creationTimestamp", "")), str(meta["name"])
