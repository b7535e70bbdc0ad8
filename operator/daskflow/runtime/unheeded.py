"""What users ask of processes that are not there, said in one line: image entrypoints, and nannies."""

from __future__ import annotations

import os
from typing import Any

from .settings import say

_INSTALLERS = ("EXTRA_PIP_PACKAGES", "EXTRA_CONDA_PACKAGES", "EXTRA_APT_PACKAGES")
"""Variables of the entrypoints of Dask's and Prefect's images."""
_PACKAGES = "/opt/app/environment.yml"
"""A file that Dask's entrypoint reads."""


def variables() -> None:
    """Called once in a run, or in a cluster without one."""
    given = [name for name in _INSTALLERS if os.environ.get(name)]
    given += [_PACKAGES] if os.path.isfile(_PACKAGES) else []
    if given:
        verb = "has" if len(given) == 1 else "have"
        say(
            f"{', '.join(given)} {verb} no effect: the image's entrypoint, which would install packages, is"
            " not run. Build an image that has them: they are then the same in all pods"
        )


def watch() -> None:
    """Called once in the flow's process, before the user's code is imported."""
    from distributed import Client

    for name in ("register_plugin", "register_worker_plugin"):
        original = getattr(Client, name, None)
        if original is not None:
            setattr(Client, name, _watched(original))


def _watched(original: Any) -> Any:
    def register(self: Any, plugin: Any = None, *args: Any, **kwargs: Any) -> Any:
        if _for_nannies(plugin, kwargs) and not _nannies(self):
            say(
                f"{type(plugin).__name__} has no effect: it is for nannies, and these workers have none. Set"
                " nanny: true for them, or put code and packages into the image, small files into flow.files"
            )
        return original(self, plugin, *args, **kwargs)

    return register


def _for_nannies(plugin: Any, given: dict[str, Any]) -> bool:
    from distributed.diagnostics.plugin import NannyPlugin

    if given.get("nanny") or isinstance(plugin, NannyPlugin):
        return True
    if type(plugin).__name__ == "UploadDirectory":
        return getattr(plugin, "mode", "") in ("all", "workers")
    return bool(getattr(plugin, "restart_workers", False) or getattr(plugin, "restart", False) is True)


def _nannies(client: Any) -> bool:
    try:
        workers = {} if client.asynchronous else client.scheduler_info(n_workers=-1)["workers"]
        return any(worker.get("nanny") for worker in workers.values())
    except Exception:  # the client itself will tell
        return True
