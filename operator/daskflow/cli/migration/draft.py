"""A manifest in the making: what is put where, and what an operator would refuse of it.

Each value is put with the leaves that it comes from. Whatever would be refused is left out again, and its
leaves are named with the very sentence of the refusal: a draft always comes to a manifest that is taken.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pydantic.alias_generators import to_camel

from daskflow.api.crd import MAX_NAME
from daskflow.api.daskcluster import DaskClusterSpec
from daskflow.api.flowrun import FlowRunSpec
from daskflow.api.flowschedule import FlowScheduleSpec
from daskflow.api.names import API_VERSION, DASK_CLUSTER, FLOW_RUN, FLOW_SCHEDULE
from daskflow.api.shared import Shared
from daskflow.cli.local import cel
from daskflow.cli.local.validation import Invalid, checked, schema_of
from daskflow.cli.migration.leaves import Book, Node
from daskflow.manifests.refused_settings import cluster_fault, run_fault


class Named(NamedTuple):
    """A step of a path: the item of a list that has this name; one is added if there is none."""

    name: str


class End:
    """A step of a path: one more item of a list."""


END = End()
NAME = "{name}"
Step = str | Named | End
Place = tuple[Step, ...]


class Put(NamedTuple):
    """A value, where it goes in the manifest, and what it comes from."""

    place: Place
    value: Any
    sources: tuple[Node, ...]


@dataclass
class Draft:
    """One manifest. Places are relative to the spec of a run or cluster, of `cluster` to its cluster."""

    kind: str
    name: str
    book: Book
    puts: list[Put] = field(default_factory=list)
    closing: str = ""
    """What is said when its name is settled, which stands for NAME in it."""

    @property
    def namespace(self) -> str:
        """Its namespace, if it has one."""
        return next((str(each.value) for each in self.puts if each.place == ("metadata", "namespace")), "")

    def put(self, place: Place, value: Any, *sources: Node) -> None:
        """To be carried over; whether it is taken is known at the end."""
        root: Place = ("spec", "template", "spec") if self.kind == FLOW_SCHEDULE else ("spec",)
        self.at((*root, *place), value, *sources)

    def cluster(self, place: Place, value: Any, *sources: Node) -> None:
        """The same of a field of the cluster."""
        self.put(place if self.kind == DASK_CLUSTER else ("cluster", *place), value, *sources)

    def at(self, place: Place, value: Any, *sources: Node) -> None:
        """The same, from the manifest's root."""
        for node in sources:
            node.take()
        self.puts.append(Put(place, value, sources))

    def manifest(self) -> dict[str, Any]:
        """What is taken of it; the rest is named. The draft's own parts stand in for what is missing."""
        kept = self._settled([], self.puts)
        return ordered(self.kind, built(self._base(), kept))

    def _settled(self, kept: list[Put], more: list[Put]) -> list[Put]:
        """`kept` and as much of `more` as is taken, in order."""
        if not more:
            return kept
        fault = refusal(built(self._base(), [*kept, *more]))
        if not fault:
            return [*kept, *more]
        if len(more) == 1:
            self._refused(more[0], fault)
            return kept
        half = len(more) // 2
        return self._settled(self._settled(kept, more[:half]), more[half:])

    def _refused(self, put: Put, fault: str) -> None:
        why = f"which would be refused: {fault.rstrip('.')}"
        for node in put.sources:
            node.lose(why)
        if not put.sources:
            self.book.say(f"what it had would be refused: {fault.rstrip('.')}")

    def _base(self) -> dict[str, Any]:
        base: dict[str, Any] = {
            "apiVersion": API_VERSION,
            "kind": self.kind,
            "metadata": {"name": self.name},
            "spec": {"image": IMAGE},
        }
        if self.kind != DASK_CLUSTER:
            base["spec"]["flow"] = NOTHING
        if self.kind == FLOW_SCHEDULE:
            base["spec"] = {"cron": NEVER, "template": {"spec": base["spec"]}}
        return base


IMAGE = "ghcr.io/dask/dask:latest"
"""What dask-kubernetes and the chart dask/dask take where none is given."""
NOTHING: Mapping[str, Any] = {
    "command": ["sh", "-c", "echo 'spec.flow could not be migrated; write it by hand' >&2; exit 1"]
}
"""Stands for a flow that cannot be carried over."""
NEVER = "0 0 31 2 *"
"""Stands for a schedule until one is put."""


def built(base: dict[str, Any], puts: Sequence[Put]) -> dict[str, Any]:
    """The manifest of these puts, in their order; of two at one place the later counts."""
    result: Any = _copy(base)
    for put in puts:
        at = result
        for step, following in zip(put.place, (*put.place[1:], None), strict=True):
            at = _step(at, step, following, put.value)
    return dict(result)


def _step(at: Any, step: Step, following: Step | None, value: Any) -> Any:
    if isinstance(step, Named):
        items = (item for item in at if isinstance(item, dict))
        found = next((item for item in items if item.get("name") == step.name), None)
        if found is None:
            at.append(found := {"name": step.name})
        return found
    if isinstance(step, End):
        at.append(value)
        return at
    if following is None:
        at[step] = value
        return at
    return at.setdefault(step, [] if isinstance(following, Named | End) else {})


def ordered(kind: str, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """A manifest with its fields in the order of the reference; names come first."""
    top = {key: manifest[key] for key in ("apiVersion", "kind", "metadata")}
    return {**top, "spec": _ordered(manifest["spec"], schema_of(kind)["properties"]["spec"])}


_SHARED = [to_camel(name) for name in Shared.model_fields]
"""What scheduler, workers and runner have in common comes first."""


def _ordered(value: Any, schema: Mapping[str, Any]) -> Any:
    if isinstance(value, list) and "items" in schema:
        return [_ordered(each, schema["items"]) for each in value]
    known = schema.get("properties")
    if not isinstance(value, dict) or not known:
        return value
    names = ["name", *(_SHARED if "image" in known else ()), *known, *value]
    return {
        name: _ordered(value[name], known.get(name, {})) for name in dict.fromkeys(names) if name in value
    }


def _copy(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copy(child) for key, child in value.items()}
    return [_copy(child) for child in value] if isinstance(value, list) else value


def refusal(resource: Mapping[str, Any]) -> str:
    """Why API server or operator would refuse a manifest, as one sentence; empty if they take it."""
    if len(resource["metadata"]["name"]) > MAX_NAME:
        return f"metadata.name is too long; use at most {MAX_NAME} characters"
    try:
        json.dumps(resource, allow_nan=False, ensure_ascii=False).encode()
    except (TypeError, ValueError):
        return "it has a value that JSON has not; write texts, numbers, lists, mappings"
    try:
        spec, _ = checked(resource, rules=cel.installed())
    except Invalid as error:
        return str(error)
    if isinstance(spec, DaskClusterSpec):
        return cluster_fault(spec)
    if isinstance(spec, FlowScheduleSpec):
        return run_fault(spec.template.spec)
    assert isinstance(spec, FlowRunSpec), FLOW_RUN
    return run_fault(spec)
