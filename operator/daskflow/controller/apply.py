"""The only place where a Plan meets the API.

Status first, since it is the journal: a plan whose status write is refused was made from something that is
no longer so, and nothing else of it happens.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from enum import Enum

from daskflow.api.names import DASK_CLUSTER, FLOW_RUN
from daskflow.controller.api import Api, ApiError, controller_of, forgiving, key_of
from daskflow.controller.events import Recorder
from daskflow.controller.kinds import KINDS
from daskflow.controller.store import Store
from daskflow.plan.model import Delete, Key, Object, Occupied, Patch, Plan, Refusal, ScaleOrder


class Applied(Enum):
    """What became of a plan."""

    DONE = "done"
    STALE = "stale"
    """The resource was not what the plan was made for; the store has it as it is now."""
    OVER = "over"
    """The resource or its namespace is gone or going: there is nothing to do for it."""


class Applier:
    """Carries plans out.

    `apply` raises ApiError where only time can help (429, 5xx, no answer) and where the API refuses a write
    that no plan should hold; the queue then tries again, later and later. A call that timed out may have
    taken effect, which is fine: names are deterministic and status writes carry a resourceVersion.
    """

    def __init__(
        self,
        api: Api,
        store: Store,
        recorder: Recorder,
        limit: int = 64,
        orders: Callable[[Key, ScaleOrder | None], None] = lambda key, order: None,
    ) -> None:
        self._api = api
        self._store = store
        self._recorder = recorder
        self._slots = asyncio.Semaphore(limit)
        self._orders = orders

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
        elif any(_begins(body) for body in plan.creates):
            current = await self._current(resource)
            if current is not Applied.DONE:
                return current
        try:
            await self._all(self._create(body) for body in plan.creates)
        except ApiError as error:
            if error.namespace_ending or error.status == 404:
                return Applied.OVER
            raise
        await self._all(self._patch(patch) for patch in plan.patches)
        await self._all(self._delete(delete) for delete in plan.deletes)
        for event in plan.events:
            self._recorder.tell(resource, event)
        return Applied.DONE

    async def _all(self, calls: Iterable[Awaitable[None]]) -> None:
        """All at once, since a run starts up with its slowest pod; then the first error, if any."""
        answers = await asyncio.gather(*(self._bounded(call) for call in calls), return_exceptions=True)
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer

    async def _bounded(self, call: Awaitable[None]) -> None:
        async with self._slots:
            await call

    async def _write_status(self, resource: Object, status: Object) -> Applied:
        key, uid = key_of(resource), resource["metadata"]["uid"]
        self._store.trust.expect(key, status)
        try:
            self._store.put(await self._api.replace_status({**resource, "status": status}))
            return Applied.DONE
        except ApiError as error:
            if error.status == 404:
                self._store.remove(key, uid)
                return Applied.OVER
            if error.status != 409:
                raise
        return await self._current(resource, otherwise=Applied.STALE)

    async def _current(self, resource: Object, otherwise: Applied = Applied.DONE) -> Applied:
        """Whether the resource is still what was planned for.

        Asked before an attempt's cluster, or the runner of one that has none, is made: no status write fences
        that, and to an operator that was frozen, or lists an older past, an attempt that is long over looks
        like one that is yet to be made. So does a tick of a schedule whose run has come and gone.
        """
        key, uid = key_of(resource), resource["metadata"]["uid"]
        try:
            now = await self._api.get(key)
            self._store.put(now)
            same = now["metadata"]["resourceVersion"] == resource["metadata"]["resourceVersion"]
            return otherwise if same else Applied.STALE
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
            if error.status != 409:
                refusal = Refusal(key, error.status, error.message)
                self._store.answers.refuse(owner, refusal, self._now())
                return
            if readable:
                answer = await self._own(key, owner)
                if answer is None:
                    return
        if readable and answer is not None:
            self._store.put(answer)
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

    async def _patch(self, patch: Patch) -> None:
        try:
            self._store.put(await self._api.patch(patch.key, patch.uid, patch.body))
        except ApiError as error:
            if error.status == 404:
                self._store.remove(patch.key, patch.uid)
            elif error.status != 409:  # 409: another object has the name now, which the watch will tell
                raise

    async def _delete(self, delete: Delete) -> None:
        with forgiving(409):
            try:
                answer = await self._api.delete(delete.key, delete.uid, delete.grace)
            except ApiError as error:
                if error.status == 404:
                    self._store.remove(delete.key, delete.uid)
                    return
                raise
            # Some kinds answer with the object that was, some with a Status. Of a pod only a Status or the
            # watch proves that it is gone: it may still run, and a next attempt waits for it to be over.
            if answer.get("kind") == "Status" or not _lingers(answer):
                self._store.remove(delete.key, delete.uid)
            else:
                self._store.put(answer)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()


def _begins(body: Object) -> bool:
    """Whether an attempt, or a run of a schedule, begins with it."""
    begins = body["kind"] in (DASK_CLUSTER, FLOW_RUN)
    return bool(begins or (body["kind"] == "Pod" and body["spec"].get("schedulingGates")))


def _lingers(answer: Object) -> bool:
    return bool(answer.get("kind") == "Pod" or answer["metadata"].get("finalizers"))
