"""Runners that are gone, as they were last: their end and their deletion may have come together."""

from collections.abc import Callable

from daskflow.api.names import FLOW_RUN
from daskflow.controller.kubernetes.verbs import controller_of
from daskflow.plan.model import Key, Object


class Departed:
    """By owner: its last pod that is gone, kept until the run is over, so that its last word is not lost."""

    def __init__(self, get: Callable[[Key], Object | None]) -> None:
        self._get = get
        self._pods: dict[str, Object] = {}

    def remember(self, body: Object) -> None:
        """This object is gone; it is kept if it is a pod of a run that has not ended."""
        owner = controller_of(body)
        if body["kind"] != "Pod" or owner is None or owner["kind"] != FLOW_RUN:
            return
        run = self._get(Key(FLOW_RUN, body["metadata"]["namespace"], owner["name"]))
        over = ((run or {}).get("status") or {}).get("completionTime")
        if run is not None and run["metadata"]["uid"] == owner["uid"] and not over:
            self._pods[owner["uid"]] = body

    def of(self, uid: str) -> Object | None:
        """The last pod of this run that is gone."""
        return self._pods.get(uid)

    def forget(self, uid: str) -> None:
        """This run is over, or gone."""
        self._pods.pop(uid, None)
