"""docs/proof.md: what programs have found, each in its own section, written by themselves."""

import os
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[2]


def record(page: Path, name: str, command: str, table: str) -> None:
    """The section of this program is this table; that of others stays."""
    page.write_text(replaced(page.read_text(), name, f"`{command}`, {_circumstances()}", table))


def replaced(page: str, name: str, said: str, table: str) -> str:
    """The page with another section `name`, which begins and ends with a comment that nobody sees.

    Raises LookupError if it has none.
    """
    begins, ends = f"<!-- {name}: written by the program -->", f"<!-- end of {name} -->"
    body = "\n".join(f"    {line}".rstrip() for line in table.splitlines())
    section = f"{begins}\n{said}:\n\n{body}\n{ends}"
    found, count = re.subn(f"{re.escape(begins)}.*?{re.escape(ends)}", lambda _: section, page, flags=re.S)
    if count != 1:
        raise LookupError(f"the page has {count} sections {name!r}")
    return found


def _circumstances() -> str:
    # By its title, which a rebase leaves as it is.
    command = ["git", "log", "-1", "--format=%s"]
    commit = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
    gigabytes = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9
    with_what = f'with "{commit}"' if commit else "without git"
    return f"{datetime.now(UTC):%-d %B %Y}, {with_what}, {os.cpu_count()} cores, {gigabytes:.0f} GB"
