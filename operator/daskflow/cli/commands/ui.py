"""`daskflow ui`: a page on this machine about runs, clusters and schedules."""

from typing import TYPE_CHECKING, Annotated

import typer

from daskflow.cli import options
from daskflow.cli.printing import out, say

if TYPE_CHECKING:
    from daskflow.client.connection import Connection


@options.on_cluster
async def ui(
    connection: "Connection",
    namespaces: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="NAMESPACE", help="Those to show [all, else the context's].", show_default=False
        ),
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Of 127.0.0.1; 0 is any free one.")] = 0,
    browser: Annotated[bool, typer.Option(help="Open it in the browser, where there is one.")] = True,
) -> None:
    """Serve a page about runs, clusters and schedules on 127.0.0.1, with your own rights."""
    try:
        from daskflow.cli.ui.server import serve
        from daskflow.cli.ui.source import Source
    except ModuleNotFoundError as error:
        from daskflow.client.errors import WrongUse

        raise WrongUse(
            f"the page needs {error.name}, which is not installed; pip install 'daskflow[ui]'"
        ) from None

    def ready(address: str, once: str) -> None:
        out(address)
        say("only this machine can open it, and only with that address; Ctrl-C ends it.")
        if browser:
            _open(once)

    chosen = connection.chosen_namespace
    shown = [*(namespaces or ()), *([chosen] if chosen else ())]
    await serve(Source(connection.anew, shown), port, ready)


def _open(address: str) -> None:
    """In a browser with a window: one in a terminal would take the command's own."""
    import os
    import sys
    import webbrowser

    if sys.platform in ("darwin", "win32") or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        webbrowser.open(address)
