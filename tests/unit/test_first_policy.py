"""The worked example of a policy, in `docs/development.md`, is the one in the code."""

import re
from pathlib import Path

from tests.simulation.mutants import MUTANTS

REPOSITORY = Path(__file__).parents[2]
PAGE = (REPOSITORY / "docs" / "development.md").read_text()
SECTION = PAGE.partition("\n## Your first policy\n")[2].partition("\n## ")[0]
MENTION = re.compile("quiet_?hours", re.IGNORECASE)
"""Its name in code; in prose there is a blank between the words."""


def test_the_list_has_all_files_that_know_of_it() -> None:
    rows = [line for line in SECTION.splitlines() if line.startswith("| `")]
    listed = {file for row in rows for file in re.findall(r"`((?:operator|tests|docs)/[\w/.]+)`", row)}
    sources = [*(REPOSITORY / "operator").rglob("*.py"), *(REPOSITORY / "tests").rglob("*.py")]
    sources.remove(Path(__file__))
    know = {str(path.relative_to(REPOSITORY)) for path in sources if MENTION.search(path.read_text())}
    assert listed == {*know, "docs/concepts.md"}


def test_what_is_shown_is_in_the_file_that_is_named_before_it() -> None:
    *parts, _ = re.split(r"```python\n(.*?)```", SECTION, flags=re.DOTALL)
    shown = list(zip(parts[::2], parts[1::2], strict=True))
    assert len(shown) > 5
    file = ""
    for before, block in shown:
        file = next(reversed(re.findall(r"in\s`((?:operator|tests)/[\w/]+\.py)`", before)), file)
        source = _bare((REPOSITORY / file).read_text())
        for part in re.split(r"^ *\.\.\.,?\n", block, flags=re.MULTILINE):
            assert _bare(part) in source, f"{file} has it otherwise:\n{part}"


def _bare(text: str) -> str:
    """Without indentation, and commas at the ends of lines."""
    return "".join(f"{line.strip().rstrip(',')}\n" for line in text.splitlines())


def test_the_commands_name_what_there_is() -> None:
    assert set(re.findall(r'--only "([^"]+)"', SECTION)) <= {mutant.name for mutant in MUTANTS}
    for file in re.findall(r"pytest -q (\S+)", SECTION):
        assert (REPOSITORY / file).exists()
