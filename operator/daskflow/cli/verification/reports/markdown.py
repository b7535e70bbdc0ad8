"""The report as a page: what was verified, with which image, and each check with what it proves."""

from collections.abc import Sequence
from datetime import datetime

from daskflow import __version__
from daskflow.cli.verification.check import Result
from daskflow.cli.verification.reports.lines import summary
from daskflow.cli.verification.runner import Verification


def page(verification: Verification, operator: str, at: datetime) -> str:
    """The whole page."""
    facts = verification.facts
    parts = [
        "# daskflow verify",
        f"{at:%Y-%m-%d %H:%M} UTC: {summary(verification)}.",
        "\n".join(
            [
                "| of | is |",
                "|---|---|",
                f"| operator | {_cell(operator or 'not to be seen')} |",
                f"| program | {__version__} |",
                f"| image | {_cell(facts.image)} |",
                f"| its Python, distributed, Prefect | {facts.python or '?'}, {facts.distributed or 'none'}, "
                f"{facts.prefect or 'none'} |",
            ]
        ),
    ]
    for title, verdict in (("Failed", "fail"), ("Not provable here", "not provable"), ("Passed", "pass")):
        if chosen := [each for each in verification.results if each.verdict == verdict]:
            parts += [f"## {title}", _table(chosen, reasons=verdict != "pass")]
    if verification.left:
        parts += ["## Left behind", "\n".join(f"- {each}" for each in verification.left)]
    return "\n\n".join(parts) + "\n"


def _table(results: Sequence[Result], *, reasons: bool) -> str:
    head = ["check", "what it proves", *(["what is so", "what to do"] if reasons else []), "seconds"]
    rows = [head, ["---"] * len(head)]
    for each in results:
        why = [each.sentence, each.remedy] if reasons else []
        rows.append([f"`{each.check.slug}`", each.check.proves, *why, f"{each.seconds:.0f}"])
    return "\n".join("| " + " | ".join(map(_cell, row)) + " |" for row in rows)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
