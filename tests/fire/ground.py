"""Where stories are played: a real control plane, the simulation's nodes and pods, and its invariants.

Whether a flow begins twice, an attempt beside another, or a status goes back is seen by the simulation's own
nodes and watcher, at the moment when it happens.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from daskflow.api.names import DASK_CLUSTER, FLOW_RUN, LABEL_MANAGED_BY, MANAGED_BY
from daskflow.controller.kubernetes.verbs import controller_of
from daskflow.plan.model import Key

from tests.fire.mirror import Mirror
from tests.fire.pool import Pool
from tests.fire.stories import KINDS, Story
from tests.fire.ticks import Ticks
from tests.fire.upstream import Refused, Upstream
from tests.simulation.cases import Case
from tests.simulation.invariants.at_the_end import subject_faults
from tests.simulation.invariants.runs import TERMINAL, Watcher
from tests.simulation.kubernetes.nodes import Nodes
from tests.simulation.kubernetes.objects import instant
from tests.simulation.scenarios import SCENARIOS, Scenario

NODE = "node"
"""On which the simulation's pods are."""
BEAT_SECONDS = 10.0
OWNERS = (FLOW_RUN, DASK_CLUSTER)
"""Of the operator's pods."""


class Played(Nodes):
    """Pods of others are on other nodes, whatever their labels say.

    A pod that an API server makes half a minute after whoever asked for it gave up may come when its owner is
    gone. It is the garbage collector's then, in a second or two, finds no scheduler, and is not played.
    """

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._late: set[str] = set()
        """Uids of those."""

    def _hear(self, type_: str, before: Any, now: Any) -> None:
        owner, uid = controller_of(now) or {}, now["metadata"]["uid"]
        ours = owner.get("kind") in OWNERS
        if now["kind"] == "Pod" and ours and type_ == "ADDED" and not self._is_there(owner):
            self._late.add(uid)
        if now["kind"] != "Pod" or (ours and uid not in self._late):
            super()._hear(type_, before, now)

    def _is_there(self, owner: Any) -> bool:
        uids = (body["metadata"]["uid"] for body in self.server.objects.values() if body["kind"] in OWNERS)
        return owner["uid"] in uids


class Ground:
    """One story after the other; everything else in it is what the simulation calls its world.

    Unless `watched`, statuses may be anybody's: nothing is held against the operator that follows from them.
    """

    def __init__(self, upstream: Upstream, seed: int, *, watched: bool = True) -> None:
        loop = asyncio.get_running_loop()
        loop.epoch = datetime.now(UTC) - timedelta(seconds=loop.time())  # type: ignore[attr-defined]
        self._upstream = upstream
        self.case = Case(seed=seed, storm=True, crashes=1, twins=True)
        self.scenario = SCENARIOS["success"]
        self.server: Any = Mirror(upstream, "default")
        self.nodes = Played(self.server, Random(f"nodes {seed}"), self._script)
        self.nodes.loads["default"] = [(0.0, 2)]
        self.watcher = Watcher(self if watched else _Unheard(self))  # type: ignore[arg-type]
        self.stories: dict[str, Story] = {}
        self.endings: dict[str, Mapping[str, Any]] = {}
        """By name of a run that is no story: how its flow goes, see the simulation's `Script`."""
        self.server.changed.append(self._hear)
        self.ticks = Ticks(self)
        self.pool = Pool(self)

    def begin(self, scenario: Scenario | None = None) -> Story:
        """One of a kind, else of the next in turn, and all that its user does."""
        scenario = scenario or KINDS[len(self.stories) % len(KINDS)]
        story = Story(self, scenario, f"run-{len(self.stories)}")
        self.stories[story.name] = story
        self.server.create(story.manifest)
        for at, action in scenario.actions:
            asyncio.get_running_loop().call_later(at, self._act, action, story)
        return story

    def _act(self, action: Callable[[Any], None], story: Story) -> None:
        """Once the run is there: an API server that is away takes nobody's."""
        if story.seen:
            action(story)
        else:
            asyncio.get_running_loop().call_later(0.5, self._act, action, story)

    def live(self) -> list[Story]:
        """Those whose end is to come."""
        return [story for story in self.stories.values() if not self._over(story)]

    def wrong(self) -> Iterator[str]:
        """All that is wrong with stories that are over."""
        yield from dict.fromkeys([*self.watcher.faults, *self.nodes.faults])
        yield from self.server.troubles
        for story in self.stories.values():
            if self._over(story):
                yield from subject_faults(story, story.key)  # type: ignore[arg-type]
            else:
                yield f"{story.name} ({story.scenario.name}) has not ended: {self.status(story.name)}"

    def left(self) -> list[str]:
        """What of them is still there that should not be: all but the runs, and pods that run."""
        uids = {body["metadata"]["uid"] for body in self.server.objects.values()}
        kept = [
            f"{key.kind} {key.name}, whose owner is {'there' if _owner_uid(body) in uids else 'gone'}"
            for key, body in self.server.objects.items()
            if key.kind != FLOW_RUN and (controller_of(body) or {}).get("kind") in OWNERS
            if (body["metadata"].get("labels") or {}).get(LABEL_MANAGED_BY) == MANAGED_BY
        ]
        return [*kept, *self.pool.left(), *(f"process of {life.key.name}" for life in self.nodes.living())]

    def phases(self) -> Counter[str]:
        """How they stand."""
        return Counter(str(self.status(name).get("phase", "gone")) for name in self.stories)

    def status(self, name: str) -> Mapping[str, Any]:
        """A run's."""
        body = self.server.objects.get(Key(FLOW_RUN, "default", name)) or {}
        return dict(body.get("status") or {})

    async def heartbeat(self) -> None:
        """A node that all pods are on, for as long as this runs."""
        await self._make_node()
        path = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases"
        lease = {"holderIdentity": NODE, "leaseDurationSeconds": 40}
        while True:
            lease["renewTime"] = instant().strftime("%Y-%m-%dT%H:%M:%S.000000Z")
            body = {"metadata": {"name": NODE}, "spec": lease}
            with contextlib.suppress(Exception):
                try:
                    await self._upstream.call("PATCH", f"{path}/{NODE}", body)
                except Refused:
                    await self._upstream.call("POST", path, body)
            await asyncio.sleep(BEAT_SECONDS)

    async def _make_node(self) -> None:
        size = {"cpu": "2000", "memory": "8Ti", "pods": "10000"}
        ready = {"type": "Ready", "status": "True", "reason": "KubeletReady"}
        status = {"capacity": size, "allocatable": size, "conditions": [ready]}
        node = {"kind": "Node", "apiVersion": "v1", "metadata": {"name": NODE}, "status": status}
        with contextlib.suppress(Refused):
            await self._upstream.call("POST", "/api/v1/nodes", node)

    def _over(self, story: Story) -> bool:
        body = self.server.objects.get(story.key)
        if not story.scenario.phases:
            return story.seen and body is None
        return ((body or {}).get("status") or {}).get("phase") in TERMINAL

    def _hear(self, type_: str, before: Any, now: Any) -> None:
        if now["kind"] == FLOW_RUN and now["metadata"]["name"] in self.stories:
            self.stories[now["metadata"]["name"]].seen = True

    def _script(self, run: str, attempt: int) -> Mapping[str, Any]:
        for key, body in self.server.objects.items():
            if key.kind != FLOW_RUN or body["metadata"]["uid"] != run:
                continue
            if key.name not in self.stories:
                return self.endings.get(key.name, {})
            flows = self.stories[key.name].scenario.flows
            return flows[min(attempt, len(flows)) - 1]
        return {}


def _owner_uid(body: Any) -> str:
    return str((controller_of(body) or {}).get("uid"))


class _Unheard:
    """A world of which no watcher hears anything."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self.server = Mirror(ground._upstream, "nowhere")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ground, name)
