"""Dask's own command lines, by which a process becomes a scheduler or worker: what both of them need."""

from __future__ import annotations

import gc
import sys
from typing import Any

from .importing import import_path
from .settings import text

PACKAGE = __name__.rpartition(".")[0]
"""Of the names by which Dask is told of our preloads."""


def run_dask(dask_main: Any, args: list[str], role: str) -> None:
    """Dask's command line with our preload, and the image's own, which an option would replace."""
    import dask

    configured = dask.config.get(f"distributed.{role}.preload", None) or []
    preloads = [f"{PACKAGE}.{role}.preload", *([configured] if isinstance(configured, str) else configured)]
    if len(preloads) == 1 and "--preload" not in args:
        _refuse_unknown(dask_main, args, role)
    args = [*(part for name in preloads for part in ("--preload", name)), *args]
    # After Dask's own imports, so that a flow's `queue.py` does not stand in for the library's.
    import_path(text("ENTRYPOINT"))
    gc.enable()
    gc.freeze()
    dask_main(args, prog_name=f"dask {role}")


def with_defaults(args: list[str], values: dict[str, str], flags: dict[str, bool]) -> list[str]:
    """`args` and what they do not say themselves: values, and flags as "--name" or "--no-name"."""
    said = {arg.partition("=")[0] for arg in args}
    more = [part for name, value in values.items() if value and name not in said for part in (name, value)]
    for name, on in flags.items():
        if not {"--no-" + name, "--" + name} & said:
            more.append(("--" if on else "--no-") + name)
    return [*args, *more]


def spill_folder_is_set() -> bool:
    """Whether the user's configuration says where workers spill (an NVMe volume, say)."""
    import dask

    return bool(dask.config.get("temporary-directory", None))


def _refuse_unknown(dask_main: Any, args: list[str], role: str) -> None:
    """Exits for an option that is none of Dask's: Dask keeps it for preloads, and fails without naming it."""
    known = {name for each in dask_main.params for name in (*each.opts, *each.secondary_opts)}
    for arg in args:
        if arg.startswith("--") and arg.partition("=")[0] not in known:
            sys.exit(f"daskflow: dask {role} has no option {arg}; see args in the spec")
