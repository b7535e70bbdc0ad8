"""`daskflow pool`: ClusterPools."""

from typing import TYPE_CHECKING, Annotated

import typer

from daskflow.cli import options
from daskflow.cli.objects import group, near_names
from daskflow.cli.printing import out

if TYPE_CHECKING:
    from daskflow.client.connection import Connection

KIND = "ClusterPool"
app = group(KIND, "pools")

Name = Annotated[
    str,
    typer.Argument(
        metavar="POOL",
        help="The ClusterPool's name.",
        show_default=False,
        parser=options.name_of(KIND, "pool"),
    ),
]


@app.callback()
@options.ahead
def pool() -> None:
    """Look after clusters that wait for runs."""


@app.command("scale")
@options.on_cluster
async def scale(
    connection: "Connection",
    name: Name,
    ready: Annotated[
        int,
        typer.Argument(metavar="READY", min=0, help="How many clusters are to wait.", show_default=False),
    ],
) -> None:
    """Have so many clusters wait; 0: none, the pool is a template alone."""
    async with near_names(connection, KIND, name):
        await connection.patch(KIND, name, {"spec": {"ready": ready}})
    out(f"clusterpool.daskflow.dev/{name} scaled to {ready}")
