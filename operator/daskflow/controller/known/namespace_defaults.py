"""The ConfigMaps with defaults of namespaces, from a list and watch of their own: plans look at them.

They are the objects of nobody's life: who waits for one to be corrected is looked at again, and whoever wrote
it is told in an Event on it what is wrong.
"""

from collections.abc import Callable

from daskflow.api.reasons import Reason
from daskflow.plan.default_fields import DefaultsInvalid
from daskflow.plan.defaults import of_namespace
from daskflow.plan.model import Event, Key, Object


class NamespaceDefaults:
    """A cache for an informer. `changed` is called with a namespace whose defaults are others now."""

    def __init__(self, changed: Callable[[str], None]) -> None:
        self._changed = changed
        self._found: dict[str, Object] = {}
        self.tell: Callable[[Object, Event], None] = lambda about, event: None
        """Hears of what is wrong with one."""

    def of(self, namespace: str) -> Object | None:
        """The ConfigMap of this namespace, whatever it says."""
        return self._found.get(namespace)

    def get(self, key: Key) -> Object | None:
        """See `watch.Cache`."""
        found = self._found.get(key.namespace)
        return found if found is not None and found["metadata"]["name"] == key.name else None

    def put(self, body: Object) -> bool:
        """See `watch.Cache`."""
        meta = body["metadata"]
        namespace = meta["namespace"]
        known = self._found.get(namespace)
        if known is not None and _version(body) <= _version(known):
            return False
        kept = {name: value for name, value in meta.items() if name != "managedFields"}
        self._found[namespace] = {**body, "metadata": kept}
        try:
            of_namespace(body)
        except DefaultsInvalid as error:
            sentence = f"{error} No run or cluster is begun in this namespace before it is corrected."
            self.tell(body, Event("Warning", Reason.DEFAULTS_INVALID.value, sentence))
        self._changed(namespace)
        return True

    def remove(self, key: Key, uid: str) -> None:
        """See `watch.Cache`."""
        found = self._found.get(key.namespace)
        if found is not None and found["metadata"]["uid"] == uid:
            del self._found[key.namespace]
            self._changed(key.namespace)

    def missing(self, kind: str, namespace: str | None, listed: set[str], version: int) -> tuple[Object, ...]:
        """See `watch.Cache`."""
        return tuple(
            body
            for where, body in self._found.items()
            if namespace in (None, where)
            and body["metadata"]["uid"] not in listed
            and _version(body) <= version
        )

    def completed(self, kind: str, namespace: str | None, version: int) -> None:
        """See `watch.Cache`; nothing rests on it."""


def _version(body: Object) -> int:
    return int(body["metadata"].get("resourceVersion") or 0)
