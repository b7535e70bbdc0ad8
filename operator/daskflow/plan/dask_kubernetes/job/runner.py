"""A job's runner: a pod of the user's making, whose containers have any name."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

from daskflow.api.conditions import instant
from daskflow.api.wording import full_stop, one_line
from daskflow.plan.pod.pod import Pod, state_of

_LONGEST = 300
"""Characters of a pod's own words that are repeated."""


class Runner(Pod):
    """Its end is that of the pod, whose phase says what `restartPolicy` makes of its containers' ends."""

    @cached_property
    def component(self) -> str:
        """The name of its first container: the program's, where there are others."""
        first: Mapping[str, Any] = next(iter(self.raw["spec"].get("containers") or ()), {})
        return str(first.get("name", ""))

    @cached_property
    def over(self) -> bool:
        """Whether all has ended for good."""
        return self.ended

    @property
    def began_at(self) -> datetime | None:
        """When the first of its containers was started, as far as its status still tells."""
        return min(self._times("startedAt", ("running", "terminated")), default=None)

    @property
    def ended_at(self) -> datetime | None:
        """When the last of its containers ended."""
        return max(self._times("finishedAt", ("terminated",)), default=None) if self.ended else None

    def _times(self, name: str, states: Iterable[str]) -> Iterable[datetime]:
        for status in self.status.get("containerStatuses") or ():
            for state in states:
                at = state_of(status, state).get(name)
                # What could not be started has the year 1970 there.
                if at and instant(at).timestamp() > 0:
                    yield instant(at)

    @property
    def end(self) -> str:
        """How it ended, in a sentence."""
        if reason := self.status.get("reason"):
            said = one_line(str(self.status.get("message") or ""))[:_LONGEST]
            return full_stop(f"Its pod was ended by Kubernetes ({reason})" + (f": {said}" if said else ""))
        failed = [
            (each, ended)
            for each in self.status.get("containerStatuses") or ()
            if (ended := state_of(each, "terminated")) and ended.get("exitCode")
        ]
        if not failed:
            return "Its pod failed, and no container tells why."
        return "Its container " + "; ".join(_exit(*each) for each in failed) + "."

    @property
    def failing(self) -> str:
        """What there is to say of a container that is started again and again; empty: there is none.

        Between two starts kubelets say that it waits (CrashLoopBackOff), or only that it has ended.
        """
        if self.ended or self.policy == "Never":
            return ""
        for status in self.status.get("containerStatuses") or ():
            waits = state_of(status, "waiting").get("reason") == "CrashLoopBackOff"
            before = (status.get("lastState") or {}).get("terminated") or {}
            ended = state_of(status, "terminated") or before
            if ended and (waits or ended.get("exitCode")):
                return (
                    f"The runner's container {_exit(status, ended)}. It is started again each time "
                    f"(restartPolicy {self.policy}); with restartPolicy Never its first failure ends the job."
                )
        return ""

    @property
    def policy(self) -> str:
        """The pod's restartPolicy, which the API server fills in."""
        return str(self.raw["spec"].get("restartPolicy", "Always"))


def _exit(status: Mapping[str, Any], ended: Mapping[str, Any]) -> str:
    said = one_line(str(ended.get("message") or "").strip())[-_LONGEST:]
    why = f" ({ended['reason']})" if ended.get("reason") not in (None, "Error") else ""
    return f"{status.get('name')} ended with exit code {ended.get('exitCode')}{why}" + (
        f": {said}" if said else ""
    )
