"""`daskflow schedule`: FlowSchedules."""

from typing import TYPE_CHECKING, Annotated

import typer

from daskflow.cli import options
from daskflow.cli.printing import out

if TYPE_CHECKING:
    from daskflow.client.connection import Connection

app = typer.Typer(
    no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False
)

Name = Annotated[str, typer.Argument(metavar="SCHEDULE", help="The FlowSchedule's name.", show_default=False)]
KIND = "FlowSchedule"


@app.callback()
def schedule() -> None:
    """Look after flows on a clock."""


@app.command("list")
@options.on_cluster
async def list_schedules(
    connection: "Connection",
    all_namespaces: options.AllNamespaces = False,
    selector: options.Selector = "",
    output: options.ObjectForm = None,
) -> None:
    """List schedules."""
    from daskflow.cli.objects import listed
    from daskflow.cli.tables.schedules import HEADER, row

    await listed(
        connection, KIND, HEADER, row, all_namespaces=all_namespaces, selector=selector, output=output
    )


@app.command("get")
@options.on_cluster
async def get(connection: "Connection", name: Name, output: options.ObjectForm = None) -> None:
    """Show one schedule."""
    from daskflow.cli.objects import shown
    from daskflow.cli.tables.schedules import HEADER, row

    await shown(connection, KIND, name, HEADER, row, output=output)


@app.command("suspend")
@options.on_cluster
async def suspend(connection: "Connection", name: Name) -> None:
    """Start no run of a schedule until it is resumed."""
    await connection.patch(KIND, name, {"spec": {"suspend": True}})
    out(f"flowschedule.daskflow.dev/{name} suspended")


@app.command("resume")
@options.on_cluster
async def resume(connection: "Connection", name: Name) -> None:
    """Let a schedule go on; ticks that it missed count as late."""
    await connection.patch(KIND, name, {"spec": {"suspend": False}})
    out(f"flowschedule.daskflow.dev/{name} resumed")
