"""What `daskflow cluster` and `daskflow schedule` have in common: a kind's objects listed and shown."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from daskflow.cli.printing import out, say, table, written

if TYPE_CHECKING:
    from daskflow.client.connection import Connection

Row = Callable[[Mapping[str, Any], datetime], tuple[str, ...]]


async def listed(
    connection: "Connection",
    kind: str,
    header: Sequence[str],
    row: Row,
    *,
    all_namespaces: bool,
    selector: str,
    output: str | None,
) -> None:
    """All objects of a kind, as a table or whole."""
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
    now = datetime.now(timezone.utc)
    before = ("NAMESPACE",) if all_namespaces else ()
    rows = [
        (*((each["metadata"]["namespace"],) if all_namespaces else ()), *row(each, now)) for each in found
    ]
    print(table((*before, *header), rows))


async def shown(
    connection: "Connection", kind: str, name: str, header: Sequence[str], row: Row, *, output: str | None
) -> None:
    """One object, as a table of one row with its message, or whole."""
    from daskflow.api.names import API_VERSION

    found = await connection.get(kind, name)
    if output in ("json", "yaml", "name"):
        print(written([found], output, kind=kind, version=API_VERSION))
        return
    print(table(header, [row(found, datetime.now(timezone.utc))]))
    if message := (found.get("status") or {}).get("message"):
        out(message)
