"""Objects of others that look like the operator's own: by their labels, or who they say owns them."""

from dataclasses import dataclass
from typing import Any

from daskflow.api.names import (
    API_VERSION,
    FLOW_RUN,
    LABEL_ATTEMPT,
    LABEL_CLUSTER,
    LABEL_COMPONENT,
    LABEL_MANAGED_BY,
    LABEL_RUN,
    MANAGED_BY,
)

from tests.fire.traffic import Traffic
from tests.fire.upstream import Refused, Upstream

CORE = "/api/v1/namespaces/default"
COMPONENTS = ("runner", "scheduler", "worker")


@dataclass(frozen=True)
class Left:
    """One object as its owner left it."""

    plural: str
    name: str
    uid: str
    version: str


class Foreign:
    """`make` them beside a run; `wrong` says what has become of them."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream
        self._made: list[Left] = []

    async def make(self, run: str, uid: str) -> None:
        """Beside the FlowRun of this name and uid: pods that nobody controls, or somebody else, or not it."""
        foreign = {"name": f"{run}-foreign", "labels": _labels(run)}
        owner = await self._create("configmaps", {"metadata": foreign})
        theirs = {"apiVersion": "v1", "kind": "ConfigMap", "name": owner.name, "uid": owner.uid}
        ours = {"apiVersion": API_VERSION, "kind": FLOW_RUN, "name": run, "uid": uid}
        references: dict[str, list[dict[str, Any]]] = {
            "nobodys": [],
            "theirs": [{**theirs, "controller": True}],
            "beside": [{**theirs, "controller": True}, {**ours, "controller": False}],
        }
        for whose, owners in references.items():
            for component in COMPONENTS:
                name = f"{run}-{whose}-{component}"
                labels = {**_labels(run), LABEL_COMPONENT: component}
                meta = {"name": name, "labels": labels, "ownerReferences": owners}
                await self._create("pods", {"metadata": meta, "spec": _pod(component)})
        await self._create("services", {"metadata": foreign, "spec": {"ports": [{"port": 8786}]}})

    async def wrong(self, traffic: Traffic) -> list[str]:
        """Each that is gone or changed, or that the operator has asked to be."""
        found = []
        for each in self._made:
            try:
                meta = (await self._upstream.call("GET", f"{CORE}/{each.plural}/{each.name}"))["metadata"]
                if meta["uid"] != each.uid or meta["resourceVersion"] != each.version:
                    found.append(f"{each.plural} {each.name} was changed")
            except Refused as error:
                found.append(f"{each.plural} {each.name} was taken away: {error.status}")
            if (each.plural, "default", each.name) in traffic.touched:
                found.append(f"{each.plural} {each.name} was touched by the operator")
        return found

    def __len__(self) -> int:
        return len(self._made)

    async def _create(self, plural: str, body: dict[str, Any]) -> Left:
        meta = (await self._upstream.call("POST", f"{CORE}/{plural}", body))["metadata"]
        left = Left(plural, meta["name"], meta["uid"], meta["resourceVersion"])
        self._made.append(left)
        return left


def _labels(run: str) -> dict[str, str]:
    return {
        LABEL_MANAGED_BY: MANAGED_BY,
        LABEL_RUN: run,
        LABEL_ATTEMPT: "1",
        LABEL_CLUSTER: f"{run}-1",
    }


def _pod(component: str) -> dict[str, Any]:
    return {"containers": [{"name": component, "image": "registry.example/theirs:1"}]}
