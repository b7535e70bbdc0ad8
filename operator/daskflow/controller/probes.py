"""`/metrics`, `/healthz` and `/readyz` on one small server."""

from collections.abc import Callable

from aiohttp import web

SHUTDOWN_SECONDS = 0.3
"""For answers under way when the process ends."""


async def serve(
    port: int, metrics: Callable[[], bytes], ailment: Callable[[], str], unready: Callable[[], str]
) -> web.AppRunner:
    """Answer on all addresses until the runner's `cleanup`.

    `ailment` and `unready` say in a sentence what is wrong, and nothing where all is well.
    """

    async def scraped(_: web.Request) -> web.Response:
        return web.Response(body=metrics(), content_type="text/plain", charset="utf-8")

    async def healthz(_: web.Request) -> web.Response:
        return _verdict(ailment(), 500)

    async def readyz(_: web.Request) -> web.Response:
        return _verdict(unready(), 503)

    application = web.Application()
    application.router.add_get("/metrics", scraped)
    application.router.add_get("/healthz", healthz)
    application.router.add_get("/readyz", readyz)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    await web.TCPSite(runner, port=port).start()
    return runner


def _verdict(why: str, status: int) -> web.Response:
    return web.Response(status=status, text=f"{why}\n") if why else web.Response(text="ok\n")
