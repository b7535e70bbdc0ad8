"""What stands for LocalCluster in a run: the run's cluster, under the names of code for one machine."""

from __future__ import annotations

from typing import Any

from ..settings import say


class _Done:
    """What `close()` returns: done already, for those who wait for it."""

    def __await__(self) -> Any:
        return iter(())


class RunsCluster:
    """What `LocalCluster()` makes in a run: the cluster is there already, and ends with the run alone."""

    name = "daskflow"
    dashboard_link = ""
    asynchronous = False

    def __init__(self, address: str, client: Any = None) -> None:
        """`client`: the one whose `cluster` this is."""
        from distributed.core import Status

        self.scheduler_address = address
        self.status = Status.running
        self._own = client

    def __repr__(self) -> str:
        return f"<the run's cluster {self.scheduler_address}>"

    def _repr_html_(self) -> str:
        return repr(self).replace("<", "&lt;")

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        """For isinstance()."""
        from distributed import LocalCluster

        return LocalCluster

    @property
    def _client(self) -> Any:
        from distributed import default_client

        return self._own if self._own is not None else default_client()

    def get_client(self) -> Any:
        """A client of its own, as of any cluster."""
        from distributed import Client

        return Client()

    @property
    def scheduler_info(self) -> Any:
        """What the scheduler says of itself and its workers."""
        return self._client.scheduler_info(n_workers=-1)  # all; some versions tell of five

    @property
    def workers(self) -> Any:
        """The workers by their addresses."""
        return self.scheduler_info["workers"]

    @property
    def plan(self) -> Any:
        """The workers' names: those that are there are those that are wanted."""
        return {worker["name"] for worker in self.workers.values()}

    requested = observed = plan

    @property
    def scheduler(self) -> Any:
        """Of the scheduler, which is in another process, what can be known here."""
        return _Scheduler(self)

    @property
    def loop(self) -> Any:
        """The client's event loop."""
        return self._client.loop

    @property
    def security(self) -> Any:
        """The client's certificates."""
        return self._client.security

    def get_logs(self, cluster: bool = True, scheduler: bool = True, workers: Any = True) -> Any:
        """Texts of scheduler and workers, by their addresses."""
        client = self._client
        chosen = None if workers is True else list(workers or ())

        async def collect() -> dict[str, str]:
            logs = {"Cluster": ""} if cluster else {}
            if scheduler:
                logs["Scheduler"] = _text(await client.scheduler.get_logs())
            if workers:
                told = await client.scheduler.worker_logs(workers=chosen)
                logs.update((name, _text(log)) for name, log in told.items())
            return logs

        return client.sync(collect)

    def scale(self, *args: Any, **kwargs: Any) -> Any:
        """Of no effect: the manifest says how many workers there are."""
        note("scale() and adapt() of a cluster", "change nothing: the run's manifest says how many workers")
        return self

    adapt = scale

    def wait_for_workers(self, n_workers: int = 0, timeout: Any = None) -> Any:
        """As a client does, which asks its cluster."""
        client = self._client
        return client.sync(client._wait_for_workers, n_workers, timeout=timeout)

    def close(self, *args: Any, **kwargs: Any) -> Any:
        """Of no effect."""
        return _Done()

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *args: Any) -> None:
        return None

    async def __aenter__(self) -> Any:
        return self

    async def __aexit__(self, *args: Any) -> None:
        return None

    def __await__(self) -> Any:
        async def itself() -> Any:
            return self

        return itself().__await__()

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(
            f"LocalCluster is the run's cluster here, which has no {name!r}: use Client() alone"
        )


class _Scheduler:
    """Address and workers of a scheduler in another process."""

    def __init__(self, cluster: RunsCluster) -> None:
        self.address = cluster.scheduler_address
        self._cluster = cluster

    @property
    def workers(self) -> Any:
        """What the scheduler says of its workers, by their addresses."""
        return self._cluster.workers

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(
            f"the scheduler is in another pod, and {name!r} is known there alone: ask it by"
            " client.run_on_scheduler()"
        )


def _text(log: Any) -> str:
    return "\n".join(line for _, line in log)


_noted: set[str] = set()


def note(what: str, sentence: str) -> None:
    """One line for each kind of thing, however often it is done."""
    if what not in _noted:
        _noted.add(what)
        say(f"{what} {sentence}")


def shown(args: Any, kwargs: dict[str, Any]) -> str:
    """Arguments as they were written."""
    text = ", ".join([*map(repr, args), *(f"{name}={value!r}" for name, value in kwargs.items())])
    return text if len(text) < 200 else text[:199] + "…"
