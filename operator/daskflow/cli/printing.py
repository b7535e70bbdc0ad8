"""What goes to standard output and standard error, and in which form."""

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from daskflow.api.wording import one_line

Object = Mapping[str, Any]


def say(line: str) -> None:
    """A line of ours, on stderr."""
    print(f"daskflow: {one_line(line)}", file=sys.stderr, flush=True)


def out(line: str) -> None:
    """A line on stdout. On a terminal it cannot do more than be read."""
    print(one_line(line) if sys.stdout.isatty() else line, flush=True)


def colours() -> bool:
    """Whether stdout takes colours and bars."""
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def as_json(value: Any) -> str:
    """JSON in lines; on a terminal in ASCII, whose control characters are all escaped."""
    return json.dumps(value, indent=2, ensure_ascii=sys.stdout.isatty())


def as_yaml(value: Any) -> str:
    """YAML in the order of `value`."""
    import yaml

    return yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=110).rstrip("\n")


def written(objects: Sequence[Object], form: str, *, kind: str, version: str, several: bool = False) -> str:
    """Objects in the form json, yaml or name; `several` wraps them in a List, however many there are."""
    whole = [{"apiVersion": version, "kind": kind, **_tidy(each)} for each in objects]
    if form == "name":
        group = version.partition("/")[0]
        return "\n".join(f"{kind.lower()}.{group}/{each['metadata']['name']}" for each in whole)
    value: Any = {"apiVersion": "v1", "kind": "List", "items": whole} if several else whole[0]
    return as_json(value) if form == "json" else as_yaml(value)


def _tidy(each: Object) -> dict[str, Any]:
    """Without what only API servers want to know."""
    metadata = {key: value for key, value in each["metadata"].items() if key != "managedFields"}
    return {**each, "metadata": metadata}


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns as kubectl sets them, three spaces apart."""
    lines = [list(header), *([one_line(cell) for cell in row] for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    return "\n".join(
        "   ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
