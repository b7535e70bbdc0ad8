"""An API server in memory: what Kubernetes promises about objects, versions, deletion and garbage.

Objects are never changed in place; a write puts a new one. So a state that was handed out stays what it was.
"""

import asyncio
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from random import Random
from typing import Any

from daskflow.controller.kubernetes.kinds import CUSTOM, KINDS
from daskflow.controller.kubernetes.verbs import ApiError, Listing, key_of
from daskflow.plan.model import Key, Object

from tests.simulation.kubernetes.objects import copied, instant, merged, orphaned, owns, selects, stamp

FOREGROUND = "foregroundDeletion"
ORPHAN = "orphan"
Change = Callable[[str, Object | None, Object], None]
"""Hears of each change: ADDED, MODIFIED or DELETED; the object before; the object now."""


class Server:
    """The verbs are synchronous and take effect at once; delays and faults are the client's (`client.py`)."""

    def __init__(self, chance: Random, garbage_seconds: tuple[float, float] = (0.05, 3.0)) -> None:
        self.chance = chance
        self.objects: dict[Key, Object] = {}
        self.history: dict[str, list[tuple[int, str, Object, Object | None]]] = defaultdict(list)
        """Per kind: version, type, object, and what it was before (for selectors)."""
        self.times: dict[str, list[float]] = defaultdict(list)
        """Per kind: when each of these was."""
        self.forgotten: dict[str, int] = defaultdict(int)
        """Per kind: watches from before this version are answered with 410."""
        self.grown: dict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self.changed: list[Change] = []
        self.refuse: Callable[[Object], ApiError | None] = lambda body: None
        """Admission: quotas, Pod Security …"""
        self.resist: Callable[[str, Key], ApiError | None] = lambda verb, key: None
        """The same of what an operator wants to change: verb (patch, delete, status) and object."""
        self.prune: Callable[[str, dict[str, Any]], dict[str, Any]] = lambda kind, status: status
        """What a definition that is older than the operator keeps of a status."""
        self.mutate: Callable[[dict[str, Any]], None] = lambda body: None
        """A mutating webhook's changes to what an operator creates."""
        self.ending: set[str] = set()
        """Namespaces that are being deleted."""
        self.let_go: set[str] = set()
        """Uids of what deleted objects have left to their users, with all that it owns in turn."""
        self.unheard: set[str] = set()  # uids of whose end garbage collection never hears
        self.version = 1
        self.by_operator = False
        """Whether an operator asked for what happens now (and not users, nodes, garbage collection)."""
        self._garbage_seconds = garbage_seconds
        self._addresses = 0
        self._uids: set[str] = set()

    def get(self, key: Key) -> Object:
        if key not in self.objects:
            raise ApiError(404, "NotFound", f"{key.kind} {key.name} not found")
        return self.objects[key]

    def list(self, kind: str, namespace: str | None, selector: str) -> Listing:
        items = tuple(
            body
            for key, body in self.objects.items()
            if key.kind == kind
            and (namespace is None or key.namespace == namespace)
            and selects(selector, body)
        )
        return Listing(items, str(self.version))

    def past(self, kind: str, steps: int) -> Listing:
        """All objects of a kind as they were so many changes ago, with the version of that time."""
        history = self.history[kind][: max(0, len(self.history[kind]) - steps)]
        found: dict[Key, Object] = {}
        for _, type_, body, _ in history:
            if type_ == "DELETED":
                found.pop(key_of(body), None)
            else:
                found[key_of(body)] = body
        return Listing(tuple(found.values()), str(history[-1][0] if history else 1))

    @contextmanager
    def operator(self) -> Iterator[None]:
        """Around a call that an operator makes."""
        self.by_operator = True
        try:
            yield
        finally:
            self.by_operator = False

    def create(self, body: Object) -> Object:
        key = key_of(body)
        if key.namespace in self.ending:
            causes = ("NamespaceTerminating",)
            raise ApiError(403, "Forbidden", "because it is being terminated", causes=causes)
        if refusal := self.refuse(body):
            raise refusal
        if key in self.objects:
            raise ApiError(409, "AlreadyExists", f"{key.kind} {key.name} already exists")
        made: dict[str, Any] = copied(body)
        if self.by_operator:
            self.mutate(made)
        made["metadata"] = {
            **made["metadata"],
            "uid": str(uuid.UUID(int=self.chance.getrandbits(128))),
            "creationTimestamp": stamp(),
            "generation": 1,
            "managedFields": [{"manager": "somebody"}],
        }
        if key.kind in CUSTOM:
            made["status"] = {"observedGeneration": -1}
        if key.kind == "Pod":
            made["status"] = {"phase": "Pending"}
        if key.kind == "Service":
            self._addresses += 1
            address = f"10.0.{self._addresses // 250}.{self._addresses % 250 + 1}"
            wanted = made["spec"].get("clusterIP")
            others = (each for other, each in self.objects.items() if other.kind == "Service")
            if wanted and any(each["spec"]["clusterIP"] == wanted for each in others):
                raise ApiError(422, "Invalid", "provided IP is already allocated")
            made["spec"] = {**made["spec"], "clusterIP": wanted or address}
        self._put(key, made)
        self._collect_orphan(key)
        return self.objects[key]

    def replace_status(self, body: Object) -> Object:
        key, meta = key_of(body), body["metadata"]
        found = self.get(key)
        self._ask("status", key)
        for name in ("uid", "resourceVersion"):
            if meta.get(name) not in (None, found["metadata"][name]):
                raise ApiError(409, "Conflict", f"{key.name}: {name} differs")
        status = self.prune(key.kind, copied(body["status"]))
        if found.get("status") == status:
            return found
        return self._put(key, {**found, "status": status})

    def update(self, key: Key, **parts: Any) -> Object:
        """What nodes, users and other controllers do: replace whole parts (`status`, `spec`, `metadata`)."""
        found = self.get(key)
        return self._put(key, {**found, **parts})

    def patch(self, key: Key, uid: str, body: Object, revision: str = "", subresource: str = "") -> Object:
        found = self.get(key)
        if subresource and (key.kind, subresource) != ("Pod", "resize"):
            raise ApiError(404, "NotFound", "the server could not find the requested resource")
        if found["metadata"]["uid"] != uid:
            raise ApiError(409, "Conflict", "uid differs")
        asked = body.get("metadata", {}).get("resourceVersion") or revision
        if asked not in ("", found["metadata"]["resourceVersion"]):
            raise ApiError(409, "Conflict", "resourceVersion differs")
        self._ask("patch", key)
        patched = merged(found, body)
        before, after = (part["spec"].get("activeDeadlineSeconds") for part in (found, patched))
        if key.kind == "Pod" and before is not None and (after is None or after > before):
            raise ApiError(422, "Invalid", "activeDeadlineSeconds may only be lowered")
        gates, left = (part["spec"].get("schedulingGates") or [] for part in (found, patched))
        if any(gate not in gates for gate in left):
            raise ApiError(422, "Invalid", "spec.schedulingGates: only deletion is allowed")
        if patched == found:
            return found
        now = self._put(key, patched)
        self._collect_orphan(key)
        return now

    def delete(
        self, key: Key, uid: str | None = None, grace: int | None = None, revision: str = ""
    ) -> Object:
        found = self.get(key)
        if uid not in (None, found["metadata"]["uid"]):
            raise ApiError(409, "Conflict", "uid differs")
        if revision not in ("", found["metadata"]["resourceVersion"]):
            raise ApiError(409, "Conflict", "resourceVersion differs")
        self._ask("delete", key)
        if found["metadata"].get("finalizers"):
            return self._marked(key)
        if key.kind == "Pod" and grace != 0 and found["spec"].get("nodeName"):
            if "deletionTimestamp" in found["metadata"]:
                return found
            seconds = grace if grace is not None else found["spec"].get("terminationGracePeriodSeconds", 30)
            marks = {
                "deletionTimestamp": stamp(instant() + timedelta(seconds=seconds)),
                "deletionGracePeriodSeconds": seconds,
            }
            return self._put(key, {**found, "metadata": {**found["metadata"], **marks}})
        return self.remove(key)

    def delete_foreground(self, key: Key) -> None:
        """As `kubectl delete --cascade=foreground`: the object stays, marked, until all it owns is gone."""
        self._later(self._dismantle, key, self._marked(key, FOREGROUND)["metadata"]["uid"])

    def delete_orphan(self, key: Key) -> None:
        """As `kubectl delete --cascade=orphan`: what it owns is let go, then the object goes."""
        self._later(self._orphan, key, self._marked(key, ORPHAN)["metadata"]["uid"])

    def release(self, key: Key, finalizer: str) -> None:
        """Whoever has put this finalizer on an object takes it off."""
        found = self.get(key)
        left = [each for each in found["metadata"].get("finalizers", ()) if each != finalizer]
        now = self._put(key, {**found, "metadata": {**found["metadata"], "finalizers": left}})
        if not left and "deletionTimestamp" in now["metadata"]:
            self.remove(key)

    def _marked(self, key: Key, finalizer: str = "") -> Object:
        """Deleted, but kept by finalizers, this one among them."""
        found = self.get(key)
        meta = found["metadata"]
        finalizers = [*dict.fromkeys([*meta.get("finalizers", ()), *filter(None, [finalizer])])]
        marks = {"deletionTimestamp": meta.get("deletionTimestamp", stamp()), "finalizers": finalizers}
        marked = {**meta, **marks}
        return found if marked == meta else self._put(key, {**found, "metadata": marked})

    def _orphan(self, key: Key, uid: str) -> None:
        if key not in self.objects or self.objects[key]["metadata"]["uid"] != uid:
            return
        for each, body in list(self.objects.items()):
            if owns(uid, body):
                kept = [owner for owner in body["metadata"]["ownerReferences"] if owner["uid"] != uid]
                self._put(each, {**body, "metadata": {**body["metadata"], "ownerReferences": kept}})
                self.let_go.add(body["metadata"]["uid"])
        self.release(key, ORPHAN)

    def _dismantle(self, key: Key, uid: str) -> None:
        if key not in self.objects or self.objects[key]["metadata"]["uid"] != uid:
            return
        owned = [each for each, body in self.objects.items() if owns(uid, body)]
        if not owned:
            self.release(key, FOREGROUND)
            return
        for each in owned:
            if "deletionTimestamp" in self.objects[each]["metadata"]:
                continue
            if KINDS[each.kind].seen == "custom":
                self.delete_foreground(each)
            else:
                self.delete(each)
        self._later(self._dismantle, key, uid)

    def remove(self, key: Key) -> Object:
        """The object is gone for good (for a pod: the kubelet is done with it). Its garbage follows later."""
        found = self.objects.pop(key)
        if found["metadata"]["uid"] not in self.unheard:
            self._uids.discard(found["metadata"]["uid"])
        self.version += 1
        last = {**found, "metadata": {**found["metadata"], "resourceVersion": str(self.version)}}
        self._record(key.kind, "DELETED", found, last)
        self._later(self._collect, found["metadata"]["uid"])
        return last

    def forget_history(self, kind: str) -> None:
        """Compaction: a watch that is behind has to list again."""
        self.forgotten[kind] = self.version
        self.grown[kind].set()

    def _ask(self, verb: str, key: Key) -> None:
        if self.by_operator and (refusal := self.resist(verb, key)):
            raise refusal

    def _put(self, key: Key, body: dict[str, Any]) -> Object:
        before = self.objects.get(key)
        self.version += 1
        meta = {**body["metadata"], "resourceVersion": str(self.version)}
        if before is not None and before.get("spec") != body.get("spec"):
            meta["generation"] = before["metadata"]["generation"] + 1
        now = {**body, "metadata": meta}
        self.objects[key] = now
        self._uids.add(meta["uid"])
        self._record(key.kind, "ADDED" if before is None else "MODIFIED", before, now)
        return now

    def _record(self, kind: str, type_: str, before: Object | None, now: Object) -> None:
        self.history[kind].append((self.version, type_, now, before))
        self.times[kind].append(asyncio.get_running_loop().time())
        self.grown[kind].set()
        for hear in self.changed:
            hear(type_, before, now)

    def _later(self, call: Callable[..., None], *arguments: Any) -> None:
        asyncio.get_running_loop().call_later(self.chance.uniform(*self._garbage_seconds), call, *arguments)

    def _collect(self, owner: str) -> None:
        """Background garbage collection: what only this (absent) object owned goes, too."""
        for key, body in list(self.objects.items()):
            if owns(owner, body) and key in self.objects:
                self._collect_orphan(key)

    def _collect_orphan(self, key: Key) -> None:
        if (body := self.objects.get(key)) is not None and orphaned(body, self._uids):
            self._later(self._delete_quietly, key, body["metadata"]["uid"])

    def _delete_quietly(self, key: Key, uid: str) -> None:
        """Unless it has another owner by now: the collector looks once more."""
        body = self.objects.get(key)
        if body is not None and body["metadata"]["uid"] == uid and orphaned(body, self._uids):
            self.delete(key)
