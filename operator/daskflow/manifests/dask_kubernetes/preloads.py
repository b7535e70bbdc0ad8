"""Preloads of Dask's, which bring our runtime into processes that users' own commands start.

Each belongs to a section of Dask's configuration: scheduler, worker or nanny.
"""

import ast
import json
from collections.abc import Mapping, Sequence

from daskflow.manifests.common_pod import MOUNT
from daskflow.manifests.objects import Object

_ZIP = f"{MOUNT}/runtime.pyz"
_PRELOADS = {
    "scheduler": "daskflow_runtime.scheduler.guest",
    "worker": "daskflow_runtime.worker.guest",
    "nanny": "daskflow_runtime.worker.nanny_preload",
}
"""By the section of Dask's configuration that names it."""
_WORKER_COMMANDS = (
    ("dask-worker",),
    ("dask", "worker"),
    ("python", "-m", "distributed.cli.dask_worker"),
    ("python3", "-m", "distributed.cli.dask_worker"),
)
"""Those that have a nanny which takes preloads."""


def preload_files() -> Mapping[str, str]:
    """Files that Dask loads by their paths: images have a PYTHONPATH of their own, or none."""
    return {_file(section): _loads(module) for section, module in _PRELOADS.items()}


def with_preload(variables: Sequence[Object], section: str) -> list[Object]:
    """The variable that names preloads, with ours before what the user's has; one from elsewhere stays."""
    name = f"DASK_DISTRIBUTED__{section.upper()}__PRELOAD"
    theirs = next((each for each in variables if each.get("name") == name), None)
    if theirs is None:
        return [*variables, {"name": name, "value": json.dumps([_path(section)])}]
    if not isinstance(theirs.get("value"), str):
        return list(variables)
    ours = {**theirs, "value": json.dumps([_path(section), *_names(theirs["value"])])}
    return [ours if each is theirs else each for each in variables]


def _names(value: str) -> list[str]:
    """Names of preloads, as Dask reads them from a variable."""
    try:
        found = ast.literal_eval(value)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        found = value
    return [str(each) for each in found] if isinstance(found, (list, tuple)) else [str(found)]


def with_options(args: Sequence[str], sections: Sequence[str]) -> list[str]:
    """Ours before an option that names preloads, which replaces all that the configuration names.

    `dask worker` takes those of its nanny from nowhere but its options.
    """
    found = list(args)
    for section in sections:
        option = "--preload-nanny" if section == "nanny" else "--preload"
        said = next((n for n, arg in enumerate(found) if str(arg).partition("=")[0] == option), None)
        at = _words(found) if section == "nanny" else said
        if at is not None:
            found[at:at] = [option, _path(section)]
    return found


def _words(args: Sequence[str]) -> int | None:
    """How many of the arguments are the command that starts a worker; None for another command."""
    for words in _WORKER_COMMANDS:
        if tuple(args[: len(words)]) == words:
            return len(words)
    return None


def _path(section: str) -> str:
    return f"{MOUNT}/{_file(section)}"


def _file(section: str) -> str:
    return f"daskflow_{section}.py"


def _loads(module: str) -> str:
    lines = ["import sys", "", f"if {_ZIP!r} not in sys.path:", f"    sys.path.append({_ZIP!r})"]
    return "\n".join([*lines, f"from {module} import *", ""])
