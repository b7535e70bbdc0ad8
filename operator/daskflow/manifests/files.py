"""The files that come with a flow: volumes, mounts and variables of the pods that have them.

Plain files and the parts of an archive are in a folder each; the runtime unpacks the archive
(runtime/unpack.py) before anything of the flow is looked at.
"""

import json
from collections.abc import Sequence
from typing import Any

from daskflow.api.files import FilesSource
from daskflow.api.resources import LocalRef

FILES = "/daskflow-files"
"""Where the plain files of `spec.flow.files` are mounted."""
ARCHIVE = "/daskflow-archive"
"""Where the parts of its archive are."""
_FOLDERS = {False: FILES, True: ARCHIVE}
_NAMES = {False: "daskflow-files", True: "daskflow-archive"}
VOLUMES = tuple(_NAMES.values())
FILES_VARIABLE = "DASKFLOW_FILES_CONFIG_MAP"
"""Tells a run's cluster of them: the name of the one ConfigMap, or all sources as JSON."""


def handed_down(sources: Sequence[FilesSource]) -> str:
    """The value of FILES_VARIABLE. A lone ConfigMap is its name, as clusters of earlier versions have it."""
    (first, *more) = sources
    if first.config_map_ref and not first.archive and not more:
        return first.config_map_ref.name
    return json.dumps([source.written() for source in sources], separators=(",", ":"))


def from_cluster(text: str) -> tuple[FilesSource, ...]:
    """What `handed_down` made a text of; of "" nothing."""
    if text.startswith("["):
        return tuple(map(FilesSource.model_validate, json.loads(text)))
    return (FilesSource(config_map_ref=LocalRef(name=text)),) if text else ()


def volumes(sources: Sequence[FilesSource]) -> list[dict[str, Any]]:
    """One for plain files and one for an archive, as far as there are any."""
    return [{"name": _NAMES[kind], **_volume(given)} for kind, given in _by_kind(sources).items()]


def _volume(sources: Sequence[FilesSource]) -> dict[str, Any]:
    (first, *more) = sources
    if first.config_map_ref and not first.archive and not more:
        return {"configMap": {"name": first.config_map_ref.name}}
    return {"projected": {"sources": [_projection(source) for source in sources]}}


def _projection(source: FilesSource) -> dict[str, Any]:
    if source.config_map_ref:
        return {"configMap": source.config_map_ref.dump()}
    assert source.secret_ref is not None, "the schema asks for one of the two"
    return {"secret": source.secret_ref.dump()}


def mounts(sources: Sequence[FilesSource]) -> list[dict[str, Any]]:
    """Where a container has these volumes."""
    return [
        {"name": _NAMES[kind], "mountPath": _FOLDERS[kind], "readOnly": True} for kind in _by_kind(sources)
    ]


def variables(sources: Sequence[FilesSource]) -> dict[str, str]:
    """What the runtime is told of them."""
    names = {False: "DASKFLOW_FILES", True: "DASKFLOW_ARCHIVE"}
    return {names[kind]: _FOLDERS[kind] for kind in _by_kind(sources)}


def _by_kind(sources: Sequence[FilesSource]) -> dict[bool, list[FilesSource]]:
    """Plain files (False) and parts of an archive (True), those that there are."""
    kinds = {kind: [source for source in sources if source.archive is kind] for kind in (False, True)}
    return {kind: found for kind, found in kinds.items() if found}
