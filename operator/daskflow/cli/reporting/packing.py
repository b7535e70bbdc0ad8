"""All about a run as one archive."""

from datetime import datetime, timezone
from typing import TYPE_CHECKING

from daskflow.cli.checks import Line
from daskflow.cli.commands.check import looked
from daskflow.cli.reporting.archive import packed
from daskflow.cli.reporting.contents import files, gathered
from daskflow.client.errors import DaskflowError
from daskflow.client.run import AsyncRun

if TYPE_CHECKING:
    from daskflow.client.connection import Connection


async def packed_run(name: str, connection: "Connection") -> tuple[bytes, str]:
    """The .tar.gz, and what there is to say about it. Raises NotFound and the errors of a connection."""
    run = await AsyncRun.get(name, connection=connection)
    now = datetime.now(timezone.utc)
    try:
        checks = await looked(connection)
    except DaskflowError as error:
        checks = [Line(None, str(error))]
    made, secrets = files(await gathered(run, checks), now)
    data = packed(made, f"{run.name}-report", now)
    return data, (
        f"{len(made)} files, {-(-len(data) // 1024)} KiB; {secrets} values that look like secrets were taken "
        "out, others cannot be known: look before you send it."
    )
