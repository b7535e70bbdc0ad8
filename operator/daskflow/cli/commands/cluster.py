"""`daskflow cluster`: DaskClusters on their own."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from daskflow.cli import options
from daskflow.cli.objects import group, near_names
from daskflow.cli.printing import as_json, as_yaml, out

if TYPE_CHECKING:
    from daskflow.client.connection import Connection

KIND = "DaskCluster"
app = group(KIND, "clusters")

Name = Annotated[
    str,
    typer.Argument(
        metavar="CLUSTER",
        help="The DaskCluster's name.",
        show_default=False,
        parser=options.name_of("DaskCluster", "cluster"),
    ),
]


@app.callback()
@options.ahead
def cluster() -> None:
    """Make, scale and remove Dask clusters."""


@app.command("create")
@options.on_cluster
async def create(
    connection: "Connection",
    name: Name,
    image: Annotated[str, typer.Option(metavar="IMAGE", help="The image of scheduler and workers.")],
    workers: Annotated[int, typer.Option("--workers", "-w", min=0, help="How many.")] = 2,
    threads: Annotated[int | None, typer.Option(min=1, help="Threads of a worker.")] = None,
    memory: Annotated[str | None, typer.Option(metavar="SIZE", help="Memory of a worker: 4Gi.")] = None,
    idle_timeout: Annotated[
        str | None, typer.Option(metavar="DURATION", help="Stops when idle for so long: 30m.")
    ] = None,
    no_client_timeout: Annotated[
        str | None,
        typer.Option(metavar="DURATION", help="Stops when no client was connected for so long: 10m."),
    ] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="Any field of the spec.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the manifest, create nothing.")] = False,
    output: options.ObjectForm = None,
) -> None:
    """Make a cluster."""
    from daskflow.cli.submission import cluster_manifest

    made = cluster_manifest(
        name, image, workers, threads, memory, idle_timeout, no_client_timeout, set_ or ()
    )
    if dry_run:
        print(as_json(made) if output == "json" else as_yaml(made))
        return
    await connection.create(KIND, made)
    out(f"daskcluster.daskflow.dev/{name} created")


@app.command("scale")
@options.on_cluster
async def scale(
    connection: "Connection",
    name: Name,
    workers: Annotated[int, typer.Argument(metavar="WORKERS", min=0, help="How many.", show_default=False)],
) -> None:
    """Give a cluster so many workers, for good."""
    await _change(connection, name, {"replicas": workers, "autoscale": None, "total": None})
    out(f"daskcluster.daskflow.dev/{name} scaled to {workers}")


@app.command("adapt")
@options.on_cluster
async def adapt(
    connection: "Connection",
    name: Name,
    maximum: Annotated[int, typer.Option(min=1, help="At most so many workers.")],
    minimum: Annotated[int, typer.Option(min=0, help="At least so many.")] = 0,
) -> None:
    """Let a cluster have as many workers as its tasks ask for."""
    await _change(connection, name, {"autoscale": {"minimum": minimum, "maximum": maximum}})
    out(f"daskcluster.daskflow.dev/{name} adapts between {minimum} and {maximum}")


async def _change(connection: "Connection", name: str, workers: dict[str, Any]) -> None:
    async with near_names(connection, KIND, name):
        await connection.patch(KIND, name, {"spec": {"workers": workers}})


@app.command("delete")
@options.on_cluster
async def delete(connection: "Connection", name: Name) -> None:
    """Remove a cluster and its pods."""
    async with near_names(connection, KIND, name):
        await connection.delete(KIND, name)
    out(f"daskcluster.daskflow.dev/{name} deleted")
