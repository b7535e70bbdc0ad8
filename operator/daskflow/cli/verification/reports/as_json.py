"""The report as one object."""

from typing import Any

from daskflow.cli.verification.runner import Verification


def value(verification: Verification, operator: str) -> dict[str, Any]:
    """All of it."""
    facts = verification.facts
    return {
        "operator": operator,
        "image": facts.image,
        "python": facts.python,
        "distributed": facts.distributed,
        "prefect": facts.prefect,
        "seconds": round(verification.seconds, 1),
        "left": verification.left,
        "checks": [
            {
                "name": each.check.slug,
                "proves": each.check.proves,
                "verdict": each.verdict,
                "sentence": each.sentence,
                "remedy": each.remedy,
                "seconds": round(each.seconds, 1),
            }
            for each in verification.results
        ],
    }
