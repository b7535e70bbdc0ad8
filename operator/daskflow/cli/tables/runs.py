"""Rows of `daskflow list` and `get`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from daskflow.cli.tables.ages import age

HEADER = ("NAME", "PHASE", "ATTEMPT", "WORKERS", "PROGRESS", "AGE", "DURATION", "REASON")
WIDE = ("EFFICIENCY", "PEAK", "IMAGE", "FLOW", "MESSAGE")


def header(*, wide: bool = False, namespaces: bool = False) -> tuple[str, ...]:
    """The names of the columns."""
    return (*(("NAMESPACE",) if namespaces else ()), *HEADER, *(WIDE if wide else ()))


def row(
    run: Mapping[str, Any], now: datetime, *, wide: bool = False, namespaces: bool = False
) -> tuple[str, ...]:
    """One run; a status written by hand may hold anything."""
    metadata, spec, status = run["metadata"], _map(run.get("spec")), _map(run.get("status"))
    cells = (
        metadata["name"],
        status.get("phase") or "Pending",
        status.get("attempt") or "",
        _map(status.get("cluster")).get("workers") or "",
        _map(status.get("progress")).get("summary") or "",
        age(run, now),
        status.get("duration") or "",
        status.get("reason") or "",
    )
    before = (metadata["namespace"],) if namespaces else ()
    report = _map(status.get("report"))
    after = (
        report.get("efficiency", ""),
        _map(report.get("memory")).get("peak") or "",
        spec.get("image") or "",
        flow_of(_map(spec.get("flow"))),
        status.get("message") or "",
    )
    return tuple(map(str, (*before, *cells, *(after if wide else ()))))


def rows(
    page: Mapping[str, Any], columns: Sequence[str], now: datetime, *, namespaces: bool = False
) -> list[tuple[str, ...]]:
    """Those of one page of a list, whole or as a table that the API server has made; `columns` are the
    table's, as the first page names them."""
    if "rows" not in page:
        return [row(item, now, namespaces=namespaces) for item in page["items"]]
    places = [columns.index(name) if name in columns else None for name in HEADER]
    return [
        (
            *((each["object"]["metadata"]["namespace"],) if namespaces else ()),
            *(_cell(name, each["cells"], place) for name, place in zip(HEADER, places, strict=True)),
        )
        for each in page["rows"]
    ]


def columns_of(page: Mapping[str, Any]) -> list[str]:
    """Those of a table; none of a list."""
    return [str(each["name"]).upper() for each in page.get("columnDefinitions") or ()]


def _cell(name: str, cells: Sequence[Any], place: int | None) -> str:
    value = None if place is None else cells[place]
    return ("Pending" if name == "PHASE" else "") if value in (None, "") else str(value)


def flow_of(flow: Mapping[str, Any]) -> str:
    """What is run, in a few words."""
    if flow.get("entrypoint"):
        return str(flow["entrypoint"])
    return "script" if flow.get("script") else " ".join(map(str, flow.get("command") or ()))[:40]


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
