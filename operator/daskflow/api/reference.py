"""Makes field reference and table of reasons from the models: `python -m daskflow.api.reference FOLDER`."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from daskflow.api.crd import KINDS, structural
from daskflow.api.reasons import Reason

_INTRODUCTION = """\
# Field reference

Made from the models in `operator/daskflow/api/` by `make crds`; `kubectl explain flowrun.spec` says the same.
Defaults stand in brackets. Fields marked * are required.
"""

_REASONS = """\
# Reasons

Every `reason` in status, conditions and Events is one of these. Its `message` tells the very case: the
object, the field, and what to do. The tables tell what holds wherever the reason is met.

- **stage**: *all is well* leaves `status.reason` empty; conditions and Events have the word. *On the way*
  calls for nobody. *In the way* is something to look at: what has it goes on as soon as that is gone. A
  FlowRun whose attempt has not begun its flow when `spec.deadlines.start` passes ends then, with what was
  in the way in its message. *In the way, or the end*: where trying on cannot help it is the end of the
  attempt, at once, or after a minute where what is missing may still come. *The end* ends an attempt, or
  the object. *A remark* is told beside what the status says.
- **what to do**: a FlowRun that has ended stays as it is. Where its spec, image or code is to be corrected,
  or a deadline raised, do so in a new run.
- **Event**: its type; empty where only the status tells of it. What failed is always a Warning. Of a
  DaskCluster the phase decides: a Warning in `Failed` and `Degraded`, else Normal. Of a FlowSchedule
  whatever keeps a tick from its run is a Warning; that it is suspended has no Event.
- **charged to**: the field of `spec.retries` that allows a FlowRun another attempt. Of two fields it is
  `startLimit` where the flow had not begun, and `infrastructureLimit` where it had or nobody knows; a
  scheduler's `OutOfMemory` counts so, too. A run that a deadline ends is not tried again, whatever the
  reason.
"""


def rendered() -> dict[str, str]:
    """File name to text of each generated page."""
    return {"reference.md": _reference(), "reasons.md": _reasons()}


def _reference() -> str:
    parts = [_INTRODUCTION]
    for kind in KINDS:
        parts.append(f"## {kind.name}\n\n{(kind.spec.__doc__ or '').strip()}\n")
        for name, model in (("spec", kind.spec), ("status", kind.status)):
            parts.append("| field | type | |\n|---|---|---|")
            parts.append("\n".join(_rows(structural(model), name)) + "\n")
    return "\n".join(parts)


def _rows(schema: Mapping[str, Any], path: str) -> Iterable[str]:
    required = schema.get("required", ())
    for name, child in schema.get("properties", {}).items():
        here = f"{path}.{name}"
        star = " *" if name in required else ""
        yield f"| `{here}`{star} | {_type(child)} | {_cell(child.get('description', ''))} |"
        if name != "template":  # whose fields are Kubernetes' own
            yield from _rows(child, here)
        if "items" in child:
            yield from _rows(child["items"], f"{here}[]")


def _type(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return ", ".join(str(value) for value in schema["enum"])
    if "items" in schema:
        return f"list of {_type(schema['items'])}"
    if schema.get("x-kubernetes-int-or-string"):
        return "quantity"
    if "additionalProperties" in schema:
        return f"map of {_type(schema['additionalProperties'])}"
    return str(schema.get("type", "any"))


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _reasons() -> str:
    parts = [_REASONS]
    for section, rows in groupby(Reason, key=lambda reason: reason.section):
        parts.append(f"## {section.value}\n\n{_table(list(rows))}\n")
    return "\n".join(parts)


def _table(reasons: Sequence[Reason]) -> str:
    """The section's reasons; without a column that has nothing to say of any of them."""
    columns: dict[str, list[str]] = {
        "reason": [f"`{each.value}`" for each in reasons],
        "what is so": [each.meaning for each in reasons],
        "what to do": [each.remedy for each in reasons],
        "stage": [each.stage.value for each in reasons],
        "Event": [each.event or "" for each in reasons],
        "charged to": [each.charge.value for each in reasons],
    }
    columns = {name: cells for name, cells in columns.items() if any(cells)}
    rows = [list(columns), ["---"] * len(columns), *zip(*columns.values(), strict=True)]
    return "\n".join(f"| {' | '.join(_cell(text) for text in row)} |" for row in rows)


def main() -> None:
    """Writes the pages into the folder given as the only argument."""
    for name, text in rendered().items():
        (Path(sys.argv[1]) / name).write_text(text)


if __name__ == "__main__":
    main()
