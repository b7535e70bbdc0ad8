"""`daskflow version`: of both sides."""

from typing import TYPE_CHECKING, Annotated

import typer

from daskflow import __version__
from daskflow.cli import options
from daskflow.cli.printing import as_json, as_yaml, out, say

if TYPE_CHECKING:
    from daskflow.client.connection import Connection


@options.on_cluster
async def version(
    connection: "Connection",
    client: Annotated[bool, typer.Option("--client", help="Of this program only.")] = False,
    output: options.ObjectForm = None,
) -> None:
    """Say the versions of this program and of the operator."""
    from daskflow.cli.installed import operators
    from daskflow.client.errors import Forbidden

    found: list[str] = []
    hidden = ""
    if not client:
        try:
            found = [each.version or each.image for each in await operators(connection)]
        except Forbidden as error:
            hidden = str(error)
    if output in ("json", "yaml"):
        value = {"client": __version__, "operator": found[0] if found else None}
        print(as_json(value) if output == "json" else as_yaml(value))
        return
    out(f"daskflow {__version__}")
    if not client:
        for each in found:
            out(f"operator {each}")
        if not found:
            say(hidden or "no operator was found; daskflow check says what to do.")
