"""The files of a run as one archive: the same bytes for the same files, in parts that fit into ConfigMaps."""

import gzip
import hashlib
import io
import os
import sys
import tarfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from daskflow.client.errors import WrongUse

LIMIT = 10 * 1024 * 1024
"""Bytes of the archive; more would weigh on etcd, and on each pod's start."""
UNPACKED_LIMIT = 256 * 1024 * 1024
"""Bytes of all files, as pods unpack them (runtime/unpack.py)."""
PART = 1_000_000
"""Bytes of a part: a ConfigMap holds 1 MiB with its metadata."""
PREFIX = "daskflow-code-"
_LARGEST = 3


@dataclass(frozen=True)
class Archive:
    """The compressed tar of a project's files."""

    data: bytes
    count: int
    """Files in it."""

    @property
    def kib(self) -> int:
        """Its size, as people are told it."""
        return -(-len(self.data) // 1024)

    @property
    def digest(self) -> str:
        """What tells it from any other."""
        return hashlib.sha256(self.data).hexdigest()[:20]

    @property
    def parts(self) -> dict[str, bytes]:
        """Its parts by the names of their ConfigMaps, in order."""
        pieces = (self.data[start : start + PART] for start in range(0, len(self.data), PART))
        return {f"{PREFIX}{self.digest}-{number}": piece for number, piece in enumerate(pieces)}

    def sources(self) -> list[dict[str, object]]:
        """As spec.flow.files.sources has it."""
        return [{"configMapRef": {"name": name}, "archive": True} for name in self.parts]


def key(number: int) -> str:
    """Of a part in its ConfigMap: pods join them in the order of their keys."""
    return f"part-{number:03}"


def archived(files: Mapping[str, Path | bytes]) -> Archive:
    """Of files, or what is to be in them. Raises WrongUse for more than a run can take along, or a file that
    cannot be read."""
    sizes = {name: len(of) if isinstance(of, bytes) else of.stat().st_size for name, of in files.items()}
    if sum(sizes.values()) > UNPACKED_LIMIT:
        raise _too_large(f"the project's files take {_mib(sum(sizes.values()))}", UNPACKED_LIMIT, sizes)
    buffer = io.BytesIO()
    # The name and time that gzip notes would make it another archive each time.
    with (
        gzip.GzipFile("", "wb", 6, buffer, 0) as stream,
        tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT, pax_headers=versions()) as tar,
    ):
        for name in sorted(files):
            _add(tar, name, files[name])
    data = buffer.getvalue()
    if len(data) > LIMIT:
        raise _too_large(f"the project's files take {_mib(len(data))} compressed", LIMIT, sizes)
    return Archive(data, len(files))


def versions() -> dict[str, str]:
    """What the runner compares with its own."""
    found = {"daskflow.python": ".".join(map(str, sys.version_info[:3]))}
    with suppress(PackageNotFoundError):  # the SDK alone does not need it
        found["daskflow.distributed"] = version("distributed")
    return found


def _add(tar: tarfile.TarFile, name: str, of: Path | bytes) -> None:
    try:
        content = of if isinstance(of, bytes) else of.read_bytes()
        executable = isinstance(of, Path) and os.access(of, os.X_OK)
    except OSError as error:
        raise WrongUse(
            f"{name!r} cannot be read: {error.strerror}; mend it, or name it in .daskflowignore"
        ) from error
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), 0o755 if executable else 0o644
    tar.addfile(entry, io.BytesIO(content))


def _too_large(what: str, limit: int, sizes: Mapping[str, int]) -> WrongUse:
    largest = sorted(sizes, key=lambda name: -sizes[name])[:_LARGEST]
    named = ", ".join(f"{name} ({_mib(sizes[name])})" for name in largest)
    return WrongUse(
        f"{what}, more than {limit >> 20} MiB; the largest are {named}. Name in .daskflowignore what the run "
        "does not need, put data into storage, and what is still too large into the image"
    )


def _mib(size: int) -> str:
    return f"{size / 2**20:.1f} MiB"
