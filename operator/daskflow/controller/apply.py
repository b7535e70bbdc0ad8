"""The only place where a Plan meets the API.

Status first, since it is the journal: a plan whose status write is refused was made from something that is
no longer so, and nothing else of it happens.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import TypeVar

from daskflow.api.dask_kubernetes.names import CLUSTER
from daskflow.api.names import DASK_CLUSTER, FLOW_RUN, LABEL_COMPONENT, LABEL_RUN, SCHEDULER, kind_of
from daskflow.controller.fairness import Slots
from daskflow.controller.known.store import Store
from daskflow.controller.kubernetes.events import Recorder
from daskflow.controller.kubernetes.verbs import Api, ApiError, key_of
from daskflow.controller.writes import Applied, Writer
from daskflow.plan.model import Key, Object, Patch, Plan, Question, ScaleOrder
from daskflow.plan.question import Tell

Each = TypeVar("Each")


class Applier:
    """Carries plans out. `apply` raises ApiError as single writes do; the queue then tries again.

    `scale` hears what a cluster's scheduler is to be told of its workers, `ask` what one is to be asked,
    `tell` says a word to one, and `progressed` hears of each answer.
    """

    def __init__(
        self,
        api: Api,
        store: Store,
        recorder: Recorder,
        limit: int = 64,
        scale: Callable[[Key, ScaleOrder | None], None] = lambda key, order: None,
        progressed: Callable[[Key], None] = lambda key: None,
        ask: Callable[[Key, Question | None], None] = lambda key, question: None,
        tell: Callable[[Key, str, Tell], Awaitable[None]] | None = None,
    ) -> None:
        self._writer = Writer(api, store, recorder)
        self._store = store
        self._recorder = recorder
        each = max(1, limit // 4)
        self._making, self._changing = Slots(limit, each), Slots(each, max(1, each // 4))
        """Two lanes: who changes what is there, as a run that takes it, waits for nothing that is made."""
        self._scale = scale
        self._progressed = progressed
        self._ask = ask
        self._tell = tell

    def scale(self, key: Key, plan: Plan) -> None:
        """What a plan that has nothing else to do wants the scheduler to be told, or asked, soon."""
        if key.kind == DASK_CLUSTER:
            self._scale(key, plan.scale)
        else:
            self._ask(key, plan.question)

    async def apply(self, resource: Object, plan: Plan) -> Applied:
        """Do what the plan says for this resource, in its order; each answer goes into the store."""
        with self._recorder.carrying_out():
            return await self._carried_out(resource, plan)

    async def _carried_out(self, resource: Object, plan: Plan) -> Applied:
        if plan.status is not None:
            written = await self._writer.status(resource, plan.status)
            if written is not Applied.DONE:
                return written
        elif (
            any(map(_begins, plan.creates))
            or any(map(_adopts, plan.patches))
            or any(delete.unless_changed for delete in plan.deletes)
        ):
            current = await self._writer.current(resource)
            if current is not Applied.DONE:
                return current
        # They tell of what has been written down, whatever becomes of the rest.
        for event in plan.events:
            self._recorder.tell(resource, event)
        try:
            made = await self._all(resource, self._making, self._writer.create, plan.creates)
        except ApiError as error:
            self._recorder.refused(resource, error)
            if error.namespace_ending or error.status == 404:
                return Applied.OVER
            raise
        rivalled = [patch.key for patch in plan.patches if _claims(patch)]
        with self._store.answers.wanting(resource["metadata"]["uid"], rivalled):
            changed = await self._all(
                resource, self._changing, partial(self._writer.patch, resource), plan.patches
            )
        ended = await self._all(resource, self._making, partial(self._writer.delete, resource), plan.deletes)
        if made and changed and ended and self._tell is not None:
            key, uid = key_of(resource), resource["metadata"]["uid"]
            await asyncio.gather(*(self._tell(key, uid, word) for word in plan.tells))
        return Applied.DONE

    async def _all(
        self, resource: Object, lane: Slots, write: Callable[[Each], Awaitable[bool]], each: Iterable[Each]
    ) -> bool:
        """All at once, as far as the lane has room: a run starts up with its slowest pod.

        Then the first error, if any; else whether all of them were carried out.
        """
        key = key_of(resource)
        calls = (self._bounded(key, lane, partial(write, one)) for one in each)
        answers = await asyncio.gather(*calls, return_exceptions=True)
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer
        return all(answers)

    async def _bounded(self, key: Key, lane: Slots, call: Callable[[], Awaitable[bool]]) -> bool:
        async with lane.slot(key):
            done = await call()
            self._progressed(key)
            return done


def _begins(body: Object) -> bool:
    """Whether an attempt, a run of a schedule, or the life of a cluster begins with it."""
    if body["kind"] != "Pod":
        return kind_of(body) in (DASK_CLUSTER, CLUSTER, FLOW_RUN)
    scheduler = (body["metadata"].get("labels") or {}).get(LABEL_COMPONENT) == SCHEDULER
    return bool(scheduler or body["spec"].get("schedulingGates"))


def _claims(patch: Patch) -> bool:
    """Whether a run takes what it has seen, by its revision; the writes of its attempt fence that."""
    return bool(patch.revision) and LABEL_RUN in ((patch.body.get("metadata") or {}).get("labels") or {})


def _adopts(patch: Patch) -> bool:
    """Whether an object gets its owner back."""
    return "ownerReferences" in (patch.body.get("metadata") or {}) and not _claims(patch)
