"""The only place where a Plan meets the API.

Status first, since it is the journal: a plan whose status write is refused was made from something that is
no longer so, and nothing else of it happens.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from enum import Enum

from daskflow.api.names import DASK_CLUSTER, FLOW_RUN, LABEL_COMPONENT, SCHEDULER
from daskflow.controller.fairness import Slots
from daskflow.controller.known.store import Store
from daskflow.controller.kubernetes.events import Recorder
from daskflow.controller.kubernetes.kinds import KINDS
from daskflow.controller.kubernetes.verbs import Api, ApiError, controller_of, key_of
from daskflow.plan.model import (
    UNDONE,
    Delete,
    Event,
    Key,
    Object,
    Occupied,
    Patch,
    Plan,
    Refusal,
    ScaleOrder,
    Verb,
)
from daskflow.plan.refusals import explained

log = logging.getLogger(__name__)


class Applied(Enum):
    """What became of a plan."""

    DONE = "done"
    STALE = "stale"
    """The resource was not what the plan was made for; the store has it as it is now."""
    OVER = "over"
    """The resource or its namespace is gone or going: there is nothing to do for it."""


class Applier:
    """Carries plans out.

    `apply` raises ApiError where only time can help (429, 5xx, a 409 of somebody else's making, no answer)
    and where the API refuses a status; the queue then tries again, later and later. Creates, patches and
    deletes that it refuses become Refusals, which plans see. A call that timed out may have taken effect,
    which is fine: names are deterministic and status writes carry a resourceVersion.
    """

    def __init__(
        self,
        api: Api,
        store: Store,
        recorder: Recorder,
        limit: int = 64,
        orders: Callable[[Key, ScaleOrder | None], None] = lambda key, order: None,
        gets_on: Callable[[Key], None] = lambda key: None,
    ) -> None:
        self._api = api
        self._store = store
        self._recorder = recorder
        self._slots = Slots(limit, max(1, limit // 4))
        self._orders = orders
        self._gets_on = gets_on

    def order(self, key: Key, plan: Plan) -> None:
        """What a plan that has nothing else to do wants the cluster's scheduler to be told, soon."""
        if key.kind == DASK_CLUSTER:
            self._orders(key, plan.scale)

    async def apply(self, resource: Object, plan: Plan) -> Applied:
        """Do what the plan says for this resource, in its order; each answer goes into the store."""
        if plan.status is not None:
            written = await self._write_status(resource, plan.status)
            if written is not Applied.DONE:
                return written
        elif any(_begins(body) for body in plan.creates) or any(_adopts(patch) for patch in plan.patches):
            current = await self._current(resource)
            if current is not Applied.DONE:
                return current
        # They tell of what has been written down, whatever becomes of the rest.
        for event in plan.events:
            self._recorder.tell(resource, event)
        try:
            await self._all(resource, (self._create(body) for body in plan.creates))
        except ApiError as error:
            self._recorder.refused(resource, error)
            if error.namespace_ending or error.status == 404:
                return Applied.OVER
            raise
        await self._all(resource, (self._patch(resource, patch) for patch in plan.patches))
        await self._all(resource, (self._delete(resource, delete) for delete in plan.deletes))
        return Applied.DONE

    async def _all(self, resource: Object, calls: Iterable[Awaitable[None]]) -> None:
        """All at once, since a run starts up with its slowest pod; then the first error, if any."""
        key = key_of(resource)
        answers = await asyncio.gather(*(self._bounded(key, call) for call in calls), return_exceptions=True)
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer

    async def _bounded(self, key: Key, call: Awaitable[None]) -> None:
        async with self._slots.slot(key):
            await call
            self._gets_on(key)

    async def _write_status(self, resource: Object, status: Object) -> Applied:
        key, uid = key_of(resource), resource["metadata"]["uid"]
        self._store.trust.expect(key, status)
        try:
            answer = await self._api.replace_status({**resource, "status": status})
            self._store.pruned.written(status, answer)
            self._store.trust.expect(key, answer.get("status"))
            self._store.put(answer)
        except ApiError as error:
            if error.status == 404:
                self._store.remove(key, uid)
                return Applied.OVER
            if error.status != 409:
                if not error.passing:
                    self._refused(resource, "status", key, error)
                raise
            if await self._current(resource) is not Applied.DONE:
                return Applied.STALE if self._store.has(key, uid) else Applied.OVER
            raise  # nobody has changed it: something else is in the way for the moment
        self._store.answers.accepted(uid, "status", key)
        return Applied.DONE

    async def _current(self, resource: Object) -> Applied:
        """Whether the resource is still what was planned for.

        Asked before an attempt's cluster, its scheduler, or the runner of one that has none is made. No
        status write fences that, and to an operator that was frozen, or lists an older past, what is long
        over looks as if it were yet to be made. So does a tick of a schedule whose run has come and gone.
        Before a child gets its owner back, too: what `--cascade=orphan` has just let go stays free.
        """
        key, uid = key_of(resource), resource["metadata"]["uid"]
        try:
            now = await self._api.get(key)
            self._store.put(now)
            same = now["metadata"]["resourceVersion"] == resource["metadata"]["resourceVersion"]
            return Applied.DONE if same else Applied.STALE
        except ApiError as error:
            if error.status != 404:
                raise
            self._store.remove(key, uid)
            return Applied.OVER

    async def _create(self, body: Object) -> None:
        key, owner = key_of(body), (controller_of(body) or {}).get("uid", "")
        readable = KINDS[key.kind].seen != "never"
        try:
            answer: Object | None = await self._api.create(body)
        except ApiError as error:
            if error.passing or error.status == 404 or error.namespace_ending:
                raise
            if not error.taken:
                self._store.answers.refuse(owner, _refusal("create", key, error), self._now())
                return
            if readable:
                answer = await self._own(key, owner)
                if answer is None:
                    return
        if readable and answer is not None:
            self._store.put(answer, asked=True)
        self._store.answers.succeeded(owner, key, readable=readable)

    async def _own(self, key: Key, owner: str) -> Object | None:
        """Whose is the object that has the name we wanted? Ours (an answer was lost) or somebody else's."""
        try:
            found = await self._api.get(key)
        except ApiError as error:
            if error.status == 404:
                # It went between create and look: taken for a moment, and tried again.
                self._store.answers.taken(owner, Occupied(key, deleting=True), self._now())
                return None
            raise
        reference = controller_of(found) or {}
        if reference.get("uid") == owner:
            return found
        deleting = "deletionTimestamp" in found["metadata"]
        occupied = Occupied(key, reference.get("uid", ""), reference.get("name", ""), deleting)
        self._store.answers.taken(owner, occupied, self._now())
        return None

    async def _patch(self, resource: Object, patch: Patch) -> None:
        owner = resource["metadata"]["uid"]
        if self._store.answers.undone(owner, patch, self._now()):
            self._refused(resource, "patch", patch.key, ApiError(UNDONE))
            return
        try:
            self._store.put(await self._api.patch(patch.key, patch.uid, patch.body))
        except ApiError as error:
            await self._unwritten(resource, "patch", patch.key, patch.uid, error)
        else:
            self._store.answers.patched(owner, patch, self._now())
            if patch.told is not None:
                self._recorder.tell(resource, patch.told)

    async def _delete(self, resource: Object, delete: Delete) -> None:
        try:
            answer = await self._api.delete(delete.key, delete.uid, delete.grace, delete.revision)
        except ApiError as error:
            await self._unwritten(resource, "delete", delete.key, delete.uid, error)
            return
        self._store.answers.accepted(resource["metadata"]["uid"], "delete", delete.key)
        # Some kinds answer with the object that was, some with a Status. Of a pod only a Status or the watch
        # proves that it is gone: it may still run, and a next attempt waits for it to be over.
        if answer.get("kind") == "Status" or not _lingers(answer):
            self._store.remove(delete.key, delete.uid)
        else:
            self._store.put(answer)

    async def _unwritten(self, resource: Object, verb: Verb, key: Key, uid: str, error: ApiError) -> None:
        """A patch or delete was not carried out; raises the error where only time can help."""
        if error.status == 404:
            self._store.remove(key, uid)
        elif error.status == 409:
            await self._succeeded_by(key, uid, error)
        elif error.passing:
            raise error
        else:
            self._refused(resource, verb, key, error)

    async def _succeeded_by(self, key: Key, uid: str, error: ApiError) -> None:
        """Whether another object has the name; else somebody's write came between, or a quota's own."""
        try:
            found = await self._api.get(key)
        except ApiError as missing:
            if missing.status != 404:
                raise
            self._store.remove(key, uid)
            return
        self._store.put(found)
        if found["metadata"]["uid"] == uid:
            raise error

    def _refused(self, resource: Object, verb: Verb, key: Key, error: ApiError) -> None:
        """Plans see it, and people: no status may ever tell of it."""
        refusal = _refusal(verb, key, error)
        self._store.answers.refuse(resource["metadata"]["uid"], refusal, self._now())
        reason, message = explained(refusal)
        log.warning("%s %s/%s: %s", *key_of(resource), message)
        self._recorder.tell(resource, Event("Warning", reason.value, message))

    def _now(self) -> float:
        return asyncio.get_running_loop().time()


def _begins(body: Object) -> bool:
    """Whether an attempt, a run of a schedule, or the life of a cluster begins with it."""
    if body["kind"] != "Pod":
        return body["kind"] in (DASK_CLUSTER, FLOW_RUN)
    scheduler = (body["metadata"].get("labels") or {}).get(LABEL_COMPONENT) == SCHEDULER
    return bool(scheduler or body["spec"].get("schedulingGates"))


def _adopts(patch: Patch) -> bool:
    return "ownerReferences" in (patch.body.get("metadata") or {})


def _refusal(verb: Verb, key: Key, error: ApiError) -> Refusal:
    return Refusal(key, error.status, error.message, verb=verb, rightless=error.rightless)


def _lingers(answer: Object) -> bool:
    return bool(answer.get("kind") == "Pod" or answer["metadata"].get("finalizers"))
