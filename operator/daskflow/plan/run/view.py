"""What the policies of a FlowRun look at: the run, its open attempt and all that belongs to it."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError

from daskflow.api.daskcluster import TERMINAL_PHASES as CLUSTER_ENDS
from daskflow.api.daskcluster import DaskClusterSpec, DaskClusterStatus
from daskflow.api.daskcluster import spec_of as cluster_spec_of
from daskflow.api.daskcluster import status_of as cluster_status_of
from daskflow.api.flowrun import FlowRunSpec
from daskflow.api.flowrun_status import Attempt, FlowRunStatus, status_of
from daskflow.api.names import DASK_CLUSTER, LABEL_ATTEMPT, LABEL_POOL, RUNNER, WORKER
from daskflow.manifests.naming import base_name, base_of, secret_name
from daskflow.manifests.place import Place
from daskflow.manifests.settings import Settings
from daskflow.plan.defaults import NOTHING_GIVEN, Given, effective
from daskflow.plan.model import Key, Object, Observed
from daskflow.plan.pod.pod import Pod
from daskflow.plan.pod.pods import pods_of, the_scheduler


@dataclass(frozen=True)
class RunView:
    """Everything a policy may know. Nothing in here changes while the policies are asked."""

    resource: Object
    spec: FlowRunSpec
    status: FlowRunStatus
    seen: Observed
    now: datetime
    settings: Settings
    given: Given = NOTHING_GIVEN
    """What the spec has of its platform's defaults; `spec` is the whole."""

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

    @property
    def alone(self) -> bool:
        """Whether the attempt (open, or the next one) has no DaskCluster of its own; see `plan.run.alone`.

        A live run's number of workers can change, to 0 and from it: what was opened stays what it is.
        """
        return not self.spec.owns_cluster if self.attempt is None else self.attempt.runner is not None

    @cached_property
    def clusters(self) -> tuple[Object, ...]:
        """All DaskClusters of the run that still exist."""
        return tuple(child for child in self.seen.children if child["kind"] == DASK_CLUSTER)

    @cached_property
    def runners(self) -> tuple[Pod, ...]:
        """All runner pods of the run that still exist."""
        return pods_of(self.seen.children, RUNNER)

    @property
    def base(self) -> str:
        """The common beginning of the open attempt's names, as its record has it.

        Reckoned once, when the attempt is opened: another version of the operator may reckon otherwise.
        """
        assert self.attempt is not None
        if self.attempt.runner is not None:
            return self.attempt.runner.pod.removesuffix(f"-{RUNNER}")
        return self.attempt.cluster or base_name(self.name, self.uid, self.attempt.number)

    @property
    def runner_name(self) -> str:
        """The name of the open attempt's runner pod."""
        return f"{self.base}-{RUNNER}"

    @cached_property
    def cluster(self) -> Object | None:
        """The DaskCluster of the open attempt; where its uid is written down, no other than that one."""
        if self.attempt is None or self.alone:
            return None
        name, uid = self.base, self.attempt.cluster_uid
        for item in self.clusters:
            if item["metadata"]["name"] == name and uid in (None, item["metadata"]["uid"]):
                return item
        return None

    @cached_property
    def cluster_status(self) -> DaskClusterStatus:
        """The status of the open attempt's DaskCluster, or of the one that the run uses without owning it."""
        return cluster_status_of(self.cluster or (self.reference if self.alone else None) or {})

    @property
    def reference(self) -> Object | None:
        """The DaskCluster of `clusterRef`; once its uid is written down, no other than that one."""
        uid = self.attempt.cluster_uid if self.attempt else None
        found = self.seen.reference
        return found if found is not None and uid in (None, found["metadata"]["uid"]) else None

    @cached_property
    def reference_spec(self) -> DaskClusterSpec | None:
        """The spec of the DaskCluster of `clusterRef`; None where there is none that can be understood."""
        return self._spec_of(self.reference)

    @property
    def cluster_spec(self) -> DaskClusterSpec | None:
        """The spec of the open attempt's DaskCluster; None where there is none that can be understood."""
        return self._spec_of(self.cluster)

    def _spec_of(self, cluster: Object | None) -> DaskClusterSpec | None:
        try:
            if cluster is None:
                return None
            written = cluster.get("spec") or {}
            return cluster_spec_of({"spec": effective(written, self.cluster_status.defaults)})
        except ValidationError:
            return None

    @cached_property
    def runner(self) -> Pod | None:
        """The runner's pod of the open attempt; where its uid is written down, no other than that one."""
        if self.attempt is None:
            return None
        name = self.runner_name
        uid = self.attempt.runner.uid if self.attempt.runner else None
        runners = (*self.runners, *(pods_of(self.members, RUNNER) if self.attempt.claimed else ()))
        found = next((pod for pod in runners if pod.name == name and uid in (None, pod.uid)), None)
        if found is None and uid is not None and self.seen.last_pod is not None:
            last = Pod(self.seen.last_pod)
            return last if last.uid == uid and last.over else None
        return found

    @property
    def unopened(self) -> tuple[Object, ...]:
        """Clusters that waited and are the run's, by their label for an attempt that is yet to be opened."""
        number = str(self.status.attempt + 1)
        labels = (item["metadata"].get("labels") or {} for item in self.clusters)
        found = zip(self.clusters, labels, strict=True)
        return tuple(item for item, said in found if LABEL_POOL in said and said.get(LABEL_ATTEMPT) == number)

    @property
    def taken(self) -> Object | None:
        """One of those, if it still lives and the run may begin with it."""
        if self.attempt is not None or self.status.phase not in (None, "Pending", "Retrying"):
            return None
        for item in self.unopened:
            ended = cluster_status_of(item).phase in CLUSTER_ENDS
            if not ended and "deletionTimestamp" not in item["metadata"]:
                return item
        return None

    def with_status(self, status: Object) -> "RunView":
        """The same, once this status is written."""
        return replace(self, status=status_of({"status": status}))

    @cached_property
    def members(self) -> tuple[Object, ...]:
        """What the open attempt's DaskCluster owns."""
        return self.seen.grandchildren.get(self.cluster["metadata"]["uid"], ()) if self.cluster else ()

    @cached_property
    def scheduler(self) -> Pod | None:
        """The scheduler's pod of the open attempt; where its uid is written down, no other than that one."""
        return the_scheduler(self.members, self.cluster_status)

    @cached_property
    def workers(self) -> tuple[Pod, ...]:
        """The workers' pods of the open attempt."""
        return pods_of(self.members, WORKER)

    @property
    def pods(self) -> tuple[Pod, ...]:
        """All pods of the open attempt."""
        return tuple(pod for pod in (self.scheduler, self.runner, *self.workers) if pod is not None)

    @cached_property
    def place(self) -> Place | None:
        """Where the open attempt's scheduler is to be found, once its Service has an address."""
        if self.alone:
            return self._place_alone
        service = next((item for item in self.members if item["kind"] == "Service"), None)
        ip = ((service or {}).get("spec") or {}).get("clusterIP")
        if not ip or self.attempt is None:
            return None
        tls = self.spec.security.tls
        written = self.cluster_status.scheduler
        secret = (written.secret if written else None) or ""
        return Place(self.base, ip, tls.encrypted, tls.secret_name or "", secret=secret)

    @property
    def _place_alone(self) -> Place | None:
        """Of a runner without a cluster of its own; None while that of `clusterRef` has no address."""
        if self.attempt is None:
            return None
        if self.spec.cluster_ref:
            return self._place_in_reference
        given = self.spec.scheduler_tls or self.spec.security.tls
        certificates = given.secret_name or ""
        address = self.spec.scheduler_address or ""
        secret = secret_name(self.base, self.settings.root_key, f"{self.uid}/{self.attempt.number}")
        return Place(self.base, "", address.startswith("tls:"), certificates, address, secret)

    @property
    def _place_in_reference(self) -> Place | None:
        cluster, spec = self.reference, self.reference_spec
        ip = urlsplit(self.cluster_status.address or "").hostname
        if cluster is None or spec is None or ip is None:
            return None
        tls, metadata = spec.security.tls, cluster["metadata"]
        written = self.cluster_status.scheduler
        base = base_of(written.pod) if written else None
        secret = (written.secret if written else None) or ""
        base = base or base_name(metadata["name"], metadata["uid"])
        return Place(base, ip, tls.encrypted, tls.secret_name or "", secret=secret)

    @property
    def begun(self) -> bool:
        """Whether the open attempt's flow is known to have begun.

        A runner that was told to end is no witness: a kubelet that ends a pod stops its startup probe first,
        and calls a container that still runs without one `started` (isContainerStarted in Kubernetes'
        pkg/kubelet/prober/prober_manager.go). Its outcome record says how far the flow really came.
        """
        if self.attempt is None:
            return False
        runner = self.runner
        seen = runner is not None and runner.started and not runner.told_to_end
        return bool(self.attempt.flow_start_time) or seen

    @property
    def begun_at(self) -> str | None:
        """When the open attempt's flow began, from whoever knows; None if nobody says that it did."""
        if self.attempt is None:
            return None
        if self.attempt.flow_start_time:
            return self.attempt.flow_start_time
        for pod in (self.runner, self.scheduler):
            if pod is not None and pod.report and pod.report.get("begun"):
                return str(pod.report["begun"])
        return None

    def journaled(self, **changes: Any) -> tuple[Attempt, ...]:
        """What `status.attempts` is to be, with these fields of the open attempt's record changed."""
        assert self.attempt is not None
        return (*self.status.attempts[:-1], self.attempt.model_copy(update=changes))

    def key(self, kind: str, name: str) -> Key:
        """The key of an object in the run's namespace."""
        return Key(kind, self.namespace, name)
