"""One write to the API, and what its answer means: it goes into the store, is tried again, or is a Refusal.

A write raises ApiError where only time can help (429, 5xx, a 409 of somebody else's making, no answer) and
where the API refuses a status. Creates, patches and deletes that it refuses become Refusals, which plans see.
A call that timed out may have taken effect, which is fine: names are deterministic and status writes carry a
resourceVersion.
"""

import asyncio
import logging
from enum import Enum

from daskflow.controller.known.store import Store
from daskflow.controller.kubernetes.events import Recorder
from daskflow.controller.kubernetes.kinds import KINDS
from daskflow.controller.kubernetes.verbs import Api, ApiError, controller_of, key_of
from daskflow.plan.model import UNDONE, Delete, Event, Key, Object, Occupied, Patch, Refusal, Verb
from daskflow.plan.refusals import explained

log = logging.getLogger(__name__)


class Applied(Enum):
    """What became of a plan."""

    DONE = "done"
    STALE = "stale"
    """The resource was not what the plan was made for; the store has it as it is now."""
    OVER = "over"
    """The resource or its namespace is gone or going: there is nothing to do for it."""


class Writer:
    """`resource` is the object whose plan holds the write; what is refused is told of in its Events."""

    def __init__(self, api: Api, store: Store, recorder: Recorder) -> None:
        self._api = api
        self._store = store
        self._recorder = recorder

    async def status(self, resource: Object, status: Object) -> Applied:
        """Replace the status, if the resource is still what it was taken for."""
        key, uid = key_of(resource), resource["metadata"]["uid"]
        self._store.foreign.expect(key, status)
        try:
            answer = await self._api.replace_status({**resource, "status": status})
            self._store.pruned.written(status, answer)
            self._store.foreign.expect(key, answer.get("status"))
            self._store.put(answer)
        except ApiError as error:
            if error.status == 404:
                self._store.remove(key, uid)
                return Applied.OVER
            if error.status != 409:
                if not error.passing:
                    self._refused(resource, "status", key, error)
                raise
            if await self.current(resource) is not Applied.DONE:
                return Applied.STALE if self._store.has(key, uid) else Applied.OVER
            raise  # nobody has changed it: something else is in the way for the moment
        self._store.answers.accepted(uid, "status", key)
        return Applied.DONE

    async def current(self, resource: Object) -> Applied:
        """Whether the resource is still what was planned for.

        Asked before an attempt's cluster, its scheduler, or the runner of one that has none is made. No
        status write fences that, and to an operator that was frozen, or lists an older past, what is long
        over looks as if it were yet to be made. So does a tick of a schedule whose run has come and gone.
        Before a child gets its owner back, too: what `--cascade=orphan` has just let go stays free. And
        before a cluster goes that a newer status may have an attempt on.
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

    async def create(self, body: Object) -> bool:
        """Create a child; one that is there already is ours, or a name that is taken. Whether it is there."""
        key, owner = key_of(body), (controller_of(body) or {}).get("uid", "")
        readable = KINDS[key.kind].seen != "never"
        try:
            answer: Object | None = await self._api.create(body)
        except ApiError as error:
            if error.passing or error.status == 404 or error.namespace_ending:
                raise
            if not error.taken:
                self._store.answers.refuse(owner, _refusal("create", key, error), self._now())
                return False
            if readable:
                answer = await self._existing(key, owner)
                if answer is None:
                    return False
        if readable and answer is not None:
            self._store.put(answer, asked=True)
        self._store.answers.succeeded(owner, key, self._now(), readable=readable)
        return True

    async def _existing(self, key: Key, owner: str) -> Object | None:
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

    async def patch(self, resource: Object, patch: Patch) -> bool:
        """Patch a child, unless the same patch has just been undone. Whether it was patched."""
        owner = resource["metadata"]["uid"]
        if self._store.answers.undone(owner, patch, self._now()):
            self._refused(resource, "patch", patch.key, ApiError(UNDONE))
            return False
        try:
            answer = await self._api.patch(
                patch.key, patch.uid, patch.body, patch.revision, patch.subresource
            )
            self._store.put(answer)
        except ApiError as error:
            await self._not_written(resource, "patch", patch.key, patch.uid, error, patch.revision)
            return False
        self._store.answers.patched(owner, patch, self._now())
        if patch.event is not None:
            self._recorder.tell(resource, patch.event)
        return True

    async def delete(self, resource: Object, delete: Delete) -> bool:
        """Delete a child. Whether it is going, or gone."""
        try:
            answer = await self._api.delete(delete.key, delete.uid, delete.grace, delete.revision)
        except ApiError as error:
            await self._not_written(resource, "delete", delete.key, delete.uid, error, delete.revision)
            return error.status == 404
        self._store.answers.accepted(resource["metadata"]["uid"], "delete", delete.key)
        # Some kinds answer with the object that was, some with a Status. Of a pod only a Status or the watch
        # proves that it is gone: it may still run, and a next attempt waits for it to be over.
        if answer.get("kind") == "Status" or not _lingers(answer):
            self._store.remove(delete.key, delete.uid)
        else:
            self._store.put(answer)
        return True

    async def _not_written(
        self, resource: Object, verb: Verb, key: Key, uid: str, error: ApiError, revision: str
    ) -> None:
        """A patch or delete was not carried out; raises the error where only time can help."""
        if error.status == 404:
            self._store.remove(key, uid)
        elif error.status == 409:
            await self._conflict(key, uid, error, revision)
        elif error.passing:
            raise error
        else:
            self._refused(resource, verb, key, error)

    async def _conflict(self, key: Key, uid: str, error: ApiError, revision: str) -> None:
        """Whether another object has the name; else somebody's write came between, or a quota's own.

        A write with a revision was for what the object was: the store has it as it is, and plans see that.
        """
        try:
            found = await self._api.get(key)
        except ApiError as missing:
            if missing.status != 404:
                raise
            self._store.remove(key, uid)
            return
        self._store.put(found)
        same = found["metadata"]["uid"] == uid
        if same and revision in ("", found["metadata"]["resourceVersion"]):
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


def _refusal(verb: Verb, key: Key, error: ApiError) -> Refusal:
    return Refusal(key, error.status, error.message, verb=verb, rightless=error.rightless)


def _lingers(answer: Object) -> bool:
    return bool(answer.get("kind") == "Pod" or answer["metadata"].get("finalizers"))
