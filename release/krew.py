"""The manifest by which krew installs `kubectl daskflow`, and the archives that it names."""

import gzip
import hashlib
import io
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from release import EPOCH, ROOT, VERSION
from release.targets import Target

PLUGIN = "kubectl-daskflow"
"""The program in an archive; its name makes kubectl's words of its help."""

_DESCRIPTION = """\
Starts flows on Dask clusters of their own, by the daskflow operator, and looks
after them: run, list, watch, logs, result, explain, retry, cancel, schedules.
"""
_CAVEATS = """\
Python 3.10 or newer must be on the PATH as python3, and the daskflow operator in
the cluster: `kubectl daskflow check` says what is missing.
"""


def archive(zipapp: Path, file: Path) -> None:
    """The zipapp and the licence, as krew unpacks them."""
    buffer = io.BytesIO()
    with gzip.GzipFile("", "wb", 9, buffer, 0) as stream, tarfile.open(fileobj=stream, mode="w|") as tar:
        for name, path, mode in ((PLUGIN, zipapp, 0o755), ("LICENSE", ROOT / "LICENSE", 0o644)):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode, entry.mtime = path.stat().st_size, mode, EPOCH
            with path.open("rb") as content:
                tar.addfile(entry, content)
    file.write_bytes(buffer.getvalue())


def manifest(archives: Mapping[Target, Path], place: str) -> dict[str, Any]:
    """As krew's index has it; `place` is the URL of the release's files."""
    return {
        "apiVersion": "krew.googlecontainertools.github.com/v1alpha2",
        "kind": "Plugin",
        "metadata": {"name": "daskflow"},
        "spec": {
            "version": f"v{VERSION}",
            "shortDescription": "Run Python flows on ephemeral Dask clusters",
            "description": _DESCRIPTION,
            "caveats": _CAVEATS,
            "platforms": [_platform(target, file, place) for target, file in archives.items()],
        },
    }


def _platform(target: Target, file: Path, place: str) -> dict[str, Any]:
    return {
        "selector": {"matchLabels": {"os": target.os, "arch": target.arch}},
        "uri": f"{place.rstrip('/')}/{file.name}",
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "bin": PLUGIN,
        "files": [{"from": PLUGIN, "to": "."}, {"from": "LICENSE", "to": "."}],
    }
