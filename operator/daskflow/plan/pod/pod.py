"""A pod as the policies look at it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from daskflow.api.conditions import instant
from daskflow.api.names import GATE_JOURNAL, LABEL_COMPONENT, LABEL_GROUP, RUNNER, SCHEDULER, WORKER
from daskflow.api.wording import one_line
from daskflow.api.workers import DEFAULT_GROUP
from daskflow.manifests.naming import worker_ordinal
from daskflow.plan.model import Delete, Key, Object
from daskflow.plan.pod.last_words import parsed

_NEVER_STARTED = ("StartError", "ContainerCannotRun")
"""The kubelet's words for a container whose command could not be executed."""
_LONGEST_ORDINAL = 9
"""Digits. Status holds 32 bits, and no cluster makes so many workers."""


@dataclass(frozen=True)
class Pod:
    """Reads the parts of a pod's JSON that decisions rest on."""

    raw: Object

    @cached_property
    def name(self) -> str:
        """Its name."""
        return str(self.raw["metadata"]["name"])

    @property
    def uid(self) -> str:
        """Its uid."""
        return str(self.raw["metadata"]["uid"])

    @property
    def key(self) -> Key:
        """Where it lives."""
        return Key("Pod", self.raw["metadata"]["namespace"], self.name)

    @cached_property
    def component(self) -> str:
        """scheduler, worker or runner; also the name of its container.

        By its name, which cannot change, where that tells: labels can be edited. What calls itself a worker
        and has no ordinal of ours is somebody else's.
        """
        last = self.name.rpartition("-")[2]
        if last in (SCHEDULER, RUNNER):
            return last
        if last.isdecimal() and f"-{WORKER}-" in self.name:
            return WORKER if len(last) <= _LONGEST_ORDINAL else ""
        label = str((self.raw["metadata"].get("labels") or {}).get(LABEL_COMPONENT, ""))
        return "" if label == WORKER else label

    @cached_property
    def ordinal(self) -> int:
        """Of a worker: its number in its group, which no other has had; -1 where that cannot be told."""
        return worker_ordinal(self.name)

    @cached_property
    def our_container(self) -> str:
        """The name of the container that the pod is for."""
        return self.component

    def group(self, base: str) -> str:
        """The group of a worker, by its name; `base` is the common beginning of its cluster's names."""
        head = f"{base}-{WORKER}-"
        if not self.name.startswith(head):
            return str((self.raw["metadata"].get("labels") or {}).get(LABEL_GROUP, DEFAULT_GROUP))
        return self.name.removeprefix(head).rpartition("-")[0] or DEFAULT_GROUP

    @cached_property
    def status(self) -> Mapping[str, Any]:
        """Its status, as the kubelet wrote it."""
        return self.raw.get("status") or {}

    @property
    def phase(self) -> str:
        """Pending, Running, Succeeded or Failed."""
        return str(self.status.get("phase", "Pending"))

    @property
    def other_gates(self) -> tuple[Object, ...]:
        """What else than our own gate keeps it from being given a node."""
        gates = self.raw["spec"].get("schedulingGates") or ()
        return tuple(gate for gate in gates if gate["name"] != GATE_JOURNAL)

    @property
    def gated(self) -> bool:
        """Whether no node may get it yet since its uid was to be written down first."""
        return len(self.other_gates) < len(self.raw["spec"].get("schedulingGates") or ())

    @cached_property
    def ended(self) -> bool:
        """Whether all of its containers have stopped for good."""
        return self.phase in ("Succeeded", "Failed")

    @cached_property
    def over(self) -> bool:
        """Whether our container has ended for good; another one in its pod may still run."""
        return self.ended or bool(self.terminated)

    @property
    def outlived(self) -> bool:
        """Whether another container goes on, or is yet to start, though ours is over.

        Not those that a kubelet ends by itself once all others are done: init containers that restart.
        """
        others = (each for each in self.status.get("containerStatuses") or () if each is not self.container)
        return self.over and not self.ended and any(not state_of(each, "terminated") for each in others)

    @cached_property
    def deleting(self) -> bool:
        """Whether it was told to go; it may still be running."""
        return "deletionTimestamp" in self.raw["metadata"]

    @cached_property
    def container(self) -> Mapping[str, Any]:
        """The status of our container, empty before the kubelet has seen it."""
        statuses = self.status.get("containerStatuses") or ()
        return next((status for status in statuses if status["name"] == self.our_container), {})

    @property
    def waiting(self) -> Mapping[str, Any]:
        """Why the container does not run yet: `reason` and `message`, or empty."""
        return state_of(self.container, "waiting")

    @property
    def terminated(self) -> Mapping[str, Any]:
        """How the container ended: `exitCode`, `reason`, `message`, `finishedAt` …, or empty."""
        return state_of(self.container, "terminated")

    @property
    def ran(self) -> bool:
        """Whether the container's process was ever started."""
        if self.terminated.get("reason") in _NEVER_STARTED:
            return False
        return bool(self.terminated.get("startedAt")) or "running" in (self.container.get("state") or {})

    @property
    def end_known(self) -> bool:
        """Whether what its container left behind was seen; on a lost node it was not."""
        if self.terminated.get("reason") == "ContainerStatusUnknown":
            return False
        return bool(self.terminated) or not self.ran

    @property
    def unset(self) -> bool:
        """Whether it is on its node without volumes or network, so that nothing in it can have run."""
        unset = self.condition("PodReadyToStartContainers").get("status") == "False"
        return unset and not self.ended and not self.ran and not self.terminated

    @property
    def memory_limit(self) -> str | None:
        """The container's memory limit, wherever it comes from: spec, template or LimitRange."""
        containers = self.raw["spec"].get("containers") or ()
        ours: Mapping[str, Any] = next(
            (each for each in containers if each["name"] == self.our_container), {}
        )
        limit = ((ours.get("resources") or {}).get("limits") or {}).get("memory")
        return str(limit) if limit is not None else None

    @property
    def hopeless(self) -> bool:
        """Whether its image cannot run it, however often it is tried."""
        return self.terminated.get("reason") in _NEVER_STARTED or (
            bool(self.terminated) and "No module named 'distributed'" in self.last_words
        )

    @cached_property
    def started(self) -> bool:
        """Whether it runs and its startup probe has succeeded: see `names.PORT_READY`."""
        return (
            not self.ended
            and bool(self.container.get("started"))
            and "running" in (self.container.get("state") or {})
        )

    def condition(self, type_: str) -> Mapping[str, Any]:
        """The condition of this type, or empty."""
        conditions = self.status.get("conditions") or ()
        return next((condition for condition in conditions if condition["type"] == type_), {})

    @property
    def disrupted(self) -> bool:
        """Whether Kubernetes itself took it away: eviction, preemption, drain, lost node."""
        return self.status.get("reason") in (
            "Evicted",
            "Preempting",
            "NodeLost",
            "Shutdown",
            "Terminated",
        ) or (self.condition("DisruptionTarget").get("status") == "True")

    @property
    def created_at(self) -> datetime:
        """When it was created."""
        return instant(self.raw["metadata"]["creationTimestamp"])

    @cached_property
    def ready_at(self) -> datetime | None:
        """When its readiness last changed."""
        at = self.condition("Ready").get("lastTransitionTime")
        return instant(at) if at else None

    @property
    def finished_at(self) -> datetime | None:
        """When its container ended; the best that is known for a pod that ended without running."""
        if not self.over:
            return None
        if at := self.terminated.get("finishedAt"):
            return instant(at)
        return self.ready_at or self.created_at

    @cached_property
    def report(self) -> Mapping[str, Any] | None:
        """What our runtime wrote as its last message; None for anything else.

        A pod that is killed leaves the tail of its log there (FallbackToLogsOnError), which may be any text.
        """
        return parsed(self.terminated.get("message"), self.component)

    @property
    def last_words(self) -> str:
        """The last line it wrote when it died without a report, or why Kubernetes says it ended."""
        message = "" if self.report else str(self.terminated.get("message") or "").strip()
        if message:
            return one_line(message.splitlines()[-1])[:300]
        # Of a pod whose container had ended before we ended the rest, Kubernetes' own words are about us.
        return (
            ""
            if self.terminated and self.ended_by_us
            else one_line(str(self.status.get("message") or ""))[:300]
        )

    @property
    def told_to_end(self) -> bool:
        """Whether its kubelet is to stop it, by our wish, a user's or Kubernetes' own."""
        return self.deleting or self.disrupted or self.ended_by_us

    @property
    def ended_by_us(self) -> bool:
        """Whether we have asked for its end (`plan.pod.termination`); longer deadlines are the run's."""
        return bool(self.raw["spec"].get("activeDeadlineSeconds") == 1)

    def deletion(self, grace: int | None = None) -> Delete:
        """Removes it, with its logs."""
        return Delete(self.key, self.uid, grace)


def state_of(status: Mapping[str, Any], word: str) -> Mapping[str, Any]:
    """What a container's status says of its being `waiting`, `running` or `terminated`; empty: it is not."""
    return (status.get("state") or {}).get(word) or {}
