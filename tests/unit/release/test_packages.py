"""What a build has left is told from what else is in its folder."""

from pathlib import Path

from release import VERSION
from release.packages import built


def test_other_archives_and_versions_are_not_taken_for_packages(tmp_path: Path) -> None:
    ours = {f"daskflow-{VERSION}.tar.gz", f"daskflow-{VERSION}-py3-none-any.whl"}
    others = {
        f"daskflow-{VERSION}-man.tar.gz",
        f"daskflow-{VERSION}-completions.tar.gz",
        "daskflow-0.0.1.tar.gz",
    }
    for name in ours | others:
        (tmp_path / name).touch()
    assert {each.name for each in built(tmp_path)} == ours
