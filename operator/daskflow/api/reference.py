"""Makes field reference and table of reasons from the models: `python -m daskflow.api.reference FOLDER`."""

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from daskflow.api.crd import KINDS, structural
from daskflow.api.reasons import Reason

_INTRODUCTION = """\
# Field reference

Made from the models in `operator/daskflow/api/` by `make crds`; `kubectl explain flowrun.spec` says the same.
Defaults stand in brackets. Fields marked * are required.
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
    lines = [
        "# Reasons",
        "",
        "Every `reason` in status, conditions and Events is one of these; its `message` says what to do.",
        "",
        "| reason | meaning |",
        "|---|---|",
        *(f"| `{reason.value}` | {reason.meaning} |" for reason in Reason),
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Writes the pages into the folder given as the only argument."""
    for name, text in rendered().items():
        (Path(sys.argv[1]) / name).write_text(text)


if __name__ == "__main__":
    main()
