"""What a verification came to, as people and programs are told."""

from datetime import UTC, datetime
from xml.etree import ElementTree

from daskflow.cli.verification.check import Check, Result
from daskflow.cli.verification.reports.as_json import value
from daskflow.cli.verification.reports.junit import document
from daskflow.cli.verification.reports.lines import line, summary
from daskflow.cli.verification.reports.markdown import page
from daskflow.cli.verification.runner import Verification

from tests.unit.cli.verification.seen import FACTS

AT = datetime(2026, 1, 1, tzinfo=UTC)


def verification() -> Verification:
    return Verification(
        FACTS,
        [
            Result(Check("good", "it works", ()), "pass", seconds=1.6),
            Result(Check("bad", "it | ends", ()), "fail", "it\x01 did not", "see why", 2.0),
            Result(Check("dark", "it is seen", ()), "not provable", "it is dark", "switch on the light"),
        ],
        seconds=12.0,
    )


def test_lines() -> None:
    good, bad, dark = map(line, verification().results)
    assert good == "ok     good           it works (2 s)"
    assert bad.startswith("FAILED bad            it | ends; it\x01 did not; see why")
    assert dark == "?      dark           it is seen; not provable here: it is dark; switch on the light"
    assert summary(verification()) == "3 checks in 12 s: 1 passed, 1 failed, 1 not provable here"


def test_junit_is_read_by_others() -> None:
    (suite,) = ElementTree.fromstring(document(verification()).encode())
    assert suite.attrib | {"tests": "3", "failures": "1", "skipped": "1"} == suite.attrib
    cases = {case.attrib["name"].partition(":")[0]: case for case in suite}
    assert len(cases["good"]) == 0
    (failure,) = cases["bad"]
    assert (failure.tag, failure.attrib["message"]) == ("failure", "it? did not; see why")
    (skipped,) = cases["dark"]
    assert skipped.tag == "skipped"


def test_the_page_tells_what_failed_first() -> None:
    written = page(verification(), "0.1.0 in namespace daskflow-system", AT)
    assert written.startswith("# daskflow verify\n\n2026-01-01 00:00 UTC: 3 checks in 12 s: 1 passed")
    assert written.index("## Failed") < written.index("## Not provable here") < written.index("## Passed")
    assert "| `bad` | it \\| ends |" in written
    assert "Left behind" not in written


def test_json_has_every_check() -> None:
    told = value(verification(), "")
    assert [each["verdict"] for each in told["checks"]] == ["pass", "fail", "not provable"]
    assert told["distributed"] == "2026.8.0"
