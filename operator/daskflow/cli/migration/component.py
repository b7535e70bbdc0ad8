"""Scheduler, groups of workers and runner as a source has them, and how they come together in one draft.

Sources give each its own image, variables and pod; a manifest of ours says once what all of them have.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from daskflow.api.names import DASK_CLUSTER, RUNNER, SCHEDULER, WORKER
from daskflow.api.workers import DEFAULT_GROUP
from daskflow.cli.migration.draft import END, IMAGE, Draft, Named, Place, Put
from daskflow.cli.migration.leaves import Node, shown


class Given(NamedTuple):
    """A value and what it comes from."""

    value: Any
    sources: tuple[Node, ...]


_IMAGE = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._/:@+-]*[A-Za-z0-9])?")
_IN_CONTAINER: Mapping[str, bool] = {
    "image": True,
    "imagePullPolicy": True,
    "envFrom": True,
    "imagePullSecrets": False,
    "serviceAccountName": False,
    "priorityClassName": False,
}
"""Fields that all pods share, and whether a single pod has them in its container or beside it."""
_HARMLESS = ("imagePullPolicy", "imagePullSecrets")
"""Those that a pod may have which did not have them."""

_ITS_OWN = {
    "DASK_SCHEDULER_ADDRESS": "which the operator sets by itself",
    "DASK_WORKER_NAME": "since workers are named after their pods",
}
_PACKAGES = "but pods start without installing anything; build an image that has these packages"


@dataclass
class Component:
    """One kind of pod."""

    kind: str
    """scheduler, worker or runner."""
    group: str = DEFAULT_GROUP
    puts: list[Put] = field(default_factory=list)
    """Below its own field of the spec."""
    pod: list[Put] = field(default_factory=list)
    """Below its template."""
    cluster: list[Put] = field(default_factory=list)
    """Below the cluster."""
    run: list[Put] = field(default_factory=list)
    """Below the run's spec."""
    shared: dict[str, Given] = field(default_factory=dict)
    env: dict[str, Given] = field(default_factory=dict)
    mounts: list[str] = field(default_factory=list)
    """Paths at which it has volumes."""

    @property
    def field(self) -> str:
        """Where it stands in a spec, for sentences."""
        names = {SCHEDULER: "scheduler", RUNNER: "runner", WORKER: "workers"}
        return names[self.kind] if self.group == DEFAULT_GROUP else f"workerGroups {self.group}"

    def put(self, place: Place, value: Any, *sources: Node) -> None:
        """A field of its own."""
        self.puts.append(Put(place, value, sources))

    def in_pod(self, place: Place, value: Any, *sources: Node) -> None:
        """A part of its pod's template."""
        self.pod.append(Put(place, value, sources))

    def in_container(self, place: Place, value: Any, *sources: Node) -> None:
        """The same of its own container."""
        self.in_pod(("spec", "containers", Named(self.kind), *place), value, *sources)

    def of_cluster(self, place: Place, value: Any, *sources: Node) -> None:
        """A field of the whole cluster."""
        self.cluster.append(Put(place, value, sources))

    def dashboard(self, wanted: bool, *sources: Node) -> None:
        """Whether Dask's dashboard is served: the scheduler's counts."""
        if self.kind == SCHEDULER:
            self.of_cluster(("dashboard",), wanted, *sources)
        else:
            for node in sources:
                node.ours("since the cluster's dashboard is the scheduler's")

    def share(self, name: str, value: Any, *sources: Node) -> None:
        """A field that all pods may have in common."""
        if name == "image" and not _IMAGE.fullmatch(str(value)):
            for node in sources:
                node.lose("which no image is called; write image by hand")
            return
        self.shared[name] = Given(value, sources)

    def variable(self, name: str, variable: Mapping[str, Any], *sources: Node) -> None:
        """A variable of its environment; of one given twice the later counts, as in a pod."""
        if why := _ITS_OWN.get(name):
            _named(name, variable, sources, why, lost=False)
            return
        if name.startswith("EXTRA_") and name.endswith("_PACKAGES"):
            _named(name, variable, sources, _PACKAGES, lost=True)
            return
        if name in self.env:
            why = f"but {name} is given again, which counts"
            _named(name, self.env[name].value, self.env[name].sources, why, lost=False)
        self.env[name] = Given(dict(variable), sources)


def _named(name: str, variable: Mapping[str, Any], sources: Sequence[Node], why: str, *, lost: bool) -> None:
    """Says once what became of a variable, of whose parts each is a leaf."""
    for place, node in enumerate(sources):
        if place == 0:
            node.part(f"{name}={variable.get('value', shown(variable.get('valueFrom')))}", why, lost=lost)
        else:
            node.hush()


def combine(draft: Draft, components: Sequence[Component], image: str | None = None) -> None:
    """Puts all of them into a draft: once what is the same in all. `image`: where none of them names one."""
    if image:
        draft.put(("image",), image)
    elif not any("image" in each.shared for each in components if each.group == DEFAULT_GROUP):
        draft.book.say(
            f"it names no image, and {IMAGE} stands for it; give one that has your packages by --image"
        )
    for name in _IN_CONTAINER:
        _shared(draft, components, name)
    _environment(draft, components)
    common = _common_pod(components)
    for put in common:
        draft.put(("template", *put.place), put.value, *put.sources)
    for component in components:
        for put in component.puts:
            _own(draft, component, put.place, put.value, *put.sources)
        for put in component.pod:
            if not any(_alike(put, each) for each in common):
                _own(draft, component, ("template", *put.place), put.value, *put.sources)
        for put in component.run:
            draft.put(put.place, put.value, *put.sources)
        for put in component.cluster:
            if put.place == ("idleTimeout",) and draft.kind != DASK_CLUSTER:
                for node in put.sources:
                    node.ours("since a run's cluster ends with the run")
            else:
                draft.cluster(put.place, put.value, *put.sources)


def _shared(draft: Draft, components: Sequence[Component], name: str) -> None:
    given = [(each, each.shared[name]) for each in components if name in each.shared]
    if not given:
        return
    if _is_common(name, given, len(components)):
        common = _of_most(given)
        alike = [node for _, each in given if each.value == common for node in each.sources]
        draft.put((name,), common, *alike)
        given = [(component, each) for component, each in given if each.value != common]
    for component, each in given:
        inside = ("containers", Named(component.kind)) if _IN_CONTAINER[name] else ()
        place: Place = ("template", "spec", *inside, name)
        _own(draft, component, place, each.value, *each.sources)


def _is_common(name: str, given: Sequence[tuple[Component, Given]], of: int) -> bool:
    """Whether a field is that of the whole: an image that only further groups have is theirs."""
    if name == "image":
        return any(component.group == DEFAULT_GROUP for component, _ in given)
    return _in_all(given) and (name in _HARMLESS or len(given) == of)


def _in_all(given: Sequence[tuple[Component, Given]]) -> bool:
    return all(each.value == given[0][1].value for _, each in given)


def _of_most(given: Sequence[tuple[Component, Given]]) -> Any:
    """The image of the run: the workers' if they have one, since most pods are theirs."""
    whole = [each for each in given if each[0].group == DEFAULT_GROUP] or given
    of_workers = [each.value for component, each in whole if component.kind == WORKER]
    return of_workers[0] if of_workers else whole[0][1].value


def _environment(draft: Draft, components: Sequence[Component]) -> None:
    first = components[0].env if components else {}
    common = [
        name
        for name, given in first.items()
        if all(name in each.env and each.env[name].value == given.value for each in components)
    ]
    for name in common:
        sources = [node for each in components for node in each.env[name].sources]
        draft.put(("env", END), first[name].value, *sources)
    for component in components:
        for name, given in component.env.items():
            if name not in common:
                place: Place = ("template", "spec", "containers", Named(component.kind), "env", END)
                _own(draft, component, place, given.value, *given.sources)


def _common_pod(components: Sequence[Component]) -> list[Put]:
    """What the pods of all components have, with all that it comes from."""
    if len(components) < 2:
        return []
    found = []
    for put in components[0].pod:
        own = any(isinstance(step, Named) and step.name == components[0].kind for step in put.place)
        alike = [next(_likes(put, each.pod), None) for each in components]
        if not own and all(alike):
            found.append(
                Put(put.place, put.value, tuple(node for each in alike if each for node in each.sources))
            )
    return found


def _likes(put: Put, among: Sequence[Put]) -> Iterator[Put]:
    return (each for each in among if _alike(put, each))


def _alike(one: Put, other: Put) -> bool:
    return one.place == other.place and one.value == other.value


def _own(draft: Draft, component: Component, place: Place, value: Any, *sources: Node) -> None:
    if component.kind == RUNNER:
        draft.put(("runner", *place), value, *sources)
    elif component.kind == SCHEDULER:
        draft.cluster(("scheduler", *place), value, *sources)
    elif component.group == DEFAULT_GROUP:
        draft.cluster(("workers", *place), value, *sources)
    else:
        draft.cluster(("workerGroups", Named(component.group), *place), value, *sources)
