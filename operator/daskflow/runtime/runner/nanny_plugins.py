"""Plugins for nannies, registered where workers have none, are said to have no effect."""

from __future__ import annotations

from typing import Any

from ..settings import say


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
