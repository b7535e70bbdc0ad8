"""`daskflow explain`: why a run is not running, or why it failed."""

import asyncio
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from daskflow.cli import options
from daskflow.cli.printing import out

if TYPE_CHECKING:
    from daskflow.client.connection import Connection
    from daskflow.client.run import AsyncRun

LOG_LINES = 10


@options.on_cluster
async def explain(connection: "Connection", run: options.RunName) -> None:
    """Say why a run is not running, or why it failed, and what to do."""
    from daskflow.api.names import LABEL_RUN
    from daskflow.cli.explanation.sentences import Found, explained
    from daskflow.client.run import AsyncRun

    found = await AsyncRun.get(run, connection=connection)
    hidden: list[str] = []

    async def look(kind: str, **query: Any) -> list[Any]:
        from daskflow.client.errors import Forbidden

        try:
            return await connection.list(kind, found.namespace, **query)
        except Forbidden:
            hidden.append(f"{kind.lower()}s")
            return []

    pods, events, quotas, nodes, log = await asyncio.gather(
        look("Pod", selector=f"{LABEL_RUN}={found.name}"),
        look("Event"),
        look("ResourceQuota"),
        look("Node"),
        _last_lines(found),
    )
    facts = Found(
        found.resource, pods, events, quotas, nodes, log, [each for each in hidden if each != "nodes"]
    )
    for line in explained(facts, datetime.now(timezone.utc)):
        out(line) if line else print()


async def _last_lines(run: "AsyncRun") -> list[str]:
    from collections import deque

    from daskflow.client.errors import DaskflowError

    lines: deque[str] = deque(maxlen=LOG_LINES)
    try:
        async for line in run.logs():
            lines.append(line.text)
    except DaskflowError:
        return []
    return list(lines)
