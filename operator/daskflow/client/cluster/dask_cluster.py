"""`daskflow.Cluster`: a DaskCluster behind the interface of `distributed`'s deploy clusters."""

import asyncio
import warnings
from collections.abc import Iterable, Mapping
from secrets import token_hex
from typing import Any

from daskflow.api.names import DASK_CLUSTER, SCHEDULER, WORKER
from daskflow.client import connection as connections
from daskflow.client.cluster.life import Life, needs_distributed, operator_adapts
from daskflow.client.cluster.manifest import adapting, cluster_manifest, scaled
from daskflow.client.cluster.pod_logs import pod_logs, selector_of
from daskflow.client.connection import Connection, Object
from daskflow.client.errors import WrongUse
from daskflow.client.sync import awaited
from daskflow.client.tunnel.tunnel import BROWSER_HOST

START_SECONDS = 600.0
IDLE_TIMEOUT = "1h"
NO_CLIENT_TIMEOUT = "10m"
"""Both end a cluster that this process can no longer end."""


class Cluster(Life):
    """A Dask cluster in Kubernetes, for as long as a program needs it (docs/clients.md)."""

    def __init__(
        self,
        image: str | None = None,
        *,
        workers: int = 2,
        threads: int | None = None,
        memory: str | None = None,
        name: str | None = None,
        namespace: str | None = None,
        idle_timeout: str | None = IDLE_TIMEOUT,
        no_client_timeout: str | None = NO_CLIENT_TIMEOUT,
        dashboard: bool = True,
        spec: Mapping[str, Any] | None = None,
        connection: Connection | None = None,
        shutdown_on_close: bool = True,
        start_timeout: float | None = START_SECONDS,
        asynchronous: bool = False,
        loop: Any = None,
        quiet: bool = False,
        scheduler_sync_interval: Any = 1,
        _existing: bool = False,
    ) -> None:
        """Make it, and wait until its scheduler can be asked; workers come when they come.

        `memory` is request and limit of a worker. `spec`, in the words of the reference, goes over all. It is
        deleted by `close`, at the end of a `with` block and of the interpreter, unless `shutdown_on_close`
        is false. `start_timeout` in seconds. With `asynchronous` it is awaited, or used by `async with`.

        Raises PackageMissing, WrongUse, Refused, AlreadyExists, ClusterEnded, ClusterNotReady, and the errors
        of a connection.
        """
        needs_distributed()
        name = name or f"dask-{token_hex(4)}"
        manifest = None
        if not _existing:
            manifest = cluster_manifest(
                name,
                image=image,
                workers=workers,
                threads=threads,
                memory=memory,
                idle_timeout=idle_timeout,
                no_client_timeout=no_client_timeout,
                dashboard=dashboard,
                spec=spec,
            )
            if not manifest["spec"].get("image"):
                raise WrongUse("a cluster needs an image; give image=, one that has dask and distributed")
        super().__init__(
            connection or connections.default,
            name,
            namespace,
            manifest,
            shutdown_on_close=shutdown_on_close,
            start_timeout=start_timeout,
            asynchronous=asynchronous,
            loop=loop,
            quiet=quiet,
            scheduler_sync_interval=scheduler_sync_interval,
        )

    @classmethod
    def from_name(cls, name: str, *, shutdown_on_close: bool = False, **options: Any) -> "Cluster":
        """The cluster of this name, which somebody has made; it stays when this one is closed.

        `options` are those of the constructor that do not say what a cluster is made from.
        """
        return cls(name=name, shutdown_on_close=shutdown_on_close, _existing=True, **options)

    def scale(self, n: int | None = None, *, cores: int | None = None, memory: str | None = None) -> Any:
        """So many workers, or as many as it takes to have so many threads and so much memory together.

        Returns when the API server has taken it; `wait_for_workers` waits for them.
        """
        if (n is None) == (cores is None and memory is None):
            raise WrongUse("scale takes a number of workers, or cores and memory; give one of them")
        return self._change(scaled(n, cores, memory))

    def adapt(
        self,
        Adaptive: Any = None,
        *,
        minimum: int | None = None,
        maximum: int | None = None,
        target_duration: str | None = None,
        scale_down_delay: str | None = None,
        **options: Any,
    ) -> Any:
        """As many workers as the tasks ask for, within bounds; the operator sees to it, also without us.

        A bound that is not given is that of Dask's setting `distributed.adaptive`. Returns Dask's Adaptive,
        which has the bounds and does nothing. Where a class of Dask's `Adaptive` is given, this process runs
        it instead, with `options`.
        """
        if Adaptive is not None:
            given = {"minimum": minimum, "maximum": maximum, "target_duration": target_duration}
            given = {key: value for key, value in given.items() if value is not None}
            self._stop_adapting()
            return super().adapt(Adaptive, **given, **options)
        least, most = _bounds(minimum, maximum)
        if options:
            warnings.warn(
                f"adapt takes no heed of {', '.join(sorted(options))}: the scheduler tells the operator of "
                "its demand as it changes; scale_down_delay= says how long fewer must have been enough",
                stacklevel=2,
            )
        self._stop_adapting()
        changed = self._change(adapting(least, most, target_duration, scale_down_delay))
        self._adaptive = operator_adapts(self, least, most, changed)
        return self._adaptive

    def scale_down(self, workers: Iterable[str]) -> Any:
        """As many fewer as these; for Dask's own Adaptive, which has retired them."""
        return self.scale(max(0, len(self.requested) - len(set(workers))))

    def _change(self, workers: Object) -> Any:
        if self._session is not None and self._session.failure is not None:
            raise self._session.failure

        async def change() -> None:
            patch = {"spec": {"workers": workers}}
            await awaited(self._connection.patch(DASK_CLUSTER, self.name, patch, self.namespace))

        if self.asynchronous:
            return asyncio.ensure_future(change())
        return self.sync(change)

    def _stop_adapting(self) -> None:
        if self._adaptive is not None:
            self._adaptive.stop()

    @property
    def requested(self) -> set[str]:
        """Names of the workers that there are, and stand-ins for those to come."""
        names: set[str] = self.observed
        desired = self._session.status.workers.desired if self._session else 0
        return names | {f"awaited-{number}" for number in range(desired - len(names))}

    @property
    def plan(self) -> set[str]:
        """The same: the operator asks for what is wanted at once."""
        return self.requested

    @property
    def dashboard_link(self) -> str:
        """Dask's pages, through the tunnel; in the form of Dask's setting `distributed.dashboard.link`."""
        if self._session is None or not self._session.dashboard:
            return ""
        port = self._session.dashboard.rpartition(":")[2]
        from distributed.utils import format_dashboard_link

        return str(format_dashboard_link(BROWSER_HOST, port))

    async def _get_logs(
        self, cluster: bool = True, scheduler: bool = True, workers: bool | Iterable[str] = True
    ) -> Any:
        from distributed.utils import Log, Logs

        logs = Logs()
        if cluster:
            logs["Cluster"] = Log("\n".join(line for _, line in self._cluster_manager_logs))
        components = tuple(each for each, on in ((SCHEDULER, scheduler), (WORKER, workers)) if on)
        if not components or self._session is None:
            return logs
        selector = selector_of(self._session.status.selector or "")
        addresses = {str(each["name"]): address for address, each in self.scheduler_info["workers"].items()}
        wanted = None if isinstance(workers, bool) else set(workers)
        for log in await awaited(pod_logs(self._connection, selector, self.namespace, components)):
            key = "Scheduler" if log.component == SCHEDULER else addresses.get(log.pod, log.pod)
            if wanted is None or log.component == SCHEDULER or {key, log.pod} & wanted:
                logs[key] = Log(log.text)
        return logs

    def logs(self, cluster: bool = True, scheduler: bool = True, workers: bool | Iterable[str] = True) -> Any:
        """The older name of `get_logs`."""
        return self.get_logs(cluster=cluster, scheduler=scheduler, workers=workers)

    def _scaling_status(self) -> str:
        status = self._session.status if self._session else None
        desired = status.workers.desired if status else 0
        there = len(self.scheduler_info["workers"])
        group = (self._session.resource["spec"].get("workers") or {}) if self._session else {}
        here = self._adaptive is not None and self._adaptive.periodic_callback
        mode = "Adaptive" if here or group.get("autoscale") else "Manual"
        return (
            f'<table><tr><td style="text-align: left;">Scaling mode: {mode}</td></tr>'
            f'<tr><td style="text-align: left;">Workers: {there} / {desired}</td></tr></table>'
        )


def _bounds(minimum: int | None, maximum: int | None) -> tuple[int, int]:
    """Those of `adapt`; Dask's own default, no bound above, is none for who pays."""
    from dask import config

    settings = config.get("distributed.adaptive")
    least = settings["minimum"] if minimum is None else minimum
    most = settings["maximum"] if maximum is None else maximum
    for name, word, bound in (("minimum", "fewest", least), ("maximum", "most", most)):
        if not isinstance(bound, int):
            raise WrongUse(
                f"adapt needs a bound, and {name} is {bound}; "
                f"give {name}=, the {word} workers that you want to pay for"
            )
    return least, most
