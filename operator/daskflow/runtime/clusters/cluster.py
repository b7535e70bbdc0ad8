"""A cluster that a flow makes for itself: `with daskflow.runtime.Cluster(workers=8) as cluster:`."""

from __future__ import annotations

import atexit
import os
import time
from typing import Any

from ..settings import say, text
from .dask_cluster import DaskCluster, merged

__all__ = ["Cluster"]

IDLE_TIMEOUT = "2m"
"""After which it goes by itself, should neither the flow nor the operator be there to end it."""


class Cluster:
    """A DaskCluster of the run's image that lives as long as the `with` block, or this process, or its pod.

    `workers` of `threads` threads each, with `resources` (requests and limits, as in a pod) and `env`.
    Whatever else a DaskCluster's spec knows can be given as `spec`, for example
    `spec={"workers": {"nanny": True}, "scheduler": {"resources": {…}}}`; it is merged over the rest.
    `timeout`: seconds until all workers must be there.

    In the block, `address` is the scheduler's, `client` a distributed.Client, which is also the default one,
    and `Client()` connects to it.
    Raises RuntimeError with a sentence when the cluster cannot be had.
    """

    def __init__(
        self,
        workers: int = 2,
        threads: int | None = None,
        *,
        resources: dict[str, Any] | None = None,
        env: dict[str, str] | None = None,
        spec: dict[str, Any] | None = None,
        timeout: float = 900,
    ) -> None:
        wanted: dict[str, Any] = {"replicas": workers}
        if threads is not None:
            wanted["threads"] = threads
        if resources is not None:
            wanted["resources"] = resources
        self._spec = merged({"idleTimeout": IDLE_TIMEOUT, "workers": wanted}, spec or {})
        self._env = dict(env or {})
        self._timeout = timeout
        self._backend: Any = None
        self.address = ""
        self.client: Any = None
        self._config: Any = None
        self._owner = 0

    def __enter__(self) -> Cluster:
        if self._backend is not None:
            raise RuntimeError("This cluster is already running; make a new Cluster for another.")
        until = time.monotonic() + self._timeout
        self._backend, self._owner = _backend(), os.getpid()
        atexit.register(self.close)
        try:
            self.address = self._backend.start(self._spec, self._env, until)
            import dask
            from distributed import Client

            # `Client()` in the block means this cluster too, whatever the environment says.
            self._config = dask.config.set({"scheduler-address": self.address})
            self.client = Client(timeout=max(until - time.monotonic(), 5))
            self.client.wait_for_workers(
                int(self._spec["workers"]["replicas"]), timeout=max(until - time.monotonic(), 5)
            )
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Disconnect and take the cluster down. May be called again."""
        if self._owner != os.getpid():  # a fork of the flow's process ends, not the flow
            return
        atexit.unregister(self.close)
        client, self.client = self.client, None
        backend, self._backend = self._backend, None
        config, self._config = self._config, None
        if config is not None:
            config.__exit__(None, None, None)
        try:
            if client is not None:
                client.close(timeout=5)
        except Exception as error:
            say(f"the cluster's client did not close in order: {error!r}")
        finally:
            if backend is not None:
                backend.stop()

    def __repr__(self) -> str:
        return f"<Cluster {self.address or 'not running'}>"


def _backend() -> Any:
    """Where this run's clusters are."""
    if not text("LOCAL"):
        return DaskCluster()
    from .process_cluster import ProcessCluster

    return ProcessCluster()
