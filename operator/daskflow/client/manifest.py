"""A FlowRun's manifest, from whatever a user calls a flow: an object, YAML, an entrypoint."""

import re
from collections.abc import Mapping
from pathlib import Path
from secrets import choice
from typing import Any

from daskflow.api.names import API_VERSION, FLOW_RUN, GROUP
from daskflow.api.yaml_text import documents
from daskflow.client.errors import WrongUse

Object = dict[str, Any]
Written = str | Path | Mapping[str, Any]
"""A manifest as an object, YAML text or a file's path; `module:attr` or `path.py:attr`; a script's path."""

_ENTRYPOINT = re.compile(r"(?P<place>[^:\n]+):(?P<attribute>[A-Za-z_][A-Za-z0-9_.]*)")
_NAME_LENGTH = 40
"""With a dash and letters that tell runs apart it stays below the 50 of a FlowRun's name."""
_LETTERS = "bcdfghjklmnpqrstvwxz2456789"
"""As in Kubernetes' generated names."""


def manifest(
    flow: Written,
    *,
    name: str | None = None,
    generate_name: bool = False,
    image: str | None = None,
    workers: int | None = None,
    threads: int | None = None,
    memory: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    files: Mapping[str, Any] | None = None,
    spec: Mapping[str, Any] | None = None,
) -> Object:
    """The FlowRun of a flow, with overrides. Raises WrongUse.

    A name is made where there is none, and with `generate_name` always. `parameters` go over those that a
    manifest has, one by one; `files` is spec.flow.files; `spec` is merged over all, as JSON.
    """
    for part, what in ((parameters, "parameters"), (files, "files"), (spec, "spec")):
        if part is not None and not isinstance(part, Mapping):
            raise WrongUse(f"{what} is {part!r:.80}; give a mapping of names to values")
    found = _read(flow)
    metadata = dict(found.get("metadata") or {})
    given = name or metadata.get("name")
    if generate_name or not given:
        base = given or metadata.pop("generateName", None) or _base(found)
        given = f"{str(base).rstrip('-')[:_NAME_LENGTH]}-{''.join(choice(_LETTERS) for _ in range(6))}"
    overrides = _overrides(image, workers, threads, memory, parameters, files)
    merged = merge(merge(found.get("spec") or {}, overrides), spec or {})
    return {**found, "metadata": {**metadata, "name": given}, "spec": merged}


def merge(below: Mapping[str, Any], over: Mapping[str, Any]) -> Object:
    """A JSON merge patch (RFC 7396)."""
    merged = dict(below)
    for key, value in over.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, Mapping):
            old = merged.get(key)
            merged[key] = merge(old if isinstance(old, Mapping) else {}, value)
        else:
            merged[key] = value
    return merged


def _overrides(
    image: str | None,
    workers: int | None,
    threads: int | None,
    memory: str | None,
    parameters: Mapping[str, Any] | None,
    files: Mapping[str, Any] | None,
) -> Object:
    flow = {**({"parameters": dict(parameters)} if parameters else {}), **({"files": files} if files else {})}
    resources = {"limits": {"memory": memory}, "requests": {"memory": memory}} if memory else None
    group = {"replicas": workers, "threads": threads, "resources": resources}
    group = {key: value for key, value in group.items() if value is not None}
    all_of_them = {"image": image, "flow": flow, "cluster": {"workers": group} if group else None}
    return {key: value for key, value in all_of_them.items() if value}


def _read(flow: Written) -> Object:
    if isinstance(flow, Mapping):
        return _checked([dict(flow)], "the manifest")
    if isinstance(flow, Path):
        return _script(flow) if flow.suffix == ".py" else _file(flow)
    if "\n" in flow:
        return _parsed(flow, "the manifest")
    if flow.endswith((".yaml", ".yml", ".json")):
        return _file(Path(flow))
    if flow.endswith(".py"):
        return _script(Path(flow))
    if _ENTRYPOINT.fullmatch(flow):
        return skeleton(flow)
    raise WrongUse(
        f"{flow!r} is no flow; give module:attr or path.py:attr, such as flows/etl.py:flow, or a YAML file"
    )


def skeleton(entrypoint: str, base: str | None = None) -> Object:
    """A FlowRun of an entrypoint alone, whose name is made from `base` [the entrypoint]."""
    metadata = {"metadata": {"generateName": _legal(base)}} if base else {}
    flow = {"flow": {"entrypoint": entrypoint}}
    return {"apiVersion": API_VERSION, "kind": FLOW_RUN, **metadata, "spec": flow}


def _base(found: Mapping[str, Any]) -> str:
    """For example `etl` of flows/etl.py:flow."""
    flow = (found.get("spec") or {}).get("flow") or {}
    match = _ENTRYPOINT.fullmatch(str(flow.get("entrypoint") or ""))
    words = re.split(r"[/.]", match["place"].removesuffix(".py"))[-1] if match else "run"
    return _legal(words)


def _legal(words: str) -> str:
    """As the beginning of an object's name."""
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-").lstrip("0123456789-") or "run"


def _script(path: Path) -> Object:
    """A FlowRun of a Python file's text."""
    try:
        script = path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise WrongUse(f"{path} cannot be read: {reason}; give the path of a Python file") from error
    metadata = {"generateName": _legal(path.stem)}
    return {
        "apiVersion": API_VERSION,
        "kind": FLOW_RUN,
        "metadata": metadata,
        "spec": {"flow": {"script": script}},
    }


def _file(path: Path) -> Object:
    try:
        text = path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise WrongUse(f"{path} cannot be read: {reason}; give the path of a FlowRun's YAML") from error
    return _parsed(text, str(path))


def _parsed(text: str, where: str) -> Object:
    try:
        return _checked(documents(text), where)
    except ValueError as error:
        raise WrongUse(f"{where} is no YAML: {error}") from error


def _checked(found: list[Any], where: str) -> Object:
    runs = [each for each in found if isinstance(each, Mapping) and each.get("kind") == FLOW_RUN]
    if len(runs) != 1 or len(found) != 1:
        kinds = ", ".join(
            str(each.get("kind")) if isinstance(each, Mapping) else repr(each) for each in found
        )
        raise WrongUse(f"{where} has {kinds or 'nothing in it'}; give exactly one FlowRun")
    version = runs[0].get("apiVersion")
    if version != API_VERSION:
        raise WrongUse(f"apiVersion of {where} is {version!r}; write {API_VERSION}")
    for part in ("metadata", "spec"):
        if not isinstance(runs[0].get(part) or {}, Mapping):
            raise WrongUse(f"{part} of {where} is {runs[0][part]!r}; give an object")
    return dict(runs[0])


def again(resource: Mapping[str, Any]) -> Object:
    """The manifest of a new run like this one, without what the old one was told later."""
    old = resource["metadata"]
    kept = {
        part: {key: value for key, value in (old.get(part) or {}).items() if not _anothers(key)}
        for part in ("labels", "annotations")
    }
    spec = {key: value for key, value in resource["spec"].items() if key not in ("cancel", "suspend")}
    base = re.sub(r"-[bcdfghjklmnpqrstvwxz2456789]{6}$", "", old["name"])
    metadata = {"generateName": base, "namespace": old["namespace"], **{k: v for k, v in kept.items() if v}}
    return {"apiVersion": API_VERSION, "kind": FLOW_RUN, "metadata": metadata, "spec": spec}


def _anothers(key: str) -> bool:
    """Whether a label or annotation says who made the old run, or applied it."""
    return key.startswith((f"{GROUP}/", "kubectl.kubernetes.io/"))
