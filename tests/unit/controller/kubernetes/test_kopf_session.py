"""What kopf's connections tell of themselves. What becomes of objects is tried with the whole process."""

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from daskflow.api.names import FLOW_RUN
from daskflow.controller.kubernetes.kopf_session import WaitingObjects, _responses

PATH = "/apis/daskflow.dev/v1alpha1/flowruns"


async def test_each_page_of_a_list_is_a_sign_of_life() -> None:
    async def page(request: web.Request) -> web.Response:
        return web.json_response({"metadata": {"resourceVersion": "1", "continue": "x"}, "items": []})

    application = web.Application()
    application.router.add_get(PATH, page)
    heard = list[str]()
    async with (
        TestServer(application) as server,
        aiohttp.ClientSession(response_class=_responses(WaitingObjects(heard.append))) as session,
    ):
        for count in (1, 2, 3):
            async with session.get(server.make_url(PATH)) as response:
                assert (await response.json())["metadata"]["continue"] == "x"
            assert heard == [FLOW_RUN] * count
