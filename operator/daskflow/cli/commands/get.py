"""`daskflow get`: one run in a few lines, or whole."""

from datetime import datetime, timezone
from typing import TYPE_CHECKING

from daskflow.cli import options
from daskflow.cli.printing import out, table, written

if TYPE_CHECKING:
    from daskflow.client.connection import Connection


@options.on_cluster
async def get(connection: "Connection", run: options.RunName, output: options.Form = None) -> None:
    """Show one run."""
    from daskflow.api.names import API_VERSION, FLOW_RUN
    from daskflow.cli.tables.runs import header, row
    from daskflow.client.run import AsyncRun

    found = await AsyncRun.get(run, connection=connection)
    if output in ("json", "yaml", "name"):
        print(written([found.resource], output, kind=FLOW_RUN, version=API_VERSION))
        return
    wide = output == "wide"
    print(table(header(wide=wide), [row(found.resource, datetime.now(timezone.utc), wide=wide)]))
    if found.status.message and not wide:
        out(found.status.message)
