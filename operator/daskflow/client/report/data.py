"""Figures as JSON, for programs: seconds and bytes in numbers, names as in a status."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic.alias_generators import to_camel

from daskflow.client.report.figures import Figures

if TYPE_CHECKING:
    from daskflow.client.report.run_report import Comparison


def as_data(figures: Figures) -> dict[str, Any]:
    """All of them."""
    made = _plain(figures)
    assert isinstance(made, dict)
    return made


def difference_as_data(compared: "Comparison") -> dict[str, Any]:
    """Of two runs: what became worse, and all prefixes, those that lost the most first."""
    now, before = ({each.name: each for each in run.prefixes} for run in (compared.now, compared.before))
    found = compared.difference
    return {
        "run": compared.now.run,
        "against": compared.before.run,
        "sentences": list(found.sentences),
        "prefixes": [
            {
                "name": row.cells[0],
                "more": round(row.seconds, 3),
                "now": _plain(now.get(row.cells[0])),
                "before": _plain(before.get(row.cells[0])),
            }
            for row in found.rows
        ],
    }


def _plain(value: Any) -> Any:
    if hasattr(value, "_asdict"):
        return {to_camel(name): _plain(each) for name, each in value._asdict().items()}
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    return round(value, 3) if isinstance(value, float) else value
