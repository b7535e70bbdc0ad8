"""A project's folder as what a run takes along, unless something in it should stay here."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from daskflow.client.code.archive import PREFIX, Archive, archived
from daskflow.client.code.collect import IGNORE_FILE, collect
from daskflow.client.code.secrets_among import suspects
from daskflow.client.errors import WrongUse

_NAMED = 5
log = logging.getLogger("daskflow")


def packed(folder: Path, *, force: bool = False) -> Archive:
    """The archive of the folder's files. Raises WrongUse as `project_files` and `archived`."""
    return archived(project_files(folder, force=force))


def project_files(folder: Path, *, force: bool = False) -> dict[str, Path]:
    """The folder's files by name. Raises WrongUse, unless `force`, for files that look like secrets.

    Files that cannot be sent, and secrets that are, are warned of in the log `daskflow`.
    """
    found = collect(folder)
    for line in found.left_out:
        log.warning(line)
    secret = suspects(found.files)
    if secret:
        named = ", ".join(f"{name} ({why})" for name, why in list(secret.items())[:_NAMED])
        more = f" and {len(secret) - _NAMED} more" if len(secret) > _NAMED else ""
        looks = "looks like a secret" if len(secret) == 1 else "look like secrets"
        said = f"{named}{more} {looks}, and whoever may read the namespace's ConfigMaps could read that"
        if not force:
            raise WrongUse(f"{said}; name it in {IGNORE_FILE}, or send it all the same with --force")
        log.warning("%s; it is sent by force", said)
    return found.files


def with_code(run: Mapping[str, Any], code: Archive) -> dict[str, Any]:
    """The manifest with this code in place of any other; what else its files come from stays."""
    spec = dict(run["spec"])
    flow = dict(spec.get("flow") or {})
    files = dict(flow.get("files") or {})
    others = [each for each in files.get("sources") or () if not _is_code(each)]
    files["sources"] = [*others, *code.sources()]
    return {**run, "spec": {**spec, "flow": {**flow, "files": files}}}


def _is_code(source: Mapping[str, Any]) -> bool:
    return str((source.get("configMapRef") or {}).get("name")).startswith(PREFIX)
