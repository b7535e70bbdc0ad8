"""What the operator knows of objects, by key. `observe` puts together what a plan needs of it.

Watches, lists and the answers to our own calls all end here, in any order, late and twice; a higher
resourceVersion wins (they compare as integers, officially so since Kubernetes 1.35, KEP-5504, and in fact
since etcd 3), so nobody sees an object older than the answer to our own last write of it.
"""

import logging
from collections.abc import Callable, Collection, Iterator

from daskflow.api.names import kind_of
from daskflow.api.reasons import Reason
from daskflow.controller.known.affected import affected, also_affected
from daskflow.controller.known.compact import alike, compact
from daskflow.controller.known.deleted import LastPods, Tombstones, over
from daskflow.controller.known.foreign_statuses import ForeignStatuses, HandEdits
from daskflow.controller.known.indexes import Indexes
from daskflow.controller.known.namespace_defaults import NamespaceDefaults
from daskflow.controller.known.pruned import Pruned
from daskflow.controller.known.scheduler_reports import SchedulerReports
from daskflow.controller.known.write_answers import WriteAnswers
from daskflow.controller.kubernetes.kinds import KINDS
from daskflow.controller.kubernetes.verbs import key_of
from daskflow.plan.model import Key, Object

log = logging.getLogger(__name__)


def version_of(body: Object) -> int:
    """The resourceVersion as the number it is; 0 where there is none."""
    return int(body["metadata"].get("resourceVersion") or 0)


class Store:
    """`changed` is called with each key that is to be reconciled because of what was put or removed, `told`
    with each object that was (None: removed), and how it was known before; what `told` raises is only logged.

    What is known beside the objects, and goes with them, has parts of its own.
    """

    def __init__(
        self,
        changed: Callable[[Key], None],
        told: Callable[[Key, Object | None, Object | None], None] = lambda key, body, before: None,
    ) -> None:
        self._told = told
        self._tombstones = Tombstones()
        self.answers = WriteAnswers(self._tombstones.buried)
        self.reports = SchedulerReports(self.has, changed)
        self.last_pods = LastPods(self.get)
        self.foreign = ForeignStatuses()
        self.hand_edits = HandEdits()
        self.pruned = Pruned()
        self.namespace_defaults = NamespaceDefaults(self._tell_waiting)
        self._changed = changed
        self._objects: dict[Key, Object] = {}
        self._indexes = Indexes()

    def begin_anew(self) -> None:
        """Keep what the API server has told, and nothing of what this process knew beside it.

        For one who stood by: another has led, and what this one took for an edit by hand may be none.
        """
        self.answers = WriteAnswers(self._tombstones.buried)
        self.reports = SchedulerReports(self.has, self._changed)
        self.foreign, self.hand_edits, self.pruned = ForeignStatuses(), HandEdits(), Pruned()

    def get(self, key: Key) -> Object | None:
        """The newest known state of an object."""
        return self._objects.get(key)

    def has(self, key: Key, uid: str) -> bool:
        """Whether the object of this name is known, and is the one with this uid."""
        known = self._objects.get(key)
        return known is not None and known["metadata"]["uid"] == uid

    def all(self) -> Collection[Object]:
        """Every object that is known (for metrics)."""
        return self._objects.values()

    def count(self, kind: str) -> int:
        """How many objects of a kind are known (walks over all)."""
        return sum(key.kind == kind for key in self._objects)

    def custom(self) -> tuple[Key, ...]:
        """The keys of all objects that have a life of their own."""
        return tuple(key for key in self._objects if KINDS[key.kind].seen == "custom")

    def _tell_waiting(self, namespace: str) -> None:
        """Defaults of this namespace have changed: whoever has begun, or ended, need not hear of it."""
        for key in self.custom():
            status = self._objects[key].get("status") or {}
            if key.namespace == namespace and status.get("reason") == Reason.DEFAULTS_INVALID:
                self._changed(key)

    def owned_by(self, owner: Object) -> Iterator[Object]:
        """What this object controls."""
        for key in self._indexes.owned_by(owner):
            yield self._objects[key]

    def orphans(self, owner: Object) -> Iterator[Object]:
        """What is controlled by another object of this one's kind and name, and owned by nobody else.

        That one is gone for good, if this one is there; it may be the newer of the two.
        """
        named = self._indexes.of_namesakes(key_of(owner))
        if len(named) == len(self._indexes.owned_by(owner)):
            return
        for each in named:
            body = self._objects[each]
            if "deletionTimestamp" not in body["metadata"] and _of_another(body, owner):
                yield body

    def of_run(self, run: Key) -> Iterator[Object]:
        """Pods that say by label that they are this run's, and clusters that its flow has made."""
        for key in self._indexes.of_run(run):
            yield self._objects[key]

    def users(self, cluster: Key) -> Iterator[Object]:
        """Who uses this DaskCluster (`Indexes.users`)."""
        for key in self._indexes.users(cluster):
            yield self._objects[key]

    def claimed(self, pool: Key) -> Iterator[Object]:
        """Clusters that this pool has made and runs have now."""
        for key in self._indexes.pools.claimed(pool):
            yield self._objects[key]

    def roomless(self, namespace: str) -> Iterator[Object]:
        """Runs of the namespace that have no room (`Pools.roomless`)."""
        for key in self._indexes.pools.roomless(namespace):
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

    def completed(self, kind: str, namespace: str | None, version: int) -> None:
        """A whole list, taken at `version`, has been put."""
        self._tombstones.completed(kind, namespace, version)

    def put(self, body: Object, *, asked: bool = False) -> bool:
        """Take a state of an object; False if it was known already, is older than what is known, or dead.

        `asked`: it was asked for by its name just now, so that it is there though no list had it (those of
        children are by label).
        """
        key, meta = key_of(body), body["metadata"]
        known = self._objects.get(key)
        if self._tombstones.buried(meta["uid"]) or version_of(body) <= (
            self._newest(key, known) if known is not None or not asked else -1
        ):
            return False
        if known is not None and known["metadata"]["uid"] != meta["uid"]:
            self._forget(key, known)
            self._tombstones.bury(known["metadata"]["uid"])
            known = None
        body = alike(compact(body), known)
        foreign = self.foreign.is_foreign(key, body, known)
        self.hand_edits.note(key, body, known, foreign=foreign)
        foreign = foreign or self.foreign.changes_hands(key, body, known)
        self._objects[key] = body
        self._indexes.put(key, body, known)
        if over(body):
            self.last_pods.forget(meta["uid"])
        for each in self._announce(key, body, known):
            if foreign:
                self.foreign.require_list(each)
        self._tell(key, body, known)
        return True

    def remove(self, key: Key, uid: str) -> None:
        """The object with this uid is gone for good: no late event or answer brings it back."""
        self._tombstones.bury(uid)
        known = self._objects.get(key)
        if known is not None and known["metadata"]["uid"] == uid:
            self.last_pods.remember(known)
            self._forget(key, known)
            self._announce(key, known)
            self._tell(key, None, known)

    def _tell(self, key: Key, body: Object | None, before: Object | None) -> None:
        """Users write what is told: nothing that a measure cannot read may end the watch that brought it."""
        try:
            self._told(key, body, before)
        except Exception:
            log.exception("what became of %s %s/%s is not measured", *key)

    def _newest(self, key: Key, known: Object | None) -> int:
        """The version up to which nothing new can be said of a key."""
        return version_of(known) if known is not None else self._tombstones.listed(key)

    def _announce(self, key: Key, body: Object, before: Object | None = None) -> list[Key]:
        """Answers those whose plans rest on this object's status; others are told as well."""
        found = affected(self.get, key, body, before)
        for each in (*found, *also_affected(self._indexes, key, body, before)):
            self._changed(each)
        return found

    def _forget(self, key: Key, body: Object) -> None:
        uid = body["metadata"]["uid"]
        del self._objects[key]
        self._indexes.remove(key, body)
        self.foreign.forget(key)
        self.hand_edits.forget(key)
        self.pruned.forget(key)
        self.reports.forget(uid)
        self.last_pods.forget(uid)
        self.answers.forget(uid)


def _of_another(body: Object, owner: Object) -> bool:
    """Whether all who own the object are others of this one's group, kind and name."""
    group = owner["apiVersion"].partition("/")[0]
    return all(
        each["uid"] != owner["metadata"]["uid"]
        and each["apiVersion"].partition("/")[0] == group
        and (kind_of(each), each["name"]) == (kind_of(owner), owner["metadata"]["name"])
        for each in body["metadata"]["ownerReferences"]
    )
