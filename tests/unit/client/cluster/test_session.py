"""A session's scheduler is the one that runs now, whatever pods of its name were before."""

import asyncio

from daskflow.client.cluster.manifest import cluster_manifest
from daskflow.client.cluster.session import Session
from daskflow.client.connection import Connection

from tests.unit.client.cluster.operator_in_memory import Operator


async def test_a_scheduler_that_comes_back_is_waited_for(operator: Operator, connection: Connection) -> None:
    """After a suspension its pod has the same name, and another uid."""
    operator.holds = True
    await connection.create("DaskCluster", cluster_manifest("c", image="i", workers=0), "team")

    def loses_its_scheduler() -> None:
        operator.pod("c-scheduler", ready=False)
        pod = operator.objects["pods/c-scheduler"]
        operator.run(operator._tell("pods", "ADDED", pod))
        operator.run(operator.says("c", scheduler={"pod": "c-scheduler", "uid": "first"}))

    await asyncio.to_thread(loses_its_scheduler)
    said: list[str] = []
    session = Session(connection, "c", "team", said.append)
    opening = asyncio.ensure_future(session.open(20))
    while "pods" not in operator.watched:  # noqa: ASYNC110
        await asyncio.sleep(0.01)

    def comes_back() -> None:
        operator.run(operator._tell("pods", "DELETED", operator.objects.pop("pods/c-scheduler")))
        operator.run(operator.says("c", phase="Suspended", scheduler=None))
        operator.run(operator.starts("c"))

    await asyncio.to_thread(comes_back)
    await opening
    assert session.address.startswith("tls://127.0.0.1:")
    await session.close()
