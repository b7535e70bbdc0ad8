"""Keys of things that are built once per content of what they are built from."""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.cluster.settings import REPOSITORY

LEFT_OUT = {"__pycache__"}


def digest(sources: Iterable[Path], settings: Sequence[str] = ()) -> str:
    """A short key of files (folders: all files in them) by their path in the repository and content."""
    key = hashlib.sha256()
    for file in sorted({file for source in sources for file in _files(source)}):
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        key.update(f"{file.relative_to(REPOSITORY)} {content}\n".encode())
    for setting in settings:
        key.update(f"{setting}\n".encode())
    return key.hexdigest()[:16]


def _files(source: Path) -> list[Path]:
    found = [source] if source.is_file() else source.rglob("*")
    return [file for file in found if file.is_file() and not LEFT_OUT & set(file.parts)]
