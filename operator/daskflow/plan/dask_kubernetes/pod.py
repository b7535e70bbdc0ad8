"""A pod of dask-kubernetes' kinds: what is in it is its user's, and restarts in place."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from daskflow.api.dask_kubernetes.names import LABEL_COMPONENT
from daskflow.manifests.dask_kubernetes.pods import ANNOTATION_ORDINAL
from daskflow.plan.model import Key, Object
from daskflow.plan.pod.pod import Pod

_PORT = 8786
_COMM = "tcp-comm"
"""The name of the port for Dask's connections, in Services and pods that clients generate."""
_LONGEST = 9
"""Digits of an ordinal."""


@dataclass(frozen=True)
class TheirPod(Pod):
    """Its first container is what it is for. A container that has ended starts again, so that it is over with
    all of it only; and no last message of it is a report of ours."""

    @cached_property
    def component(self) -> str:
        """The value of its label, which has been put back if somebody took it (`plan.mending`)."""
        return str((self.raw["metadata"].get("labels") or {}).get(LABEL_COMPONENT, ""))

    @cached_property
    def our_container(self) -> str:
        """The name of its first container."""
        containers = self.raw["spec"].get("containers") or ()
        return str(containers[0]["name"]) if containers else ""

    @cached_property
    def ordinal(self) -> int:
        """The number that its worker's name was made of; -1 where somebody has edited it away."""
        said = str((self.raw["metadata"].get("annotations") or {}).get(ANNOTATION_ORDINAL, ""))
        return int(said) if said.isdecimal() and len(said) <= _LONGEST else -1

    @cached_property
    def over(self) -> bool:
        """Whether all of it has ended for good."""
        return self.ended

    @cached_property
    def report(self) -> Mapping[str, Any] | None:
        """There is none."""
        return None

    @property
    def ready(self) -> bool:
        """Whether Services send to it."""
        return self.condition("Ready").get("status") == "True" and not self.deleting

    def address(self, service: Object | None, scheme: str = "tcp") -> str | None:
        """Where its scheduler listens, as Dask writes it; None as long as it does not run."""
        host = self.status.get("podIP")
        if not host or not self.started:
            return None
        host = f"[{host}]" if ":" in host else host
        return f"{scheme}://{host}:{self._port(service)}"

    def _port(self, service: Object | None) -> int:
        ports = ((service or {}).get("spec") or {}).get("ports") or ()
        named: Mapping[str, Any] = next((each for each in ports if each.get("name") == _COMM), {})
        target = named.get("targetPort", named.get("port", _PORT))
        if isinstance(target, int):
            return target
        containers = self.raw["spec"].get("containers") or ()
        own = (port for each in containers for port in each.get("ports") or ())
        return next((int(port["containerPort"]) for port in own if port.get("name") == target), _PORT)


@dataclass(frozen=True)
class LeftBehind(TheirPod):
    """A Deployment that dask-kubernetes' own operator has made of a pod: it stays, with what it computes, as
    long as it is needed. Its pods carry no label of ours, and are not seen."""

    @property
    def key(self) -> Key:
        """Where it lives: what is deleted is the Deployment."""
        return Key("Deployment", self.raw["metadata"]["namespace"], self.name)

    @cached_property
    def status(self) -> Mapping[str, Any]:
        """As that of a pod which runs, since it is made again when it dies."""
        return {"phase": "Running", "startTime": self.raw["metadata"].get("creationTimestamp")}

    @cached_property
    def started(self) -> bool:
        """Whether its pod is ready."""
        return bool((self.raw.get("status") or {}).get("readyReplicas"))

    @property
    def ready(self) -> bool:
        """The same."""
        return self.started and not self.deleting

    def address(self, service: Object | None, scheme: str = "tcp") -> str | None:
        """Of a scheduler: that of its Service. It knows nothing of certificates."""
        spec = (service or {}).get("spec") or {}
        ports = {each.get("name"): each.get("port") for each in spec.get("ports") or ()}
        host = spec.get("clusterIP")
        if not self.started or not host or host == "None":
            return None
        host = f"[{host}]" if ":" in host else host
        return f"tcp://{host}:{ports.get(_COMM, _PORT)}"


_KINDS = {"Pod": TheirPod, "Deployment": LeftBehind}


def pods_of(objects: Iterable[Object]) -> tuple[TheirPod, ...]:
    """The pods among these objects, and what another operator made in their place, oldest first."""
    found = (_KINDS[each["kind"]](each) for each in objects if each["kind"] in _KINDS)
    return tuple(sorted(found, key=lambda pod: (pod.ordinal, pod.name)))
