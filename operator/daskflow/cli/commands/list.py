"""`daskflow list`: runs, page by page."""

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Annotated

import typer

from daskflow.cli import options
from daskflow.cli.printing import say, table, written

if TYPE_CHECKING:
    from daskflow.client.connection import Connection


@options.on_cluster
async def list_runs(
    connection: "Connection",
    all_namespaces: options.AllNamespaces = False,
    selector: options.Selector = "",
    field_selector: options.FieldSelector = "",
    phase: Annotated[
        list[str] | None, typer.Option(metavar="PHASE", help="Only in this phase; may be given again.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many.")] = None,
    output: options.Form = None,
) -> None:
    """List runs."""
    from daskflow.api.names import API_VERSION, FLOW_RUN
    from daskflow.cli.tables.runs import header, row
    from daskflow.client.connection import ALL

    namespace = ALL if all_namespaces else None
    wanted = {each.lower() for each in phase or ()}
    found: list[dict[str, object]] = []
    async for page in connection.pages(FLOW_RUN, namespace, selector=selector, fields=field_selector):
        found += [item for item in page["items"] if not wanted or _phase(item).lower() in wanted]
        if limit and len(found) >= limit:
            break
    found = found[:limit]
    if output in ("json", "yaml", "name"):
        if found or output != "name":
            print(written(found, output, kind=FLOW_RUN, version=API_VERSION, several=True))
        return
    if not found:
        where = "any namespace" if all_namespaces else f"namespace {connection.namespace}"
        say(f"there are no such runs in {where}.")
        return
    now, wide = datetime.now(timezone.utc), output == "wide"
    rows = (row(each, now, wide=wide, namespaces=all_namespaces) for each in found)
    print(table(header(wide=wide, namespaces=all_namespaces), rows))


def _phase(item: dict[str, object]) -> str:
    status = item.get("status")
    return str((status if isinstance(status, dict) else {}).get("phase") or "Pending")
