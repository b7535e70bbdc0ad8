"""What becomes of the report of a local run is said, and is never the run's end."""

from pathlib import Path

import pytest
from daskflow.api.flowrun_status import status_of
from daskflow.cli.local.report import keep_report


def test_a_file_that_cannot_be_written_is_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ended = status_of({"status": {"phase": "Succeeded", "report": {"seconds": 1, "tasks": 0}}})
    (tmp_path / "there.html").mkdir()
    keep_report("run", ended, str(tmp_path / "there.html"))
    said = f"daskflow: the report cannot be written to {tmp_path}/there.html: Is a directory\n"
    assert capsys.readouterr().err == said
    keep_report("run", ended, str(tmp_path / "new.txt"))
    assert (tmp_path / "new.txt").read_text().startswith("run: Succeeded after 1s")
