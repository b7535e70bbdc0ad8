"""A second chance for unsteady tests: once, for few of them, and said."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UNSTEADY = """
from pathlib import Path
def test_unsteady():
    seen = Path("seen")
    before = seen.exists()
    seen.touch()
    assert before
def test_fine(): pass
"""
BROKEN = "import pytest\n@pytest.mark.parametrize('n', range({n}))\ndef test_broken(n): assert not n + 1\n"


@pytest.mark.parametrize(
    ("tests", "code", "says", "runs"),
    [
        (UNSTEADY, 0, "UNSTEADY", 2),
        (BROKEN.format(n=1), 1, "run once more", 2),
        (BROKEN.format(n=4), 1, "", 1),
        ("def test_fine(): pass", 0, "", 1),
        ("import nothing_of_the_kind", 2, "", 1),
    ],
    ids=["unsteady", "broken", "many", "fine", "not-collected"],
)
def test_few_failures_are_run_once_more(tmp_path: Path, tests: str, code: int, says: str, runs: int) -> None:
    (tmp_path / "test_it.py").write_text(tests)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, ROOT / "tests" / "twice.py", "test_it.py"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ended.returncode == code, ended.stdout
    assert says in ended.stderr
    assert ("once more" in ended.stderr) is (runs == 2)
    assert ended.stdout.count("test session starts") == runs
