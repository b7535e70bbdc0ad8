"""Finds what there is around an object."""

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any

from daskflow.api.names import (
    CLUSTER_POOL,
    DASK_CLUSTER,
    FLOW_RUN,
    FLOW_SCHEDULE,
    LABEL_CLUSTER,
    LABEL_POOL,
    LABEL_RUN,
    LABEL_SCHEDULE,
)
from daskflow.api.reasons import Reason
from daskflow.cli.explanation.found import Found
from daskflow.cli.installed import Operator, operators
from daskflow.manifests.naming import base_name

if TYPE_CHECKING:
    from daskflow.client.connection import Connection
    from daskflow.client.run import AsyncRun

LOG_LINES = 10
_WAITING = (Reason.POOL_EMPTY.value, Reason.DOES_NOT_FIT.value, Reason.POOL_MISSING.value)


class Look:
    """Lists things, and notes what the user may not look at."""

    def __init__(self, connection: "Connection", namespace: str) -> None:
        self._connection, self._namespace = connection, namespace
        self.hidden: list[str] = []
        """Plurals of kinds."""

    async def at(self, kind: str, **query: Any) -> list[Any]:
        """All of a kind, none where that is forbidden. Raises the errors of a connection."""
        from daskflow.client.errors import Forbidden

        try:
            return await self._connection.list(kind, self._namespace, **query)
        except Forbidden:
            self.hidden.append(f"{kind.lower()}s")
            return []

    async def at_operators(self) -> list[Operator] | None:
        """None where that is forbidden."""
        from daskflow.client.errors import Forbidden

        try:
            return await operators(self._connection)
        except Forbidden:
            return None


async def around_run(run: "AsyncRun") -> Found:
    """What there is around a run."""
    look = Look(run.connection, run.namespace)
    pods, events, quotas, nodes, found, log = await asyncio.gather(
        look.at("Pod", selector=f"{LABEL_RUN}={run.name}"),
        look.at("Event"),
        look.at("ResourceQuota"),
        look.at("Node"),
        look.at_operators(),
        _last_lines(run),
    )
    name = ((run.resource.get("spec") or {}).get("pool") or {}).get("name")
    waits = name is not None and _waits_for(run.resource, name)
    pools = await look.at(CLUSTER_POOL) if waits else ()
    named = [pool for pool in pools if pool["metadata"]["name"] == name]
    return Found(run.resource, pods, events, quotas, nodes, log, _told(look), found, pools=named)


async def around_cluster(connection: "Connection", name: str) -> Found:
    """The same of a DaskCluster. Raises NotFound."""
    cluster = await connection.get(DASK_CLUSTER, name)
    metadata = cluster["metadata"]
    run = (metadata.get("labels") or {}).get(LABEL_RUN)
    base = name if run else base_name(name, metadata["uid"])
    look = Look(connection, connection.namespace)
    pods, events, quotas, nodes, found = await asyncio.gather(
        look.at("Pod", selector=f"{LABEL_CLUSTER}={base}"),
        look.at("Event"),
        look.at("ResourceQuota"),
        look.at("Node"),
        look.at_operators(),
    )
    return Found(cluster, pods, events, quotas, nodes, (), _told(look), found)


async def around_schedule(connection: "Connection", name: str) -> Found:
    """The same of a FlowSchedule, with its runs. Raises NotFound."""
    schedule = await connection.get(FLOW_SCHEDULE, name)
    look = Look(connection, connection.namespace)
    own = f"{LABEL_SCHEDULE}={name}"
    events, runs, ahead, found = await asyncio.gather(
        look.at("Event"),
        look.at(FLOW_RUN, selector=own),
        look.at(DASK_CLUSTER, selector=f"{own},!{LABEL_RUN}"),
        look.at_operators(),
    )
    return Found(schedule, events=events, hidden=_told(look), operators=found, runs=runs, clusters=ahead)


async def around_pool(connection: "Connection", name: str) -> Found:
    """The same of a ClusterPool, with its clusters and the runs that wait for one. Raises NotFound."""
    pool = await connection.get(CLUSTER_POOL, name)
    look = Look(connection, connection.namespace)
    waiting = f"{LABEL_POOL}={name},!{LABEL_RUN}"
    (clusters, pods, runs), (events, quotas, nodes), found = await asyncio.gather(
        asyncio.gather(
            look.at(DASK_CLUSTER, selector=waiting), look.at("Pod", selector=waiting), look.at(FLOW_RUN)
        ),
        asyncio.gather(look.at("Event"), look.at("ResourceQuota"), look.at("Node")),
        look.at_operators(),
    )
    wait = [run for run in runs if _waits_for(run, name)]
    return Found(pool, pods, events, quotas, nodes, (), _told(look), found, wait, clusters)


def _waits_for(run: Any, pool: str) -> bool:
    status = run.get("status") or {}
    named = ((run.get("spec") or {}).get("pool") or {}).get("name") == pool
    last = (status.get("attempts") or ({"endTime": "none yet"},))[-1]
    return bool(named and last.get("endTime") and status.get("reason") in _WAITING)


def _told(look: Look) -> list[str]:
    """Who may look at nodes needs no right of a namespace's user."""
    return [each for each in look.hidden if each != "nodes"]


async def _last_lines(run: "AsyncRun") -> list[str]:
    from daskflow.client.errors import DaskflowError
    from daskflow.client.logs import written

    lines: deque[str] = deque(maxlen=LOG_LINES)
    try:
        async for line in written(run, "runner", None, tail=LOG_LINES):
            lines.append(line.text)
    except DaskflowError:
        return []
    return list(lines)
