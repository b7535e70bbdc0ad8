"""Completions as files, as packages of systems install them."""

import subprocess
import sys
from pathlib import Path

FILES = {"bash": "daskflow.bash", "zsh": "_daskflow", "fish": "daskflow.fish"}


def completions(folder: Path) -> list[Path]:
    """One a shell, as `daskflow completion` prints it."""
    made = []
    for shell, name in FILES.items():
        command = [sys.executable, "-m", "daskflow.cli", "completion", shell]
        said = subprocess.run(command, check=True, capture_output=True, text=True)
        made.append(folder / name)
        made[-1].write_text(said.stdout)
    return made
