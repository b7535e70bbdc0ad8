"""What `daskflow cluster` and `daskflow schedule` have in common: objects listed, shown and named."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timezone
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any

import typer

from daskflow.cli import options
from daskflow.cli.printing import out, say, table, written

if TYPE_CHECKING:
    from daskflow.client.connection import Connection


def group(kind: str, plural: str) -> typer.Typer:
    """A group of commands on this kind with `list` and `get`; `tables/` has its HEADER and row."""
    app = typer.Typer(
        no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False
    )
    singular = plural.removesuffix("s")
    argument = typer.Argument(
        metavar=singular.upper(),
        help=f"The {kind}'s name.",
        show_default=False,
        parser=options.name_of(kind, singular),
    )

    @options.on_cluster
    async def list_objects(
        connection: "Connection",
        all_namespaces: options.AllNamespaces = False,
        selector: options.Selector = "",
        output: options.ObjectForm = None,
    ) -> None:
        await _listed(connection, kind, plural, all_namespaces, selector, output)

    @options.on_cluster
    async def get_object(
        connection: "Connection", name: Annotated[str, argument], output: options.ObjectForm = None
    ) -> None:
        await _shown(connection, kind, plural, name, output)

    app.command("list", help=f"List {plural}.")(list_objects)
    app.command("get", help=f"Show one {singular}.")(get_object)
    return app


async def _listed(
    connection: "Connection",
    kind: str,
    plural: str,
    all_namespaces: bool,
    selector: str,
    output: str | None,
) -> None:
    from daskflow.api.names import API_VERSION
    from daskflow.client.connection import ALL

    found = await connection.list(kind, ALL if all_namespaces else None, selector=selector)
    if output in ("json", "yaml", "name"):
        if found or output != "name":
            print(written(found, output, kind=kind, version=API_VERSION, several=True))
        return
    if not found:
        where = "any namespace" if all_namespaces else f"namespace {connection.namespace}"
        say(f"there is no {kind} in {where}.")
        return
    now, columns = datetime.now(timezone.utc), _columns(plural)
    before = ("NAMESPACE",) if all_namespaces else ()
    rows = [
        (*((each["metadata"]["namespace"],) if all_namespaces else ()), *columns.row(each, now))
        for each in found
    ]
    print(table((*before, *columns.HEADER), rows))


async def _shown(connection: "Connection", kind: str, plural: str, name: str, output: str | None) -> None:
    from daskflow.api.names import API_VERSION

    async with near_names(connection, kind, name):
        found = await connection.get(kind, name)
    if output in ("json", "yaml", "name"):
        print(written([found], output, kind=kind, version=API_VERSION))
        return
    columns = _columns(plural)
    print(table(columns.HEADER, [columns.row(found, datetime.now(timezone.utc))]))
    if message := (found.get("status") or {}).get("message"):
        out(message)


def _columns(plural: str) -> Any:
    return import_module(f"daskflow.cli.tables.{plural}")


@asynccontextmanager
async def near_names(connection: "Connection", kind: str, name: str) -> AsyncIterator[None]:
    """A block in which this object is asked for: NotFound then names those that are called alike."""
    from daskflow.client.errors import NotFound
    from daskflow.client.near_names import not_found

    try:
        yield
    except NotFound as error:
        raise await not_found(connection, kind, name, connection.namespace) from error
