"""What the operator knows: objects by key and by owner, what creates were answered, how far runs are.

Watches, lists and the answers to our own calls all end here, in any order, late and twice; a higher
resourceVersion wins (they compare as integers, officially so since Kubernetes 1.35, KEP-5504, and in fact
since etcd 3), so nobody sees an object older than the answer to our own last write of it.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from daskflow.api.names import FLOW_RUN, LABEL_RUN
from daskflow.controller.answers import Answers
from daskflow.controller.api import controller_of, key_of
from daskflow.controller.kinds import KINDS
from daskflow.plan.model import Counts, Key, Object, Observed

TOMBSTONES = 20_000
"""How many deleted uids are remembered. An event can be late by minutes; 100 pods a second end at most."""


def version_of(body: Object) -> int:
    """The resourceVersion as the number it is; 0 where there is none."""
    return int(body["metadata"].get("resourceVersion") or 0)


class Store:
    """`changed` is called with each key that should be looked at again because of what was put or removed."""

    def __init__(self, changed: Callable[[Key], None], answers: Answers | None = None) -> None:
        self.answers = answers if answers is not None else Answers()
        self._changed = changed
        self._objects: dict[Key, Object] = {}
        self._owned: dict[str, dict[Key, None]] = {}
        self._of_run: dict[Key, dict[Key, None]] = {}
        """Pods by the run that their label names: a cluster can be gone before its pods are."""
        self._dead: OrderedDict[str, None] = OrderedDict()
        self._complete: dict[tuple[str, str | None], int] = {}
        """By kind and namespace (None: all): the version of the newest list, which held all there was."""
        self._unsure: set[Key] = set()
        self._expected: dict[Key, object] = {}
        self._counts: dict[str, Counts] = {}

    def get(self, key: Key) -> Object | None:
        """The newest known state of an object."""
        return self._objects.get(key)

    def count(self, kind: str) -> int:
        """How many objects of a kind are known (for metrics; walks over all)."""
        return sum(key.kind == kind for key in self._objects)

    def put(self, body: Object) -> bool:
        """Take a state of an object; False if it was known already, is older than what is known, or dead."""
        key, meta = key_of(body), body["metadata"]
        known = self._objects.get(key)
        if meta["uid"] in self._dead or version_of(body) <= self._newest(key, known):
            return False
        if known is not None and known["metadata"]["uid"] != meta["uid"]:
            self._forget(key, known)
            self._bury(known["metadata"]["uid"])
        if "managedFields" in meta:
            # A third of an object's size, and nobody reads it.
            body = {
                **body,
                "metadata": {name: value for name, value in meta.items() if name != "managedFields"},
            }
        foreign = self._foreign(key, known, body)
        self._objects[key] = body
        owner = controller_of(body)
        if owner is not None:
            self._owned.setdefault(owner["uid"], {})[key] = None
        if run := _run_of(body):
            self._of_run.setdefault(run, {})[key] = None
        for each in self._announce(key, body):
            if foreign:
                self._unsure.add(each)
        return True

    def expect(self, key: Key, status: object) -> None:
        """We are about to write this status: whoever tells of it, it is ours."""
        self._expected[key] = status

    def unsure(self, key: Key) -> bool:
        """Whether somebody else wrote a status that plans for this key rest on; see `refresh`."""
        return key in self._unsure

    def trust(self, key: Key | None = None) -> None:
        """A list of children that begins now will be newer than any status known now (None: of any key)."""
        self._unsure.clear() if key is None else self._unsure.discard(key)

    def doubt(self, key: Key) -> None:
        """That list failed."""
        self._unsure.add(key)

    def remove(self, key: Key, uid: str) -> None:
        """The object with this uid is gone for good: no late event or answer brings it back."""
        self._bury(uid)
        known = self._objects.get(key)
        if known is not None and known["metadata"]["uid"] == uid:
            self._forget(key, known)
            self._announce(key, known)

    def completed(self, kind: str, namespace: str | None, version: int) -> None:
        """A whole list has been put: what is older and not known was gone by then, whoever still tells it."""
        self._complete[kind, namespace] = max(version, self._complete.get((kind, namespace), 0))

    def hear(self, key: Key, uid: str, counts: Counts) -> None:
        """Its scheduler has said how far this run is. In no object, so forgotten with the process."""
        known = self._objects.get(key)
        if known is not None and known["metadata"]["uid"] == uid:
            self._counts[uid] = counts
            self._changed(key)

    def owned_by(self, uid: str) -> Iterator[Object]:
        """What the object with this uid controls."""
        for key in self._owned.get(uid, ()):
            yield self._objects[key]

    def missing(self, kind: str, namespace: str | None, listed: set[str], version: int) -> tuple[Object, ...]:
        """Objects that a list taken at `version` would have had if they still existed; `listed`: its uids."""
        return tuple(
            body
            for key, body in self._objects.items()
            if key.kind == kind
            and (namespace is None or key.namespace == namespace)
            and body["metadata"]["uid"] not in listed
            and version_of(body) <= version
        )

    def observe(self, resource: Object, now: float) -> Observed:
        """All that is known around a resource. `now` is the loop's clock, by which answers expire."""
        uid = resource["metadata"]["uid"]
        children = tuple(self.owned_by(uid))
        uids = [uid, *(child["metadata"]["uid"] for child in children)]
        grandchildren = {each: tuple(self.owned_by(each)) for each in uids[1:] if each in self._owned}
        grandchildren |= self._orphans(key_of(resource), uids)
        return Observed(
            children=children,
            grandchildren=grandchildren,
            created=self.answers.created(uids),
            occupied=self.answers.occupied(uids, now),
            refusals=self.answers.refusals(uids, now),
            counts=self._counts.get(uid),
        )

    def wake_at(self, resource: Object, now: float) -> float | None:
        """When an answer that `observe` told of expires (loop's clock): its create is to be tried again."""
        uid = resource["metadata"]["uid"]
        return self.answers.next_expiry(
            [uid, *(child["metadata"]["uid"] for child in self.owned_by(uid))], now
        )

    def _newest(self, key: Key, known: Object | None) -> int:
        """The version up to which nothing new can be said of a key."""
        if known is not None:
            return version_of(known)
        return max(self._complete.get((key.kind, where), -1) for where in (key.namespace, None))

    def _orphans(self, run: Key, known: list[str]) -> dict[str, tuple[Object, ...]]:
        """Pods of a run whose cluster is gone already, by that cluster's uid."""
        found: dict[str, tuple[Object, ...]] = {}
        for key in self._of_run.get(run, ()):
            owner = (controller_of(self._objects[key]) or {}).get("uid", "")
            if owner not in known:
                found[owner] = (*found.get(owner, ()), self._objects[key])
        return found

    def _foreign(self, key: Key, known: Object | None, body: Object) -> bool:
        """Whether this is a status that another process wrote, or wrote before this one began."""
        if KINDS[key.kind].seen != "custom":
            return False
        status = body.get("status") or {}
        if not set(status) - {"observedGeneration"}:
            return False  # as the API server creates it
        return status != (known or {}).get("status") and status != self._expected.get(key)

    def _announce(self, key: Key, body: Object) -> list[Key]:
        """Our kinds look at themselves, their children and grandchildren."""
        concerned = [key] if KINDS[key.kind].seen == "custom" else []
        run = _run_of(body)
        owner: Mapping[str, Any] | None = controller_of(body)
        for _ in range(2):
            if owner is None or owner["kind"] not in KINDS or KINDS[owner["kind"]].seen != "custom":
                break
            key = Key(owner["kind"], key.namespace, owner["name"])
            concerned.append(key)
            body_of_owner = self._objects.get(key)
            owner = None if body_of_owner is None else controller_of(body_of_owner)
        if run is not None and run not in concerned:
            concerned.append(run)
        for each in concerned:
            self._changed(each)
        return concerned

    def _forget(self, key: Key, body: Object) -> None:
        del self._objects[key]
        self._expected.pop(key, None)
        self._unsure.discard(key)
        self._counts.pop(body["metadata"]["uid"], None)
        owner = controller_of(body)
        if owner is not None:
            owned = self._owned[owner["uid"]]
            del owned[key]
            if not owned:
                del self._owned[owner["uid"]]
        if run := _run_of(body):
            of_run = self._of_run[run]
            del of_run[key]
            if not of_run:
                del self._of_run[run]
        self.answers.forget(body["metadata"]["uid"])

    def _bury(self, uid: str) -> None:
        self._dead[uid] = None
        while len(self._dead) > TOMBSTONES:
            self._dead.popitem(last=False)


def _run_of(body: Object) -> Key | None:
    """The run that a pod's label names."""
    name = (body["metadata"].get("labels") or {}).get(LABEL_RUN)
    return Key(FLOW_RUN, body["metadata"]["namespace"], name) if name and body["kind"] == "Pod" else None
