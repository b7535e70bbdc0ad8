"""`daskflow list`: runs, page by page."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated

import typer

from daskflow.cli import options
from daskflow.cli.printing import say, table, written

if TYPE_CHECKING:
    from daskflow.client.connection import Connection, Object
    from daskflow.client.kinds import Form

Cells = tuple[str, ...]


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
    from daskflow.client.connection import ALL

    query = _Query(FLOW_RUN, ALL if all_namespaces else None, selector, field_selector, limit)
    query.phases = _phases(phase or ())
    if output in ("json", "yaml", "name"):
        found = await query.objects(connection, "metadata" if output == "name" and not phase else "objects")
        if found or output != "name":
            print(written(found, output, kind=FLOW_RUN, version=API_VERSION, several=True))
        return
    header, rows = await query.table(connection, wide=output == "wide")
    if rows:
        print(table(header, rows))
    else:
        where = "any namespace" if all_namespaces else f"namespace {connection.namespace}"
        if not all_namespaces:
            await _there(connection)
        say(f"there are no such runs in {where}.")


def _phases(given: Sequence[str]) -> frozenset[str]:
    """In small letters. Raises WrongUse for one that no run is ever in."""
    from typing import get_args

    from daskflow.api.flowrun_status import Phase
    from daskflow.client.errors import WrongUse

    known = {each.lower(): each for each in get_args(Phase)}
    for each in given:
        if each.lower() not in known:
            near = get_close_matches(each.lower(), known, 1)
            remedy = f"did you mean {known[near[0]]}?" if near else f"there are {', '.join(known.values())}"
            raise WrongUse(f"--phase {each} is no phase of a run; {remedy}")
    return frozenset(each.lower() for each in given)


async def _there(connection: "Connection") -> None:
    """Raises NotFound for a namespace that is not there, where the user may know."""
    from daskflow.client.errors import Forbidden, NotFound

    try:
        await connection.get("Namespace", connection.namespace)
    except Forbidden:
        return
    except NotFound as error:
        raise NotFound(
            f"there is no namespace {connection.namespace}; give another one by --namespace"
        ) from error


@dataclass
class _Query:
    """Which runs are asked for."""

    kind: str
    namespace: str | None
    selector: str
    fields: str
    limit: int | None
    phases: frozenset[str] = frozenset()
    """In small letters; none: all."""

    def _pages(self, connection: "Connection", form: "Form") -> "AsyncIterator[Object]":
        from daskflow.client.connection import PAGE

        # Who asks for few in one phase may have to look at many.
        size = PAGE if self.phases else min(self.limit or PAGE, PAGE)
        return connection.pages(
            self.kind, self.namespace, selector=self.selector, fields=self.fields, limit=size, form=form
        )

    async def objects(self, connection: "Connection", form: "Form") -> "list[Object]":
        """As they are."""
        found: list[Object] = []
        async for page in self._pages(connection, form):
            found += [item for item in page["items"] if not self.phases or _phase(item) in self.phases]
            if self.limit and len(found) >= self.limit:
                break
        return found[: self.limit]

    async def table(self, connection: "Connection", *, wide: bool) -> tuple[Cells, list[Cells]]:
        """Header and rows. What the API server puts into a table by itself is a twentieth of the objects."""
        from daskflow.cli.tables.runs import columns_of, header, row, rows

        now, namespaces = datetime.now(timezone.utc), self.namespace is not None
        names = header(wide=wide, namespaces=namespaces)
        if wide:
            objects = await self.objects(connection, "objects")
            return names, [row(each, now, wide=True, namespaces=namespaces) for each in objects]
        found: list[Cells] = []
        columns: list[str] = []
        at = names.index("PHASE")
        async for page in self._pages(connection, "table"):
            columns = columns_of(page) or columns
            lines = rows(page, columns, now, namespaces=namespaces)
            found += [line for line in lines if not self.phases or line[at].lower() in self.phases]
            if self.limit and len(found) >= self.limit:
                break
        return names, found[: self.limit]


def _phase(item: "Object") -> str:
    status = item.get("status")
    return str((status if isinstance(status, dict) else {}).get("phase") or "Pending").lower()
