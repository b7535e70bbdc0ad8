"""What the policies of a DaskCluster look at: the cluster and all it owns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from daskflow.api.conditions import instant
from daskflow.api.daskcluster import DaskClusterSpec, DaskClusterStatus, GroupStatus
from daskflow.api.names import CLUSTER_POOL, FLOW_RUN, FLOW_SCHEDULE, RUNNER, SCHEDULER, WORKER
from daskflow.api.workers import DEFAULT_GROUP
from daskflow.manifests.naming import base_name, base_of, secret_name
from daskflow.manifests.objects import owner_of
from daskflow.manifests.place import Place
from daskflow.manifests.settings import Settings
from daskflow.plan.cluster.groups import Group
from daskflow.plan.defaults import NOTHING_GIVEN, Given
from daskflow.plan.model import Key, Object, Observed, Scaling
from daskflow.plan.pod.pod import Pod
from daskflow.plan.pod.pods import pods_of, the_scheduler
from daskflow.plan.units import SETTLE

MAKERS = frozenset({CLUSTER_POOL, FLOW_SCHEDULE})
"""Kinds of controllers whose clusters wait for a run."""
LEASING = frozenset({FLOW_RUN, *MAKERS})
"""Kinds of controllers whose clusters are there for a run, and end with its lease."""


@dataclass(frozen=True)
class ClusterView:
    """Everything a policy may know. Nothing in here changes while the policies are asked."""

    resource: Object
    spec: DaskClusterSpec
    status: DaskClusterStatus
    seen: Observed
    now: datetime
    settings: Settings
    given: Given = NOTHING_GIVEN
    """What the spec has of its platform's defaults; `spec` is the whole."""

    @property
    def leased(self) -> bool:
        """Whether it was made to be used under a run's lease, which then governs its life."""
        return self._controller in LEASING

    @property
    def waits(self) -> bool:
        """Whether it is a pool's, or for a tick, with a runner that waits until a run claims the cluster."""
        return self.spec.standby is not None and self._controller in MAKERS

    @property
    def _controller(self) -> str:
        """The kind of its controller, empty without one."""
        owners = self.resource["metadata"].get("ownerReferences") or ()
        return next((str(owner["kind"]) for owner in owners if owner.get("controller")), "")

    @property
    def made_to_wait(self) -> bool:
        """Whether a pool or schedule has made it, whoever has it now."""
        return bool(MAKERS & {self._controller, str((owner_of(self.resource) or {}).get("kind"))})

    @property
    def _owners(self) -> list[Mapping[str, Any]]:
        """The FlowRuns among its owners."""
        owners = self.resource["metadata"].get("ownerReferences") or ()
        return [owner for owner in owners if owner["kind"] == FLOW_RUN]

    @property
    def awaited(self) -> bool:
        """Whether anything may be made for it: a run's cluster has a life only while its attempt is open.

        A create that its operator has given up, or was frozen before, may land when that attempt is over. One
        that a flow says to have made has a run, too: the chart's policy goes by it.
        """
        if self._controller in MAKERS or self.just_claimed:
            return self.seen.owner is not None
        if not self.leased:
            return not self._owners or self.seen.owner is not None
        return self._written_uid in (None, self.resource["metadata"]["uid"])

    @property
    def confirmed(self) -> bool:
        """Whether it may have pods: the run has written down that this is its attempt's cluster.

        An operator that knows the run as it was some time ago cannot have written that.
        """
        if not self.leased or self._controller in MAKERS:
            return True
        return bool(self._written_uid == self.resource["metadata"]["uid"])

    @property
    def opened_at(self) -> str | None:
        """When its run's open attempt was opened, if it has written down that this is that one's cluster."""
        status: Mapping[str, Any] = (self.seen.owner or {}).get("status") or {}
        attempts: Sequence[Mapping[str, Any]] = status.get("attempts") or ({},)
        mine = self._written_uid == self.resource["metadata"]["uid"]
        return str(attempts[-1]["startTime"]) if mine and "startTime" in attempts[-1] else None

    @property
    def just_claimed(self) -> bool:
        """Whether a run has taken it, which writes it down next: else the run removes it."""
        taken = self.spec.standby is not None and self._controller == FLOW_RUN
        return taken and self._written_uid == ""

    @property
    def _written_uid(self) -> str | None:
        """What the open attempt of its run has for its uid; empty where that attempt has another cluster."""
        status: Mapping[str, Any] = (self.seen.owner or {}).get("status") or {}
        attempts: Sequence[Mapping[str, Any]] = status.get("attempts") or ({},)
        last = attempts[-1]
        if last.get("endTime") or last.get("cluster") != self.resource["metadata"]["name"]:
            return ""
        uid: str | None = last.get("clusterUid")
        return uid

    @cached_property
    def base(self) -> str:
        """The common beginning of the children's names; a leased cluster carries a hash of its own already.

        It stays what it was when another leases it, when who leased it was deleted without it
        (`--cascade=orphan`), and when another version of the operator would reckon otherwise.
        """
        if self.status.scheduler and (written := base_of(self.status.scheduler.pod)):
            return written
        if self._service is not None:
            return str(self._service["metadata"]["name"])
        metadata = self.resource["metadata"]
        made = self.leased or (owner_of(self.resource) or {}).get("kind") in LEASING
        return str(metadata["name"]) if made else base_name(metadata["name"], metadata["uid"])

    @property
    def secret_name(self) -> str:
        """The Secret that the pods mount, as it was written down with the scheduler, maybe long ago."""
        if self.status.scheduler:
            return self.status.scheduler.secret or self.base
        return secret_name(self.base, self.settings.root_key, self.resource["metadata"]["uid"])

    @cached_property
    def _service(self) -> Object | None:
        return next((item for item in self.seen.children if item["kind"] == "Service"), None)

    @property
    def generation(self) -> int:
        """The generation of the spec."""
        return int(self.resource["metadata"].get("generation", 0))

    @property
    def spec_changed(self) -> bool:
        """Whether the status has yet to say that this spec was seen."""
        return self.status.observed_generation != self.generation

    @cached_property
    def scheduler(self) -> Pod | None:
        """The scheduler's pod; where its uid is written down, no other than that one."""
        return the_scheduler(self.seen.children, self.status)

    @property
    def scheduler_going(self) -> bool:
        """Whether it was told to go: its workers go with it, and are not made again behind who ends them."""
        return self.scheduler is not None and (self.scheduler.deleting or self.scheduler.ended_by_us)

    @cached_property
    def schedulers(self) -> tuple[Pod, ...]:
        """All that calls itself the cluster's scheduler: what is not the one has no business here."""
        return pods_of(self.seen.children, SCHEDULER)

    @cached_property
    def runner(self) -> Pod | None:
        """The runner's pod that waits with the cluster; of one that a run has claimed it is the run's."""
        return next(iter(pods_of(self.seen.children, RUNNER)), None) if self.waits else None

    @cached_property
    def workers(self) -> tuple[Pod, ...]:
        """All worker pods that still exist, stopped ones too."""
        return pods_of(self.seen.children, WORKER)

    @cached_property
    def scaling(self) -> Scaling | None:
        """What this very scheduler told the operator of demand and of workers on their way out."""
        said, scheduler = self.seen.scaling, self.status.scheduler
        return said if said and scheduler and said.scheduler == scheduler.uid else None

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """All groups of workers, the default one first."""
        retiring = self.scaling.retiring if self.scaling else frozenset()
        all_registered, unknown = self._all_registered(), self._unknown()
        pods: dict[str, list[Pod]] = {name: [] for name in self.spec.groups}
        for pod in sorted(self.workers, key=lambda pod: pod.ordinal):
            pods.get(pod.group(self.base), []).append(pod)
        return tuple(
            Group(
                name,
                spec,
                tuple(pods[name]),
                said=self._said(name),
                retiring=retiring,
                floor=self._floor(name),
                all_registered=all_registered,
                unknown=unknown,
            )
            for name, spec in self.spec.groups.items()
        )

    @property
    def _registered(self) -> int | None:
        """How many workers a waiting cluster's scheduler knows; None where it has not said so of late."""
        said = self.scaling
        if not self.waits or said is None or said.lost or said.standby is None:
            return None
        return said.standby.registered

    def _unknown(self) -> int:
        """On a node that is lost, or where a worker hangs, kubelets have a pod started for minutes."""
        if self._registered is None:
            return 0
        return max(0, sum(pod.started for pod in self.workers if not pod.over) - self._registered)

    def _all_registered(self) -> bool:
        """Of one that waits, by its scheduler's word; to an operator that begins that is status.

        So it is to one that a run has just claimed, until kubelets have looked; then its pods decide.
        """
        if self.spec.standby is None:
            return False
        # A worker on its way out is in the scheduler's count, and stands for no other.
        living = [pod for pod in self.workers if not pod.over]
        if not all(pod.ran for pod in living):
            return False
        if self.waits and self.scaling is not None:
            return self._registered is not None and self._registered >= len(living)
        if self.opened_at and not self.waits and self.now >= instant(self.opened_at) + SETTLE:
            return False
        return self.status.workers.ready >= len(living)

    def _said(self, name: str) -> GroupStatus | None:
        """What status says of a group; one that is alone and unremarkable is not in its list."""
        for group in self.status.workers.groups:
            if group.name == name:
                return group
        alone = name == DEFAULT_GROUP and not self.spec.worker_groups and self.status.scheduler is not None
        return GroupStatus(name=name, desired=self.status.workers.desired) if alone else None

    def _floor(self, name: str) -> int:
        """A flow begins when there is a worker, so that its cluster has one though nobody asks for it yet."""
        begun = self.scaling is not None and self.scaling.begun
        return 1 if self.leased and name == DEFAULT_GROUP and not begun else 0

    @property
    def watches_scheduler(self) -> bool:
        """Whether it has something to tell that plans rest on: demand, or who is on their way out."""
        if self.spec.autoscales or self.waits:
            return True
        return any(group.crowded or len(group.staying) < len(group.present) for group in self.groups)

    @property
    def desired(self) -> int:
        """How many workers there should be, in all groups."""
        return sum(group.desired for group in self.groups)

    @property
    def ready(self) -> int:
        """How many workers have registered with the scheduler and are to stay."""
        return sum(group.ready for group in self.groups)

    @cached_property
    def place(self) -> Place | None:
        """The scheduler's address, once the Service has one."""
        ip = ((self._service or {}).get("spec") or {}).get("clusterIP")
        if not ip:
            return None
        tls = self.spec.security.tls
        return Place(self.base, ip, tls.encrypted, tls.secret_name or "", secret=self.secret_name)

    def key(self, kind: str, name: str) -> Key:
        """The key of an object in the cluster's namespace."""
        return Key(kind, self.resource["metadata"]["namespace"], name)
