"""One line a check, and one for all of them."""

from collections import Counter
from collections.abc import Sequence

from daskflow.cli.verification.check import Result
from daskflow.cli.verification.runner import Verification

_MARKS = {"pass": "ok", "fail": "FAILED", "not provable": "?"}


def line(result: Result) -> str:
    """As it is said as soon as it is known."""
    mark = _MARKS[result.verdict]
    said = f"{mark:<6} {result.check.slug:<14} {result.check.proves}"
    if result.verdict == "pass":
        return f"{said} ({result.seconds:.0f} s)"
    why = result.sentence if result.verdict == "fail" else f"not provable here: {result.sentence}"
    return f"{said}; {why}" + (f"; {result.remedy}" if result.remedy else "")


def counts(results: Sequence[Result]) -> str:
    """How many of each."""
    found = Counter(each.verdict for each in results)
    return f"{found['pass']} passed, {found['fail']} failed, {found['not provable']} not provable here"


def summary(verification: Verification) -> str:
    """The last line."""
    return (
        f"{len(verification.results)} checks in {verification.seconds:.0f} s: {counts(verification.results)}"
    )
