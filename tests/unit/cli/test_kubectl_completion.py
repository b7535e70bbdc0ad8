"""What kubectl is answered when it completes `kubectl daskflow`."""

import sys

import pytest
from daskflow.cli.kubectl_completion import program


@pytest.mark.parametrize(
    ("words", "found", "last"),
    [
        (["sched"], {"schedule"}, ":4"),
        (["schedule", "tr"], {"trigger"}, ":4"),
        (["schedule", "backfill", "--max"], {"--max-parallel"}, ":4"),
        (["-n", "team", "lis"], {"list"}, ":4"),
        (["list", "-o", ""], {"json", "yaml", "name", "wide"}, ":4"),
        (["completion", "ba"], {"bash"}, ":4"),
        ([], {"run", "list", "schedule"}, ":4"),
    ],
)
def test_candidates_come_line_by_line(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    found: set[str],
    last: str,
) -> None:
    monkeypatch.setattr(sys, "argv", ["kubectl_complete-daskflow", *words])
    program()
    *lines, directive = capsys.readouterr().out.splitlines()
    assert {line.partition("\t")[0] for line in lines} >= found
    assert directive == last
