"""What a manifest holds: one FlowRun, and perhaps the ConfigMap with its files."""

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from daskflow.api.files import FilesSource
from daskflow.api.flowrun import FlowRunSpec
from daskflow.api.names import FLOW_RUN
from daskflow.api.yaml_text import documents
from daskflow.cli.local.validation import Invalid, checked

__all__ = ["Invalid", "Manifest", "archive_of", "files_of", "read"]

_KEY = re.compile(r"(?!\.$|\.\.)[-._a-zA-Z0-9]+")
_KEY_LENGTH = 253
"""Of a ConfigMap, as Kubernetes' validation.IsConfigMapKey has it."""


@dataclass(frozen=True)
class Manifest:
    """One FlowRun as its user wrote it."""

    name: str
    spec: FlowRunSpec
    written: Mapping[str, Any]
    """`spec` as JSON, with only what is in the manifest."""
    config_maps: Mapping[str, Mapping[str, Any]]
    """The manifest's ConfigMaps by name."""
    others: tuple[str, ...]
    """Kind and name of the manifest's other objects."""


def read(text: str, where: str) -> Manifest:
    """The one FlowRun of a manifest. Raises Invalid; `where` is the file's name."""
    try:
        found = documents(text)
    except ValueError as error:
        raise Invalid(f"{where} is no YAML: {error}") from error
    for document in found:
        if not isinstance(document, dict):
            raise Invalid(f"{where} holds {document!r:.40} where a Kubernetes object is expected")
    items = [item for document in found for item in _items(document)]
    runs = [item for item in items if item.get("kind") == FLOW_RUN]
    if len(runs) != 1:
        raise Invalid(f"{where} has {_listed(items)}; give a file with exactly one FlowRun")
    spec, written = checked(runs[0])
    assert isinstance(spec, FlowRunSpec)
    return Manifest(
        name=runs[0]["metadata"]["name"],
        spec=spec,
        written=written,
        config_maps={_name(item): item for item in items if item.get("kind") == "ConfigMap"},
        others=tuple(
            f"{item.get('kind')} {_name(item)}"
            for item in items
            if item.get("kind") not in (FLOW_RUN, "ConfigMap")
        ),
    )


def _items(document: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return list(document.get("items") or ()) if document.get("kind") == "List" else [document]


def _name(item: Mapping[str, Any]) -> str:
    return str((item.get("metadata") or {}).get("name"))


def _listed(items: Sequence[Mapping[str, Any]]) -> str:
    if not items:
        return "nothing in it"
    return ", ".join(f"{item.get('kind')} {_name(item)}" for item in items)


def files_of(manifest: Manifest, given: Path | None, into: Path) -> Path | None:
    """The directory of `flow.files`: the one given, or plain sources written to `into`. Raises Invalid."""
    return given.resolve() if given is not None else _written(manifest, into, archive=False)


def archive_of(manifest: Manifest, given: Path | None, into: Path) -> Path | None:
    """The directory with the parts of the archive of `flow.files`, if it has one. Raises Invalid."""
    return None if given is not None else _written(manifest, into, archive=True)


def _written(manifest: Manifest, into: Path, *, archive: bool) -> Path | None:
    files = manifest.spec.flow.files
    sources = [each for each in files.all_sources if each.archive is archive] if files else []
    if not sources:
        return None
    into.mkdir()
    for source in sources:
        _write(_config_map(manifest, source), into)
    return into


def _config_map(manifest: Manifest, source: FilesSource) -> Mapping[str, Any]:
    """What the source names, of the manifest. Raises Invalid."""
    files = manifest.spec.flow.files
    field = "spec.flow.files.configMapRef.name"
    if files and source in (files.sources or ()):
        kind = "configMapRef" if source.config_map_ref else "secretRef"
        field = f"spec.flow.files.sources[{(files.sources or ()).index(source)}].{kind}.name"
    if source.config_map_ref is None:
        raise Invalid(f"{field} is a Secret, which is not read here; say --files DIRECTORY")
    name = source.config_map_ref.name
    found = manifest.config_maps.get(name)
    if found is None:
        raise Invalid(
            f"{field} is {name!r}, and there is no such ConfigMap in the manifest; "
            "add it, or say --files DIRECTORY"
        )
    return found


def _write(config_map: Mapping[str, Any], into: Path) -> None:
    for field in ("data", "binaryData"):
        for key in config_map.get(field) or {}:
            if not _KEY.fullmatch(key) or len(key) > _KEY_LENGTH:
                raise Invalid(
                    f"{field} of ConfigMap {_name(config_map)} has the key {key!r}, which Kubernetes does "
                    f"not take; give the file a name of at most {_KEY_LENGTH} letters, digits, '-', '_' and "
                    "'.', not '.' and not one that begins with '..'"
                )
    for key, text in (config_map.get("data") or {}).items():
        (into / key).write_text(str(text))
    for key, data in (config_map.get("binaryData") or {}).items():
        (into / key).write_bytes(base64.b64decode(data))
