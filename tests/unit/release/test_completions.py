"""Completions as files: each shell reads its own, and bash completes with it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from release.completions import FILES, completions


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return dict(zip(FILES, completions(tmp_path_factory.mktemp("completions")), strict=True))


@pytest.mark.parametrize("shell", FILES)
def test_a_shell_reads_its_file(files: dict[str, Path], shell: str) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"there is no {shell} here; on Debian: apt-get install {shell}")
    said = subprocess.run([program, "-n", str(files[shell])], capture_output=True, text=True, check=False)
    assert (said.returncode, said.stderr) == (0, "")


def test_bash_completes_commands(files: dict[str, Path]) -> None:
    script = (
        f"source {files['bash']}; COMP_WORDS=(daskflow sched); COMP_CWORD=1; "
        "$(complete -p daskflow | sed 's/.*-F \\([^ ]*\\).*/\\1/') daskflow; echo ${COMPREPLY[@]}"
    )
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    said = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, check=True, env={**os.environ, "PATH": path}
    )
    assert said.stdout.split() == ["schedule"], said.stderr
