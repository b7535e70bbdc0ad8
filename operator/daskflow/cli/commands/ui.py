"""`daskflow ui`: a page on this machine about runs, clusters and schedules."""

from contextlib import ExitStack, suppress
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

    from daskflow.cli.browser import has_window, leading_to, open_in_window
    from daskflow.client.names import checked_namespace

    chosen = connection.chosen_namespace
    for each in namespaces or ():
        checked_namespace(each)
    shown = [*(namespaces or ()), *([chosen] if chosen else ())]
    with ExitStack() as files:

        def ready(address: str, once: str) -> None:
            out(address)
            say("only this machine can open it, and only with that address; Ctrl-C ends it.")
            if browser and has_window():
                with suppress(OSError):  # no room for a file: there is the address
                    open_in_window(files.enter_context(leading_to(once)))

        await serve(Source(connection.anew, shown), port, ready)
