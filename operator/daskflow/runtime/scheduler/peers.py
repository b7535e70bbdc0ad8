"""What the operator is told of who is connected to this scheduler."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from distributed import __version__

from .retirement import group_name


def versions(scheduler: Any) -> list[str]:
    """Of distributed: ours, the workers' and the clients', four at most."""
    peers = (*scheduler.workers.values(), *scheduler.clients.values())
    return sorted({__version__, *map(_version, peers)})[:4]


def _version(peer: Any) -> str:
    """What a worker or client said that it runs; ours of one that did not say."""
    packages = (getattr(peer, "versions", None) or {}).get("packages") or {}
    return str(packages.get("distributed") or __version__)[:40]


def listed(workers: Iterable[Any]) -> list[dict[str, Any]]:
    """Each worker, and what it has to do."""
    return [
        {
            "name": str(worker.name),
            "group": group_name(worker),
            "address": worker.address,
            "threads": worker.nthreads,
            "executing": len(worker.executing),
            "processing": len(worker.processing),
        }
        for worker in workers
    ]
