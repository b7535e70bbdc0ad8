"""An archive of a release's files is the same bytes whenever, and by whomever, it is made."""

import os
import tarfile
from pathlib import Path

import pytest

from release.__main__ import packed


def test_an_archive_is_the_same_bytes_at_another_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    for day, mode in ((0, 0o644), (1, 0o600)):
        page = tmp_path / "daskflow.1"
        page.write_text("page")
        page.chmod(mode)
        os.utime(page, (day * 86400,) * 2)
        monkeypatch.setattr("time.time", lambda day=day: 1e9 + day * 86400)
        made.append(packed([page], tmp_path / f"{day}.tar.gz"))
    assert made[0].read_bytes() == made[1].read_bytes()
    with tarfile.open(made[0]) as tar:
        assert tar.getnames() == ["daskflow.1"]
