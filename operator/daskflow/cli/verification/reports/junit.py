"""The report as CI systems read it: JUnit's XML, a test case a check; what is not provable is skipped."""

import re
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from daskflow.cli.verification.runner import Verification

_CONTROL = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML cannot hold."""


def document(verification: Verification) -> str:
    """The whole file."""
    results = verification.results
    skipped = [each for each in results if each.verdict == "not provable"]
    suite = Element(
        "testsuite",
        name="daskflow verify",
        tests=str(len(results)),
        failures=str(len(verification.failed)),
        skipped=str(len(skipped)),
        errors="0",
        time=f"{verification.seconds:.3f}",
    )
    for each in results:
        case = SubElement(
            suite,
            "testcase",
            classname="daskflow.verify",
            name=f"{each.check.slug}: {_text(each.check.proves)}",
            time=f"{each.seconds:.3f}",
        )
        words = "; ".join(filter(None, (each.sentence, each.remedy)))
        if each.verdict != "pass":
            SubElement(case, "failure" if each.verdict == "fail" else "skipped", message=_text(words))
    suites = Element("testsuites")
    suites.append(suite)
    indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(suites, encoding="unicode") + "\n"


def _text(words: str) -> str:
    return _CONTROL.sub("?", words)
