"""Asks the API server for what a timeline is made of."""

import asyncio
from datetime import datetime, timezone
from typing import Any

from daskflow.api.names import LABEL_RUN
from daskflow.client.connection import Connection, Object
from daskflow.client.errors import Forbidden
from daskflow.client.timeline.model import Timeline
from daskflow.client.timeline.spans import timeline


async def timeline_of(connection: Connection, run: Object) -> Timeline:
    """Of a FlowRun as it is now; without what the user may not look at. Raises the errors of a connection."""
    metadata = run["metadata"]

    async def look(kind: str, **query: Any) -> list[Object]:
        try:
            return await connection.list(kind, metadata["namespace"], **query)
        except Forbidden:
            return []

    pods, events = await asyncio.gather(
        look("Pod", selector=f"{LABEL_RUN}={metadata['name']}"), look("Event")
    )
    return timeline(run, pods, events, now=datetime.now(timezone.utc))
