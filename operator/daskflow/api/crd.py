"""Makes the CustomResourceDefinitions in `crds/` from the models: `python -m daskflow.api.crd DIRECTORY`."""

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import yaml

from daskflow.api import clusterpool, daskcluster, flowrun, flowrun_status, flowschedule
from daskflow.api.model import Model, rule
from daskflow.api.names import CLUSTER_POOL, DASK_CLUSTER, FLOW_RUN, FLOW_SCHEDULE, GROUP, VERSION

MAX_NAME = 50
"""Leaves room for what child names add (`manifests.naming`) within the 63 characters of a label."""

_NAME_RULES = [
    # No messageExpression, which could repeat the name: its estimated cost is beyond the budget.
    rule(
        f"self.metadata.name.size() <= {MAX_NAME}",
        f"metadata.name is too long; use at most {MAX_NAME} characters, children's names add to it",
    ),
    rule("!self.metadata.name.contains('.')", "metadata.name has a dot; use letters, digits and dashes only"),
]

_NOT_STRUCTURAL = {"title", "default", "$defs", "additionalProperties", "discriminator", "const"}


@dataclass(frozen=True)
class Kind:
    """One of our kinds as the API server needs to know it."""

    name: str
    plural: str
    short: str
    spec: type[Model]
    status: type[Model]
    rules: tuple[dict[str, Any], ...]
    """CEL rules on the whole object, besides those on its name."""
    columns: tuple[tuple[str, str, str], ...]
    """Name, type and JSONPath of each column of `kubectl get`."""
    wide_columns: tuple[tuple[str, str, str], ...] = ()
    """Further ones of `kubectl get -o wide`."""
    scale: dict[str, str] | None = None
    """The scale subresource, for `kubectl scale` and autoscalers."""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """Dotted path within the spec to what the API server fills in where the user wrote nothing."""

    @property
    def definition(self) -> dict[str, Any]:
        """The CustomResourceDefinition."""
        return {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": f"{self.plural}.{GROUP}"},
            "spec": {
                "group": GROUP,
                "names": {
                    "kind": self.name,
                    "listKind": f"{self.name}List",
                    "plural": self.plural,
                    "singular": self.name.lower(),
                    "shortNames": [self.short],
                    "categories": ["daskflow"],
                },
                "scope": "Namespaced",
                "versions": [
                    {
                        "name": VERSION,
                        "served": True,
                        "storage": True,
                        "schema": {"openAPIV3Schema": self._schema()},
                        "subresources": {"status": {}, **({"scale": self.scale} if self.scale else {})},
                        "additionalPrinterColumns": [
                            {"name": name, "type": type_, "jsonPath": path}
                            for name, type_, path in self.columns
                        ]
                        + [
                            {"name": name, "type": type_, "jsonPath": path, "priority": 1}
                            for name, type_, path in self.wide_columns
                        ],
                    }
                ],
            },
        }

    def _schema(self) -> dict[str, Any]:
        status = structural(self.status)
        # kstatus takes an object without status for current; this default says that it is not.
        status["default"] = {"observedGeneration": -1}
        spec = structural(self.spec)
        for path, value in self.defaults.items():
            node = spec
            for step in path.split("."):
                node = node["properties"][step]
            node["default"] = value
        return {
            "type": "object",
            "description": (self.spec.__doc__ or "").strip(),
            "required": ["spec"],
            "properties": {
                "apiVersion": {"type": "string"},
                "kind": {"type": "string"},
                "metadata": {"type": "object"},
                "spec": spec,
                "status": status,
            },
            "x-kubernetes-validations": [*_NAME_RULES, *self.rules],
        }


KINDS = (
    Kind(
        FLOW_RUN,
        "flowruns",
        "fr",
        flowrun.FlowRunSpec,
        flowrun_status.FlowRunStatus,
        flowrun.FLOW_RUN_RULES,
        (
            ("Phase", "string", ".status.phase"),
            ("Attempt", "integer", ".status.attempt"),
            ("Workers", "string", ".status.cluster.workers"),
            ("Progress", "string", ".status.progress.summary"),
            ("Age", "date", ".metadata.creationTimestamp"),
            ("Duration", "string", ".status.duration"),
            ("Reason", "string", ".status.reason"),
        ),
        wide_columns=(
            ("Efficiency", "number", ".status.report.efficiency"),
            ("Peak", "string", ".status.report.memory.peak"),
        ),
    ),
    Kind(
        DASK_CLUSTER,
        "daskclusters",
        "dkc",
        daskcluster.DaskClusterSpec,
        daskcluster.DaskClusterStatus,
        daskcluster.DASK_CLUSTER_RULES,
        (
            ("Phase", "string", ".status.phase"),
            ("Ready", "integer", ".status.workers.ready"),
            ("Desired", "integer", ".status.workers.desired"),
            ("Address", "string", ".status.address"),
            ("Age", "date", ".metadata.creationTimestamp"),
            ("Reason", "string", ".status.reason"),
        ),
        scale={
            "specReplicasPath": ".spec.workers.replicas",
            "statusReplicasPath": ".status.workers.replicas",
            "labelSelectorPath": ".status.selector",
        },
        # The scale subresource of an object without these is a server error.
        defaults={"workers": {}, "workers.replicas": 2},
    ),
    Kind(
        FLOW_SCHEDULE,
        "flowschedules",
        "fs",
        flowschedule.FlowScheduleSpec,
        flowschedule.FlowScheduleStatus,
        (),
        (
            ("Schedule", "string", ".status.schedule"),
            ("Zone", "string", ".status.timeZone"),
            # As a date, kubectl would show what is to come as <invalid>.
            ("Next", "string", ".status.nextScheduleTime"),
            ("Last", "date", ".status.lastScheduleTime"),
            ("Active", "integer", ".status.activeCount"),
            ("Last-Outcome", "string", ".status.lastOutcome.outcome"),
            ("Age", "date", ".metadata.creationTimestamp"),
            ("Reason", "string", ".status.reason"),
        ),
    ),
    Kind(
        CLUSTER_POOL,
        "clusterpools",
        "cpool",
        clusterpool.ClusterPoolSpec,
        clusterpool.ClusterPoolStatus,
        (),
        (
            ("Ready", "integer", ".status.ready"),
            ("Starting", "integer", ".status.starting"),
            ("Claimed", "integer", ".status.claimed"),
            ("Age", "date", ".metadata.creationTimestamp"),
            ("Reason", "string", ".status.reason"),
        ),
        wide_columns=(
            ("Hash", "string", ".status.hash"),
            ("Message", "string", ".status.message"),
        ),
        scale={
            "specReplicasPath": ".spec.ready",
            "statusReplicasPath": ".status.ready",
            "labelSelectorPath": ".status.selector",
        },
        # The scale subresource of an object without it is a server error.
        defaults={"ready": 1},
    ),
)


def structural(model: type[Model]) -> dict[str, Any]:
    """The model's schema in the structural form the API server takes: no references, no unions with null."""
    schema = model.model_json_schema(by_alias=True)
    return _structural(schema, schema.get("$defs", {}))


def _structural(node: Mapping[str, Any], definitions: Mapping[str, Any]) -> dict[str, Any]:
    if "$ref" in node:
        target = definitions[node["$ref"].rsplit("/", 1)[1]]
        node = {**target, **{key: value for key, value in node.items() if key != "$ref"}}
    if "x-schema" in node:
        return {"description": node.get("description", ""), **node["x-schema"]}
    if "anyOf" in node:
        (only,) = [option for option in node["anyOf"] if option.get("type") != "null"]
        merged = {**only, **{key: value for key, value in node.items() if key != "anyOf"}}
        return _structural(merged, definitions)
    result = {key: value for key, value in node.items() if key not in _NOT_STRUCTURAL}
    result.pop("required", None)
    if "required" in node:
        result["required"] = node["required"]
    if "properties" in node:
        result["properties"] = {
            name: _structural(child, definitions) for name, child in node["properties"].items()
        }
    if isinstance(node.get("additionalProperties"), Mapping):
        result["additionalProperties"] = _structural(node["additionalProperties"], definitions)
    if "items" in node:
        result["items"] = _structural(node["items"], definitions)
    return result


class Defined(Protocol):
    """A kind of ours or of dask-kubernetes."""

    @property
    def plural(self) -> str:
        """As in paths of the API."""

    @property
    def definition(self) -> dict[str, Any]:
        """The CustomResourceDefinition."""


def rendered(kinds: Iterable[Defined] = KINDS) -> dict[str, str]:
    """File name to YAML text of every definition."""
    return {
        f"{kind.plural}.yaml": yaml.safe_dump(kind.definition, sort_keys=False, width=110) for kind in kinds
    }


def main(kinds: Iterable[Defined] = KINDS) -> None:
    """Writes the definitions into the directory given as the only argument."""
    directory = Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in rendered(kinds).items():
        (directory / name).write_text(text)


if __name__ == "__main__":
    main()
