"""What the command was told, for all sources."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from daskflow.cli.migration.compose_files.interpolation import ReadFile


def _nothing(path: str) -> str | None:
    return None


@dataclass(frozen=True)
class Options:
    """What the command was told."""

    source: str | None = None
    image: str | None = None
    """The image where an input has none."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """What a compose file's `${NAME}` stands for."""
    read_file: ReadFile = _nothing
