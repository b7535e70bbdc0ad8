"""Projects for tests."""

from collections.abc import Mapping
from pathlib import Path


def project(folder: Path, files: Mapping[str, str]) -> dict[str, Path]:
    """Write these files; they by their names."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return {name: folder / name for name in files}
