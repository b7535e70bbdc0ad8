"""Each example has a page that shows its manifest as it is, and is in the README's list."""

from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
EXAMPLES = sorted(path.parent for path in (REPOSITORY / "examples").glob("*/flowrun.yaml"))


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda folder: folder.name)
def test_page(folder: Path) -> None:
    page = (folder / "README.md").read_text()
    assert f"```yaml\n{(folder / 'flowrun.yaml').read_text()}```\n" in page
    assert "\n    $ kubectl " in page
    assert f"(examples/{folder.name})" in (REPOSITORY / "README.md").read_text()
