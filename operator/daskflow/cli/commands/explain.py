"""`daskflow explain`: why a run is not running, or why it failed; the same of a cluster, schedule or pool."""

from collections.abc import Sequence
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Annotated

import typer

from daskflow.api.names import CLUSTER_POOL
from daskflow.cli import options
from daskflow.cli.printing import out

if TYPE_CHECKING:
    from daskflow.client.connection import Connection

_KINDS = {
    "run": "run",
    "flowrun": "run",
    "cluster": "cluster",
    "daskcluster": "cluster",
    "schedule": "schedule",
    "flowschedule": "schedule",
    "pool": "pool",
    "clusterpool": "pool",
    "cpool": "pool",
}
"""What may stand before a `/`, in the singular; kubectl's names, too."""


@options.on_cluster
async def explain(
    connection: "Connection",
    what: Annotated[
        str,
        typer.Argument(
            metavar="RUN",
            help="The run's name, or cluster/NAME, schedule/NAME or pool/NAME.",
            show_default=False,
        ),
    ],
) -> None:
    """Say why a run, cluster, schedule or pool is not as it should be, and what to do."""
    kind, name = target(what)
    for line in await told(connection, kind, name):
        out(line) if line else print()


async def told(connection: "Connection", kind: str, name: str) -> Sequence[str]:
    """The lines; `kind` is run, cluster, schedule or pool. Raises NotFound and the errors of a connection."""
    from daskflow.cli.explanation import look
    from daskflow.client.run import AsyncRun

    now = datetime.now(timezone.utc)
    if kind == "cluster":
        from daskflow.cli.explanation.clusters import cluster_explained

        return cluster_explained(await look.around_cluster(connection, name), now)
    if kind == "schedule":
        from daskflow.cli.explanation.schedules import schedule_explained

        return schedule_explained(await look.around_schedule(connection, name), now)
    if kind == "pool":
        from daskflow.cli.explanation.pools import pool_explained
        from daskflow.cli.objects import near_names

        async with near_names(connection, CLUSTER_POOL, name):
            found = await look.around_pool(connection, name)
        return pool_explained(found, now)
    from daskflow.cli.explanation.sentences import explained

    run = await AsyncRun.get(name, connection=connection)
    return explained(await look.around_run(run), now)


def target(what: str) -> tuple[str, str]:
    """Kind and name. Raises WrongUse."""
    from daskflow.client.errors import WrongUse
    from daskflow.client.names import checked

    before, slash, name = what.rpartition("/")
    if not slash:
        return "run", checked(name)
    singular = before.lower().partition(".")[0].removesuffix("s")
    if singular not in _KINDS or not name:
        raise WrongUse(
            f"{what} is neither a run's name nor cluster/NAME, schedule/NAME or pool/NAME; write one of these"
        )
    return _KINDS[singular], checked(name, _KINDS[singular])
