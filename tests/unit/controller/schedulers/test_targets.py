"""Only the scheduler that the operator has made is dialled."""

import asyncio
from typing import Any

from daskflow.controller.schedulers.wire import Listener

from tests.simulation import loop
from tests.unit.controller.running import CREATED, RUN, running
from tests.unit.controller.schedulers.world import World, idle, with_metadata


def test_only_the_scheduler_that_was_made_is_dialled() -> None:
    run, cluster, pod = running()
    tls = {"security": {"tls": {"mode": "Disabled"}}}
    brought = {"security": {"tls": {"mode": "Secret", "secretName": "mine"}}}
    foreign = [{**cluster["metadata"]["ownerReferences"][0], "uid": "run-0"}]
    cases: list[tuple[str, list[dict[str, Any]], bool]] = [
        ("as it should be", [run, cluster, pod], True),
        ("no cluster", [run], False),
        ("no pod", [run, cluster], False),
        ("over", [*running(phase="Succeeded")], False),
        ("starting", [*running(phase="Starting")], False),
        ("without TLS", [*running(spec=tls)], True),
        ("with the user's certificates", [*running(spec=brought)], True),
        ("a cluster of another run", [run, with_metadata(cluster, ownerReferences=foreign), pod], False),
        ("another pod", [run, cluster, with_metadata(pod, uid="other")], False),
        ("a worker", [run, cluster, with_metadata(pod, name="etl-x-1-worker-0")], False),
        ("on its way out", [run, cluster, with_metadata(pod, deletionTimestamp="now")], False),
        ("a run that is being deleted", [with_metadata(run, deletionTimestamp="now"), cluster, pod], False),
        ("no address yet", [run, cluster, *running(ip="")[2:]], False),
    ]

    async def life() -> None:
        for name, bodies, followed in cases:
            world = World(idle, runs=0)
            for each in bodies:
                world.store.put(each)
            world.news.clear()
            world.poller.update(RUN)
            await asyncio.sleep(30)
            assert len(world.dialled) == followed, name
            if followed:
                wanted = Listener("10.0.0.7", "cluster-1", CREATED, name != "without TLS")
                assert world.dialled[0][1] == wanted
            await world.poller.stop()
            assert world.open == 0

    loop.run(life())
