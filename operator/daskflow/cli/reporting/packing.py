"""All about a run as one archive."""

from datetime import datetime, timezone
from typing import TYPE_CHECKING

from daskflow.cli.checks import Line
from daskflow.cli.commands.check import looked
from daskflow.cli.reporting.archive import packed
from daskflow.cli.reporting.contents import files, gathered
from daskflow.client.errors import DaskflowError

if TYPE_CHECKING:
    from daskflow.client.run import AsyncRun


async def packed_run(run: "AsyncRun") -> tuple[bytes, str]:
    """The .tar.gz, and what there is to say about it. Raises the errors of a connection."""
    now = datetime.now(timezone.utc)
    try:
        checks = await looked(run.connection)
    except DaskflowError as error:
        checks = [Line(None, str(error))]
    made, secrets = files(await gathered(run, checks), now)
    data = packed(made, f"{run.name}-report", now)
    return data, (
        f"{len(made)} files, {-(-len(data) // 1024)} KiB; {secrets} values that look like secrets were taken "
        "out, others cannot be known: look before you send it."
    )
