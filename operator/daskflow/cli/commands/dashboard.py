"""`daskflow dashboard`: Dask's pages of a run or a cluster, in a browser here."""

from typing import TYPE_CHECKING, Annotated

import typer

from daskflow.cli import options
from daskflow.cli.printing import out, say

if TYPE_CHECKING:
    from daskflow.client.connection import Connection
    from daskflow.client.tunnel.tunnel import Tunnel

SECONDS = 300.0
"""For the first page: a scheduler may be starting."""


@options.on_cluster
async def dashboard(
    connection: "Connection",
    name: options.RunOrCluster,
    port: options.Port = 0,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open it in a browser.")] = True,
) -> None:
    """Bring Dask's dashboard of a run or cluster here, until Ctrl-C or the end of it."""
    from daskflow.cli.reaching import until_interrupted

    await until_interrupted(_show(connection, name, port, browser))


async def _show(connection: "Connection", name: str, port: int, browser: bool) -> None:
    from daskflow.cli.browser import open_in_window
    from daskflow.cli.reaching import reached
    from daskflow.client.cluster.session import DASHBOARD_PORT
    from daskflow.client.tunnel.tunnel import BROWSER_HOST, Tunnel

    found = await reached(connection, name)
    await found.cluster()
    async with Tunnel(connection, found.find(DASHBOARD_PORT), port=port, told=say) as tunnel:
        await _looked_at(f"http://{tunnel.address}/status", name, tunnel)
        page = f"http://{BROWSER_HOST}:{tunnel.port}/status"
        out(page)
        if browser:
            open_in_window(
                page, lambda: say("there is no browser here; open the page in one of this machine")
            )
        say(f"{await found.ended()}; the page goes with it.")


async def _looked_at(page: str, name: str, tunnel: "Tunnel") -> None:
    """Raises NotFound where there is no dashboard, and whatever keeps the tunnel from being one."""
    import httpx
    from tenacity import AsyncRetrying, retry_if_exception, stop_after_delay, wait_fixed

    from daskflow.client.errors import NotFound
    from daskflow.client.tunnel.ends import NotReady
    from daskflow.client.tunnel.stream import Broken

    def starting(error: BaseException) -> bool:
        return isinstance(error, httpx.TransportError) and isinstance(tunnel.failure, NotReady | Broken)

    tries = AsyncRetrying(
        stop=stop_after_delay(SECONDS), wait=wait_fixed(1), retry=retry_if_exception(starting), reraise=True
    )
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=SECONDS) as client:
            async for attempt in tries:
                with attempt:
                    answer = await client.get(page)
    except httpx.TransportError as error:
        raise tunnel.failure or error from error
    if answer.status_code == httpx.codes.NOT_FOUND:
        raise NotFound(
            f"{name} has no dashboard: it takes dashboard: true in its spec when it is made "
            "(of a run: spec.cluster.dashboard), and the package bokeh in its image"
        )
