"""What is known of objects that are gone: that they are, and what a run's last pod said."""

from collections import OrderedDict
from collections.abc import Callable

from daskflow.api.dask_kubernetes.names import JOB, JOB_ENDS
from daskflow.api.names import FLOW_RUN
from daskflow.controller.kubernetes.verbs import controller_of
from daskflow.plan.model import Key, Object

TOMBSTONES = 20_000
"""How many deleted uids are remembered. An event can be late by minutes; 100 pods a second end at most."""


class Tombstones:
    """Objects whose deletion was seen, and lists that had all there was when they were taken.

    Whoever tells late of what is gone is not believed.
    """

    def __init__(self) -> None:
        self._dead: OrderedDict[str, None] = OrderedDict()
        self._complete: dict[tuple[str, str | None], int] = {}
        """By kind and namespace (None: all): the version of the newest list."""

    def bury(self, uid: str) -> None:
        """This object was deleted, or another has its name."""
        self._dead[uid] = None
        while len(self._dead) > TOMBSTONES:
            self._dead.popitem(last=False)

    def buried(self, uid: str) -> bool:
        """Whether this object is known to be deleted."""
        return uid in self._dead

    def completed(self, kind: str, namespace: str | None, version: int) -> None:
        """A whole list has been put: what is older and not known was gone by then, whoever still tells it."""
        self._complete[kind, namespace] = max(version, self._complete.get((kind, namespace), 0))

    def listed(self, key: Key) -> int:
        """The version of the newest list that would have had this key; -1 if there was none."""
        return max(self._complete.get((key.kind, where), -1) for where in (key.namespace, None))


def over(run: Object) -> bool:
    """Whether a run, or a job of dask-kubernetes, has ended."""
    status = run.get("status") or {}
    return bool(status.get("completionTime") or status.get("jobStatus") in JOB_ENDS)


class LastPods:
    """By run, or job of dask-kubernetes: its last pod that is gone, as it was last, until the run is over.

    A runner's end and its deletion may have come together, and its last message is not to be lost.
    """

    def __init__(self, get: Callable[[Key], Object | None]) -> None:
        self._get = get
        self._pods: dict[str, Object] = {}

    def remember(self, body: Object) -> None:
        """This object is gone; it is kept if it is a pod of a run that has not ended."""
        owner = controller_of(body)
        if body["kind"] != "Pod" or owner is None or owner["kind"] not in (FLOW_RUN, JOB):
            return
        run = self._get(Key(owner["kind"], body["metadata"]["namespace"], owner["name"]))
        if run is not None and run["metadata"]["uid"] == owner["uid"] and not over(run):
            self._pods[owner["uid"]] = body

    def of(self, uid: str) -> Object | None:
        """The last pod of this run that is gone."""
        return self._pods.get(uid)

    def forget(self, uid: str) -> None:
        """This run is over, or gone."""
        self._pods.pop(uid, None)
