"""Writes are sent while they are allowed, and reads always."""

from random import Random
from typing import Any

import pytest
from daskflow.controller.kubernetes.fenced import Fenced
from daskflow.controller.kubernetes.verbs import ApiError
from daskflow.plan.model import Key

from tests.simulation import loop, toy
from tests.simulation.kubernetes.api_server import Server
from tests.simulation.operators.client import Client

RUN = Key("FlowRun", "default", "toy")


def test_each_write_asks_first() -> None:
    async def live() -> None:
        server, allowed, refused = Server(Random(1)), [True], []
        client = Client(server, Random(1))
        api = Fenced(client, lambda: allowed[-1], refused.append)
        run: Any = await api.create(toy.parent("toy"))
        uid = run["metadata"]["uid"]
        writes = client.writes
        allowed.append(False)
        for call in (
            lambda: api.create(toy.parent("other")),
            lambda: api.replace_status({**run, "status": {"phase": "Open"}}),
            lambda: api.patch(RUN, uid, {"spec": {"pods": 1}}),
            lambda: api.delete(RUN, uid),
        ):
            with pytest.raises(ApiError) as error:
                await call()
            assert error.value.passing, "it may well be done later"
        assert (client.writes, refused) == (writes, ["POST", "PUT", "PATCH", "DELETE"])
        assert (await api.get(RUN))["spec"] == run["spec"]
        assert [page.items async for page in api.pages("FlowRun")] == [(server.objects[RUN],)]
        async for event in api.watch("FlowRun", None, "", "1"):
            assert event.object["metadata"]["uid"] == uid
            break
        allowed.append(True)
        await api.delete(RUN, uid)
        assert RUN not in server.objects

    loop.run(live())
