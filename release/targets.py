"""The machines that a zipapp is made for: compiled packages are in it for each Python of one of them."""

from typing import NamedTuple

PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")


class Target(NamedTuple):
    """A machine, in the words of who asks."""

    os: str
    """As Go and krew have it."""
    arch: str
    platform: str
    """As uv has it; the oldest for which packages have wheels."""

    @property
    def name(self) -> str:
        """In names of files."""
        return f"{self.os}-{self.arch}"


# Macs with Intel have no wheels of all that is needed.
TARGETS = (
    Target("linux", "amd64", "x86_64-manylinux_2_28"),
    Target("linux", "arm64", "aarch64-manylinux_2_28"),
    Target("darwin", "arm64", "aarch64-apple-darwin"),
)
