"""The runs of docs/report.md, as the page has them.

`python -m tests.runtime.local.report_page` runs them, draws the picture, and puts what is printed there; what
the page says of single figures is to be read again.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

DOCS = Path(__file__).parents[3] / "docs"
PAGE = DOCS / "report.md"
PICTURE = DOCS / "pictures" / "report.svg"
SECONDS = 180
"""For runs of half a minute, on a machine that has other things to do as well."""
COMMANDS = (("today.json",), ("today.json", "--against", "yesterday.json"))
"""Of `daskflow report`; what they print are the page's blocks of text."""
_TEXTS = re.compile(r"(?<=^```text\n).*?(?=^```$)", re.M | re.S)


def block(language: str) -> str:
    """The page's first block in this language."""
    found = re.search(rf"^```{language}\n(.*?)^```$", PAGE.read_text(), re.M | re.S)
    assert found
    return found[1]


def texts() -> list[str]:
    """What the page says that the commands print."""
    return _TEXTS.findall(PAGE.read_text())


def report(folder: Path, *arguments: str) -> str:
    """What `daskflow report` prints in this folder."""
    whole = [sys.executable, "-m", "daskflow.cli", "report", *arguments]
    return subprocess.run(
        whole, cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=True
    ).stdout


def run_both(folder: Path) -> None:
    """today.json, and yesterday.json, when no day was slow; at once, since they mostly sleep."""
    (folder / "orders.py").write_text(block("python"))
    (folder / "orders.yaml").write_text(block("yaml"))
    whole = [sys.executable, "-m", "daskflow.cli", "local", "orders.yaml", "--output"]
    runs = [
        subprocess.Popen([*whole, *more], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        for more in (("today.json",), ("yesterday.json", "-p", "slow=0"))
    ]
    try:
        for each in runs:
            said = each.communicate(timeout=SECONDS)[1]
            assert each.returncode == 0, said
    finally:
        for each in runs:
            each.kill()


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run_both(folder)
        printed = iter([f"{report(folder, *each).rstrip()}\n" for each in COMMANDS])
        PAGE.write_text(_TEXTS.sub(lambda _: next(printed), PAGE.read_text()))
        PICTURE.write_text(report(folder, "today.json", "-o", "svg"))


if __name__ == "__main__":
    main()
