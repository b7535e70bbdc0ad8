"""What a plan is made from and what it is: plain data that can be printed, compared and replayed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple, Self, TypeVar

from daskflow.plan.question import Answer as Answer
from daskflow.plan.question import Question as Question
from daskflow.plan.question import Tell, Told

View = TypeVar("View")

Object = Mapping[str, Any]
"""A Kubernetes object as the API server's JSON has it."""

AGAIN = timedelta(seconds=5)
"""When a name that was taken is tried again, if nothing changes until then."""


class Key(NamedTuple):
    """Where an object lives. `kind` is the Kubernetes kind ("Pod"), made unique by `api.names.kind_of`."""

    kind: str
    namespace: str
    name: str


@dataclass(frozen=True)
class Occupied:
    """A child's name is taken by an object that is not ours: a create was answered with 409.

    `owner_uid` is the uid of its controlling owner ("" without one); `deleting` says that it is on its way
    out, so that waiting helps. One whose owner is an earlier incarnation of ours has `owner_name` equal to
    our own name.
    """

    key: Key
    owner_uid: str = ""
    owner_name: str = ""
    deleting: bool = False


UNDONE = 200
"""`Refusal.status` of a patch that was taken, and wanted again at once: somebody undoes it."""

Verb = Literal["create", "patch", "delete", "status"]
"""What the operator asks for; "status": to write the status of one of its own kinds."""


@dataclass(frozen=True)
class Refusal:
    """The API server refused a write for good or for now, and not since something else has the name.

    `status` is the HTTP code (403 quota or admission, 422 invalid …), `message` the server's own sentence.
    Kept by the store until the write succeeds or the owner's generation changes; a patch or delete that is
    no longer asked for is forgotten after a minute or two. `retry` says that it is time to try again, if it
    is still wanted: a plan may hold the write all the same, it is then held back. `rightless` says that the
    operator itself lacks a right, or is not known (401), which is no fault of the object.
    """

    key: Key
    status: int
    message: str
    retry: bool = False
    verb: Verb = "create"
    rightless: bool = False


@dataclass(frozen=True)
class Counts:
    """How far a flow is, as its scheduler told the operator; at most one news of a run in 10 s.

    `scheduler` is the uid of the pod that said so: counts of an earlier attempt say nothing of this one.
    `distributed` are the versions that its scheduler, workers and clients run.
    """

    done: int
    total: int
    scheduler: str
    distributed: tuple[str, ...] = ()
    trouble: tuple[str, str] | None = None
    """What keeps its tasks from running: a reason and a sentence, as the scheduler has them."""


@dataclass(frozen=True)
class GroupOrder:
    """What a scheduler is told of one group: its workers, and within which bounds to tell the demand.

    `drain` (seconds) bounds how long a worker that is to go may finish what it runs.
    """

    replicas: int
    drain: int
    autoscale: tuple[int, int, int, int] | None = None
    """minimum, maximum, delay and target in seconds."""


Orders = Mapping[str, GroupOrder]
"""By group."""


@dataclass(frozen=True)
class ScaleOrder:
    """How many workers there should be, for the scheduler, which chooses which of them go.

    `revision` is the DaskCluster's resourceVersion by which it was made: a scheduler takes none older than
    its last. With `watch` it is asked for as long as the order stands; else told once.
    """

    scheduler: str
    revision: int
    groups: Orders
    watch: bool


@dataclass(frozen=True)
class Waiting:
    """By a waiting cluster's scheduler: the uid of who claimed it, what its runner lacks, workers if told."""

    parked: bool = False
    note: str = ""
    run: str = ""
    registered: int | None = None


@dataclass(frozen=True)
class Scaling:
    """What a cluster's scheduler told the operator. `scheduler` is the uid of the pod that said so.

    `demand`: wanted workers of the groups that follow it. `retiring`: workers on their way out. `held`: those
    that are to go and cannot, with what they hold. `taken`: the orders that this scheduler has from us.
    `lost`: it has not been reached for a while, and nothing else in here is true.
    """

    scheduler: str
    demand: Mapping[str, int] = field(default_factory=dict)
    retiring: frozenset[str] = frozenset()
    held: Mapping[str, str] = field(default_factory=dict)
    begun: bool = False
    taken: Orders | None = None
    lost: bool = False
    standby: "Waiting | None" = None
    """Of one that is there to wait for a run."""


@dataclass(frozen=True)
class Observed:
    """All that the store knows around one resource.

    `children` are the objects it controls (matched by the owner's uid), `grandchildren` those controlled by
    one of its children, by that child's uid. A child that is being deleted is still in here until it is gone.
    `created` holds keys of children that cannot be read back (Secrets: the operator may only create them)
    and whose create was answered with 201 or 409 within the last half minute. `counts` are known only while
    the flow runs, and to a restarted operator not at once. `made` are the DaskClusters that the flow made:
    the run owns them without controlling them.
    """

    children: tuple[Object, ...] = ()
    grandchildren: Mapping[str, tuple[Object, ...]] = field(default_factory=dict)
    created: frozenset[Key] = frozenset()
    occupied: tuple[Occupied, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    """Of creates."""
    refused_writes: tuple[Refusal, ...] = ()
    """Of patches and deletes, and of the resource's own status."""
    counts: Counts | None = None
    made: tuple[Object, ...] = ()
    orphans: tuple[Object, ...] = ()
    """What another object of this kind and name controls: an earlier one, if this one is still there."""
    reference: Object | None = None
    """The DaskCluster that a run uses without owning it, if it exists."""
    defaults: Object | None = None
    """The ConfigMap with the namespace's defaults, if it has one."""
    owner: Object | None = None
    """The FlowRun or ClusterPool that controls a DaskCluster, if it is known."""
    pool: Object | None = None
    """The ClusterPool that a run names, if it exists."""
    units: tuple[Object, ...] = ()
    """Clusters that wait for a run, or will: those that its pool controls, or that its schedule has made."""
    claimed: tuple[Object, ...] = ()
    """Of a pool: DaskClusters that it has made and that runs have claimed, as long as they exist."""
    claimants: tuple[Object, ...] = ()
    """The runs that control those."""
    roomless: tuple[Object, ...] = ()
    """Of a pool: runs of its namespace whose pods are refused by quota, or find no node."""
    last_pod: Object | None = None
    """The last state of the last child pod that is gone, if it had ended by then: with its last message."""
    scaling: Scaling | None = None
    """Known only while a cluster's scheduler is asked for it, and to a restarted operator not at once."""
    neighbours: tuple[Object, ...] = ()
    """Of a cluster of dask-kubernetes, and of an autoscaler: the cluster's own worker group; of the latter
    also the autoscalers that name the same cluster. Of autoscalers and groups their cluster is `reference`,
    and what that controls is in `grandchildren` as well."""
    answer: Answer | None = None
    """To the last plan's question, and to a restarted operator not at once."""
    told: tuple[Told, ...] = ()
    """What became of the last of its tells; a restarted operator knows of none."""


@dataclass(frozen=True)
class Delete:
    """Remove one object, if it still is the one that was looked at. `grace` in seconds, None: its own."""

    key: Key
    uid: str
    grace: int | None = None
    revision: str = ""
    """The resourceVersion that it must still have, where it is deleted for what it was seen not to do."""
    unless_changed: bool = False
    """First the resource is asked for, that it is as it was seen: a newer one may need the object."""


@dataclass(frozen=True)
class Event:
    """A Kubernetes Event about the resource; `reason` is a CamelCase word, `message` one sentence."""

    type: Literal["Normal", "Warning"]
    reason: str
    message: str


@dataclass(frozen=True)
class Patch:
    """A JSON merge patch of one object, if it still has this uid; `event` is told once it has worked."""

    key: Key
    uid: str
    body: Object
    event: Event | None = None
    revision: str = ""
    """The resourceVersion that it must still have, where it is patched for what it was seen to be."""
    subresource: Literal["", "resize"] = ""
    """What of the object is patched; empty: itself."""


@dataclass(frozen=True)
class Plan:
    """What is to happen, in this order: status and events, creates, patches, deletes, tells.

    The status (whole, without merging) is written first, since it is the journal: when that write is
    refused nothing else of the plan happens. None leaves the status as it is. `requeue_at` asks to be
    planned again at that time even if nothing changes until then. `tells` are said only if every write before
    them was carried out (see `question.unsaid`). `scale` is what the cluster's scheduler is to be told by the
    time when there is nothing else to do, in the background, and `question` what it is to be asked, where it
    is one of dask-kubernetes'.
    """

    status: Object | None = None
    creates: tuple[Object, ...] = ()
    patches: tuple[Patch, ...] = ()
    deletes: tuple[Delete, ...] = ()
    events: tuple[Event, ...] = ()
    tells: tuple[Tell, ...] = ()
    requeue_at: datetime | None = None
    scale: ScaleOrder | None = None
    question: Question | None = None

    def __add__(self, other: "Plan") -> "Plan":
        """Both plans as one: the other's status wins if it has one, the earlier wake-up stands."""
        wake_ups = [at for at in (self.requeue_at, other.requeue_at) if at is not None]
        return Plan(
            status=self.status if other.status is None else other.status,
            creates=self.creates + other.creates,
            patches=self.patches + other.patches,
            deletes=self.deletes + other.deletes,
            events=self.events + other.events,
            tells=self.tells + other.tells,
            requeue_at=min(wake_ups, default=None),
            scale=self.scale if other.scale is None else other.scale,
            question=self.question if other.question is None else other.question,
        )

    def but(self, **changes: Any) -> Self:
        """The same plan with these fields replaced."""
        return replace(self, **changes)

    def holding(self, **kept: Any) -> Self:
        """The same plan with fewer or other writes; then nothing is told, since that was to follow all."""
        held = any(getattr(self, name) != writes for name, writes in kept.items())
        return replace(self, **kept, tells=() if held else self.tells)

    def overdue(self, now: datetime) -> bool:
        """Whether it does nothing and wants to be made again at once: a fault, since that would never end."""
        return not self.acts and self.requeue_at is not None and self.requeue_at <= now

    @property
    def acts(self) -> bool:
        """Whether applying this plan changes anything in the cluster."""
        writes = self.creates or self.patches or self.deletes
        return bool(self.status is not None or writes or self.events or self.tells)


def first_word(policies: Sequence[Callable[[View], Plan | None]], view: View) -> Plan:
    """The plan of the first policy that has something to say. The last policy of a kind always has."""
    for policy in policies:
        plan = policy(view)
        if plan is not None:
            return plan
    raise AssertionError("the last policy always decides")
