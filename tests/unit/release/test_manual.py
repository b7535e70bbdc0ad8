"""Each command has a man page, which troff takes and which says what `--help` says."""

import shutil
import subprocess
from pathlib import Path

import pytest
from daskflow.cli.main import COMMANDS

from release.manual import contexts, man_pages


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {each.stem: each for each in man_pages(tmp_path_factory.mktemp("man"))}


def test_each_command_has_a_page_that_names_all_its_options(pages: dict[str, Path]) -> None:
    assert {"daskflow", "daskflow-schedule-backfill", *(f"daskflow-{name}" for name in COMMANDS)} <= set(
        pages
    )
    for context in contexts():
        text = pages[context.command_path.replace(" ", "-")].read_text().replace("\\-", "-")
        assert ".SH NAME" in text
        for option in context.command.params:
            if option.param_type_name == "option" and not option.hidden:
                assert max(option.opts, key=len) in text, context.command_path


def test_troff_takes_them_without_a_warning(pages: dict[str, Path]) -> None:
    groff = shutil.which("groff")
    if groff is None:
        pytest.skip("there is no groff here; on Debian: apt-get install groff")
    command = [groff, "-man", "-ww", "-Tutf8", "-z", *map(str, pages.values())]
    said = subprocess.run(command, capture_output=True, text=True, check=True)
    assert not said.stderr
