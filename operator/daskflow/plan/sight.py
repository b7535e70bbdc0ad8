"""What the policies of a FlowRun look at: the run, its open attempt and all that belongs to it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from daskflow.api.conditions import instant
from daskflow.api.daskcluster import DaskClusterStatus
from daskflow.api.daskcluster import status_of as cluster_status_of
from daskflow.api.flowrun import Attempt, FlowRunSpec, FlowRunStatus
from daskflow.api.names import DASK_CLUSTER, LABEL_ATTEMPT, RUNNER, SCHEDULER, WORKER
from daskflow.api.quantities import seconds
from daskflow.manifests.naming import base_name, cluster_name, runner_name
from daskflow.manifests.pods import Place
from daskflow.manifests.settings import Settings
from daskflow.plan.model import Key, Object, Observed
from daskflow.plan.pods import Pod, pods_of


@dataclass(frozen=True)
class Sight:
    """Everything a policy may know. Nothing in here changes while the policies are asked."""

    resource: Object
    spec: FlowRunSpec
    status: FlowRunStatus
    seen: Observed
    now: datetime
    settings: Settings

    @property
    def name(self) -> str:
        """The run's name."""
        return str(self.resource["metadata"]["name"])

    @property
    def namespace(self) -> str:
        """The run's namespace."""
        return str(self.resource["metadata"]["namespace"])

    @property
    def uid(self) -> str:
        """The run's uid."""
        return str(self.resource["metadata"]["uid"])

    @property
    def spec_changed(self) -> bool:
        """Whether the status has yet to say that this spec was seen."""
        generation: int = self.resource["metadata"].get("generation", 0)
        return self.status.observed_generation != generation

    @property
    def last_attempt(self) -> Attempt | None:
        """The newest attempt, open or closed."""
        return self.status.attempts[-1] if self.status.attempts else None

    @property
    def attempt(self) -> Attempt | None:
        """The open attempt, if there is one."""
        last = self.last_attempt
        return last if last and last.end_time is None else None

    @cached_property
    def clusters(self) -> tuple[Object, ...]:
        """All DaskClusters of the run that still exist."""
        return tuple(child for child in self.seen.children if child["kind"] == DASK_CLUSTER)

    @cached_property
    def runners(self) -> tuple[Pod, ...]:
        """All runner pods of the run that still exist."""
        return pods_of(self.seen.children, RUNNER)

    @cached_property
    def cluster(self) -> Object | None:
        """The DaskCluster of the open attempt."""
        if self.attempt is None:
            return None
        name = cluster_name(self.name, self.uid, self.attempt.number)
        return next((item for item in self.clusters if item["metadata"]["name"] == name), None)

    @cached_property
    def cluster_status(self) -> DaskClusterStatus:
        """The status of the open attempt's DaskCluster."""
        return cluster_status_of(self.cluster or {})

    @cached_property
    def runner(self) -> Pod | None:
        """The runner's pod of the open attempt."""
        if self.attempt is None:
            return None
        name = runner_name(self.name, self.uid, self.attempt.number)
        return next((pod for pod in self.runners if pod.name == name), None)

    @cached_property
    def members(self) -> tuple[Object, ...]:
        """What the open attempt's DaskCluster owns."""
        return self.seen.grandchildren.get(self.cluster["metadata"]["uid"], ()) if self.cluster else ()

    @cached_property
    def scheduler(self) -> Pod | None:
        """The scheduler's pod of the open attempt."""
        return next(iter(pods_of(self.members, SCHEDULER)), None)

    @cached_property
    def workers(self) -> tuple[Pod, ...]:
        """The workers' pods of the open attempt."""
        return pods_of(self.members, WORKER)

    @cached_property
    def place(self) -> Place | None:
        """Where the open attempt's scheduler is to be found, once its Service has an address."""
        service = next((item for item in self.members if item["kind"] == "Service"), None)
        ip = ((service or {}).get("spec") or {}).get("clusterIP")
        if not ip or self.attempt is None:
            return None
        base = base_name(self.name, self.uid, self.attempt.number)
        return Place(base, ip, tls=self.spec.security.tls.mode == "Managed")

    @property
    def leftover_clusters(self) -> tuple[Object, ...]:
        """DaskClusters of closed attempts."""
        return tuple(item for item in self.clusters if item is not self.cluster and self._known(item))

    @property
    def leftover_runners(self) -> tuple[Pod, ...]:
        """Runner pods of closed attempts."""
        return tuple(pod for pod in self.runners if pod is not self.runner and self._known(pod.raw))

    def _known(self, child: Object) -> bool:
        """Whether our status has heard of its attempt: a newer leader may have opened one since."""
        labels = child["metadata"].get("labels") or {}
        return int(labels.get(LABEL_ATTEMPT, 0)) <= self.status.attempt

    @property
    def begun(self) -> bool:
        """Whether the open attempt's flow is known to have begun."""
        return bool(self.attempt and (self.attempt.flow_start_time or (self.runner and self.runner.started)))

    @property
    def deadline_start(self) -> datetime | None:
        """When the open attempt's flow must have begun."""
        if self.attempt is None:
            return None
        return instant(self.attempt.start_time) + timedelta(seconds=seconds(self.spec.deadlines.start))

    @property
    def deadline_active(self) -> datetime | None:
        """When the whole run must have ended; time suspended does not count."""
        if self.spec.deadlines.active is None or self.status.start_time is None:
            return None
        allowed = seconds(self.spec.deadlines.active) + (self.status.suspended_seconds or 0)
        since = self.status.suspend_time
        now_suspended = self.now - instant(since) if since else timedelta()
        return instant(self.status.start_time) + timedelta(seconds=allowed) + now_suspended

    def key(self, kind: str, name: str) -> Key:
        """The key of an object in the run's namespace."""
        return Key(kind, self.namespace, name)
