"""A FlowRun's manifest from the arguments of an operator, and what is wrong with them. Pure.

While a DAG is parsed, templates and results of other tasks stand where their values will be; what is wrong
with such a field shows only when the task runs, everything else at once.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml
from pydantic import ValidationError

from airflow_provider_daskflow.flowrun import GROUP, RULE, VERSION, FlowRunSpec

API_VERSION = f"{GROUP}/{VERSION}"
_PROGRAMS = ("entrypoint", "script", "command")
_MARKS = ("{{", "{%")
_NAMESPACE = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


class Invalid(ValueError):
    """The arguments make no FlowRun; the message is a sentence with the field and what to do."""


def spec_of(
    manifest: Mapping[str, Any],
    *,
    entrypoint: Any,
    script: Any,
    command: Any,
    parameters: Any,
    image: Any,
    workers: Any,
    autoscale: Any,
    worker_resources: Any,
    env: Any,
    cluster: Any,
    service_account_name: Any,
    flow_retries: Any,
    deadlines: Any,
) -> dict[str, Any]:
    """The spec: that of the manifest, with each argument that is not None set over it."""
    spec: dict[str, Any] = json_copy(manifest.get("spec") or {}, "spec")
    own = {"workers": workers, "autoscale": autoscale, "worker_resources": worker_resources}
    if cluster is not None and (named := [name for name, value in own.items() if value is not None]):
        raise Invalid(
            f"cluster: {cluster} has workers of its own; leave {' and '.join(named)} out, or cluster"
        )
    programs = {
        name: value
        for name, value in (("entrypoint", entrypoint), ("script", script), ("command", command))
        if value is not None
    }
    if programs and isinstance(spec.get("flow"), dict):
        spec["flow"] = {key: value for key, value in spec["flow"].items() if key not in _PROGRAMS}
    for name, value in programs.items():
        _put(spec, ["flow", name], value)
    _put(spec, ["flow", "parameters"], parameters)
    _put(spec, ["image"], image)
    if isinstance(workers, Mapping):
        for name, value in workers.items():
            _put(spec, ["cluster", "workers", name], value)
    else:
        _put(spec, ["cluster", "workers", "replicas"], workers)
    _put(spec, ["cluster", "workers", "autoscale"], _bounds(autoscale))
    _put(spec, ["cluster", "workers", "resources"], worker_resources)
    _put(spec, ["env"], _variables(env))
    _put(spec, ["clusterRef"], {"name": cluster} if cluster is not None else None)
    _put(spec, ["serviceAccountName"], service_account_name)
    _put(spec, ["retries"], {"limit": flow_retries} if isinstance(flow_retries, int) else flow_retries)
    _put(spec, ["deadlines"], deadlines)
    return spec


def manifest_of(given: Any) -> dict[str, Any]:
    """A FlowRun's manifest from one, or from a spec alone, as mapping or as YAML. Raises Invalid."""
    if given is None:
        return {}
    if isinstance(given, str):
        try:
            given = yaml.safe_load(given)
        except yaml.YAMLError as error:
            raise Invalid(f"manifest: it is no YAML: {' '.join(str(error).split())}") from error
    if not isinstance(given, Mapping):
        raise Invalid("manifest: write a FlowRun, or its spec, as a mapping or as YAML of one object")
    if "spec" not in given and "kind" not in given:
        return {"spec": dict(given)}
    if given.get("kind", "FlowRun") != "FlowRun" or given.get("apiVersion", API_VERSION) != API_VERSION:
        found = f"{given.get('kind')} of {given.get('apiVersion')}"
        raise Invalid(f"manifest: it is a {found}; only a FlowRun of {API_VERSION} can be run")
    if not isinstance(given.get("metadata") or {}, Mapping) or not isinstance(
        given.get("spec") or {}, Mapping
    ):
        raise Invalid("manifest: metadata and spec have to be mappings")
    for name in ("labels", "annotations"):
        if not isinstance((given.get("metadata") or {}).get(name) or {}, Mapping):
            raise Invalid(f"manifest: metadata.{name} has to be a mapping")
    return dict(given)


def checked_namespace(given: Any, manifest: Mapping[str, Any], parsing: bool = False) -> str | None:
    """That of the argument, else of the manifest, if either names one. Raises Invalid."""
    where = "namespace" if given else "manifest: metadata.namespace"
    named = given or (manifest.get("metadata") or {}).get("namespace")
    if not named or (parsing and unknown_yet(named)):
        return None
    if not isinstance(named, str) or not _NAMESPACE.fullmatch(named):
        shown = json.dumps(named, default=repr)
        raise Invalid(
            f"{where}: {shown} is no namespace; write at most 63 small letters, digits and dashes, with a"
            " letter or digit at both ends"
        )
    return named


def check(spec: Mapping[str, Any], parsing: bool) -> dict[str, Any]:
    """The spec as the API server takes it. Raises Invalid with the first thing that is wrong.

    With `parsing`, fields whose values are not known yet are let pass.
    """
    flow = spec.get("flow") or {}
    programs = [name for name in _PROGRAMS if isinstance(flow, Mapping) and flow.get(name) is not None]
    if len(programs) != 1 and (isinstance(flow, Mapping) or not parsing):
        found = f"{' and '.join(programs)} are given" if programs else "none is given"
        raise Invalid(
            f"what to run: {found}; give one of entrypoint, script and command, or a manifest with one"
        )
    if spec.get("image") is None and not spec.get("clusterRef"):
        raise Invalid("image: none is given; name one with Python and distributed, or a cluster to run on")
    try:
        model = FlowRunSpec.model_validate(spec)
    except ValidationError as error:
        for problem in error.errors(include_url=False):
            if not (parsing and unknown_yet(problem["input"])):
                raise Invalid(_sentence(problem)) from None
        return dict(spec)
    dumped: dict[str, Any] = model.model_dump(by_alias=True, exclude_unset=True)
    return dumped


def flow_run(
    manifest: Mapping[str, Any],
    spec: Mapping[str, Any],
    *,
    name: str,
    namespace: str,
    labels: Mapping[str, str],
    annotations: Mapping[str, str],
) -> dict[str, Any]:
    """The whole object; what the manifest's metadata has stays but for name and namespace."""
    metadata = manifest.get("metadata") or {}
    return {
        "apiVersion": API_VERSION,
        "kind": "FlowRun",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "labels": {**(metadata.get("labels") or {}), **labels},
            "annotations": {**(metadata.get("annotations") or {}), **annotations},
        },
        "spec": dict(spec),
    }


def unknown_yet(value: Any) -> bool:
    """Whether a value is a template or another task's result, or has one in it."""
    if isinstance(value, str):
        return any(mark in value for mark in _MARKS)
    if isinstance(value, Mapping):
        return any(unknown_yet(each) for each in value.values())
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return any(unknown_yet(each) for each in value)
    return hasattr(value, "resolve") and hasattr(value, "iter_references")


def json_copy(value: Any, where: str) -> Any:
    """The value as JSON has it; what is not known yet stays. Raises Invalid."""
    if isinstance(value, float) and not math.isfinite(value):
        raise Invalid(f"{where}: {value} cannot be sent as JSON; give a number, a text, or nothing")
    if value is None or isinstance(value, (str, bool, int, float)) or hasattr(value, "iter_references"):
        return value
    if isinstance(value, Mapping):
        if odd := next((key for key in value if not isinstance(key, str)), None):
            raise Invalid(f"{where}: the key {odd!r} is no text, as keys of JSON have to be")
        return {key: json_copy(each, f"{where}.{key}") for key, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [json_copy(each, f"{where}[{index}]") for index, each in enumerate(value)]
    advice = "give text, numbers, lists and mappings; of a date its isoformat()"
    raise Invalid(f"{where}: a {type(value).__name__} cannot be sent as JSON; {advice}")


def _put(spec: dict[str, Any], path: list[str], value: Any) -> None:
    if value is None:
        return
    within = spec
    for index, name in enumerate(path[:-1]):
        if within.get(name) is None:
            within[name] = {}
        within = within[name]
        if not isinstance(within, dict):
            where = ".".join(path[: index + 1])
            raise Invalid(f"spec.{where}: a mapping is needed here, since {'.'.join(path)} is given, too")
    within[path[-1]] = json_copy(value, f"spec.{'.'.join(path)}")


def _bounds(autoscale: Any) -> Any:
    """(minimum, maximum) as the spec's field; what it has otherwise stays."""
    if isinstance(autoscale, (tuple, list)) and len(autoscale) == 2:
        return {"minimum": autoscale[0], "maximum": autoscale[1]}
    return autoscale


def _variables(env: Any) -> Any:
    """{name: value} as the spec's list; values have to be text there."""
    if not isinstance(env, Mapping):
        return env
    numbers = (int, float)
    texts = {name: str(value) if isinstance(value, numbers) else value for name, value in env.items()}
    return [{"name": name, "value": value} for name, value in texts.items()]


def _sentence(problem: Any) -> str:
    path = ""
    for part in problem["loc"]:
        path += f"[{part}]" if isinstance(part, int) else f".{part}"
    where = f"spec{path}"
    if problem["type"] == "extra_forbidden":
        return (
            f"{where}: a FlowRun has no such field; see `kubectl explain flowrun.{where.rpartition('.')[0]}`"
        )
    if problem["type"] == "missing":
        return f"{where}: it is required here"
    shown = json.dumps(problem["input"], default=repr)
    shown = shown if len(shown) <= 80 else f"{shown[:77]}…"
    message = problem["msg"]
    if problem["type"] == RULE:
        return f"{where}: {message}"
    return f"{where}: {shown} will not do: {message[0].lower()}{message[1:]}"
