"""The FlowRun of a step: its spec with what Pipes needs in it, and the name under which it is found again."""

import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dagster import Failure
from pydantic import ValidationError

from dagster_daskflow.flowrun import GROUP, RULE, VERSION, FlowRunSpec

Object = dict[str, Any]

RUNNER = "runner"
"""The container in which a flow runs; scheduler and workers report nothing."""
LABEL_LINEAGE = "dagster.io/daskflow-lineage"
LABEL_DAGSTER_RUN = "dagster.io/run-id"
ANNOTATION_STEP = "dagster.io/step"
_NAME = 50
"""Characters that a FlowRun's name may have."""


@dataclass(frozen=True)
class Step:
    """What is run, as Dagster knows it."""

    run_id: str
    root_run_id: str
    """That of the first of all runs of which this one is a retry or another execution."""
    key: str
    """The step's, with the mapping key of a dynamic one."""
    partition: str
    retry: int
    """How often Dagster has tried the step again in this run."""
    call: int
    """From 0: which of the step's calls of the client it is."""

    @property
    def name(self) -> str:
        """The same whenever the step is executed anew because its process was lost."""
        what = (self.run_id, self.key, self.partition, str(self.retry), str(self.call))
        slug = "".join(each if each.isascii() and each.isalnum() else "-" for each in self.key.lower())
        slug = "-".join(filter(None, slug.split("-")))
        # A letter in front, as a name may need; the digest makes it unique.
        return f"dagster-{slug[: _NAME - 8 - 13]}".strip("-") + f"-{_digest(*what)}"

    @property
    def lineage(self) -> str:
        """The same in runs of which one is made from the other, for the same work."""
        return _digest(self.root_run_id, self.key, self.partition, str(self.call))


def _digest(*words: str) -> str:
    return hashlib.sha256("\0".join(words).encode()).hexdigest()[:12]


def spec(*layers: Mapping[str, Any] | FlowRunSpec | None) -> FlowRunSpec:
    """Later ones count; objects are merged, all else replaced. Raises Failure of the first that is wrong."""
    merged: Object = {}
    for layer in layers:
        if isinstance(layer, FlowRunSpec):
            layer = layer.model_dump(by_alias=True, exclude_none=True)
        merged = _merged(merged, layer or {})
    if (odd := next(_not_finite(merged, "spec"), None)) is not None:
        raise Failure(
            f"{odd[0]}: {odd[1]} cannot be sent as JSON; give a number, a text, or leave it out",
            allow_retries=False,
        )
    try:
        return FlowRunSpec.model_validate(merged)
    except ValidationError as error:
        raise Failure(_sentence(error.errors(include_url=False)[0]), allow_retries=False) from None


def _not_finite(value: Any, where: str) -> Iterator[tuple[str, float]]:
    """Numbers that JSON does not have, which pydantic would send as null."""
    if isinstance(value, float) and not math.isfinite(value):
        yield where, value
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from _not_finite(each, f"{where}.{key}")
    elif isinstance(value, (list, tuple)):
        for index, each in enumerate(value):
            yield from _not_finite(each, f"{where}[{index}]")


def _sentence(problem: Any) -> str:
    where = ".".join(map(str, ("spec", *problem["loc"])))
    if problem["type"] == "extra_forbidden":
        return (
            f"{where}: a FlowRun has no such field; see `kubectl explain flowrun.{where.rpartition('.')[0]}`"
        )
    if problem["type"] == "missing":
        return f"{where}: it is required here; give it in spec of the client or of run()"
    message = problem["msg"]
    if problem["type"] == RULE:
        return f"{where}: {message}"
    shown = repr(problem["input"])
    shown = shown if len(shown) <= 80 else f"{shown[:77]}…"
    return f"{where}: {shown} will not do: {message[0].lower()}{message[1:]}"


def _merged(below: Any, above: Any) -> Any:
    if not (isinstance(below, Mapping) and isinstance(above, Mapping)):
        return above
    return {**below, **{key: _merged(below.get(key), value) for key, value in above.items()}}


def flow_run(step: Step, given: FlowRunSpec, variables: Mapping[str, str], metadata: Object) -> Object:
    """The object to create. The variables are the runner's alone: workers have nothing to report."""
    written = given.model_dump(mode="json", by_alias=True, exclude_none=True)
    runner = written.setdefault("runner", {})
    runner["template"] = with_variables(runner.get("template") or {}, variables)
    labels = {**metadata.get("labels", {}), LABEL_LINEAGE: step.lineage, LABEL_DAGSTER_RUN: step.run_id}
    annotations = {**metadata.get("annotations", {}), ANNOTATION_STEP: step.key}
    return {
        "apiVersion": f"{GROUP}/{VERSION}",
        "kind": "FlowRun",
        "metadata": {**metadata, "name": step.name, "labels": labels, "annotations": annotations},
        "spec": written,
    }


def with_variables(template: Object, variables: Mapping[str, str]) -> Object:
    """A pod template whose container of the runner has these environment variables, too."""
    pod = dict(template.get("spec") or {})
    containers = [dict(each) for each in pod.get("containers") or ()]
    runner = next((each for each in containers if each.get("name") == RUNNER), None)
    if runner is None:
        runner = {"name": RUNNER}
        containers.append(runner)
    kept = [each for each in runner.get("env") or () if each.get("name") not in variables]
    runner["env"] = [*kept, *({"name": name, "value": value} for name, value in variables.items())]
    return {**template, "spec": {**pod, "containers": containers}}


def adopted(runs: list[Object], step: Step) -> str | None:
    """The name of the FlowRun of this lineage that goes on for the step, None where a new one is due.

    One of the step's own name is its own, ended or not: whoever created it did not live to see its end. One
    of an earlier run of Dagster is taken over only while it lives, so that no work is done twice at a time.
    """
    living = []
    for run in runs:
        name = str(run["metadata"]["name"])
        if name == step.name:
            return name
        ended = (run.get("status") or {}).get("completionTime")
        if not (ended or run["spec"].get("cancel") or run["metadata"].get("deletionTimestamp")):
            living.append(name)
    return min(living, default=None)
