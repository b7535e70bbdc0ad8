"""What `submit` was given as the object to create, and the code that goes along."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from daskflow.client.checks import sendable
from daskflow.client.code.archive import Archive
from daskflow.client.code.functions import Code, sent
from daskflow.client.code.project import packed, with_code
from daskflow.client.connection import Object
from daskflow.client.manifest import manifest, skeleton
from daskflow.client.models import FlowRun


class Collection(Protocol):
    """A Dask collection, or a Delayed."""

    def __dask_graph__(self) -> Any: ...


Flow = str | Path | Mapping[str, Any] | FlowRun | Callable[..., Any] | Collection
"""A manifest as a model, an object, YAML text or a file's path; `module:attr` or `path.py:attr`; a function
or another object that is a flow."""


async def prepared(
    flow: Flow, *, code: Code, force: bool, overrides: Mapping[str, Any]
) -> tuple[Object, Archive | None]:
    """The run's manifest, which names the code. `overrides` are those of `manifest`. Raises WrongUse."""
    archive: Archive | None = None
    if isinstance(flow, FlowRun):
        flow = flow.manifest()
    if not isinstance(flow, str | Path | Mapping):
        found = await asyncio.to_thread(sent, flow, code, force=force)
        flow, archive = skeleton(found.entrypoint, found.name), found.archive
    elif isinstance(code, Archive):
        archive = code
    elif code:
        archive = await asyncio.to_thread(packed, Path(code), force=force)
    made = manifest(flow, **overrides)
    sendable(made)
    return (with_code(made, archive) if archive else made), archive
