"""The code that came with the flow: unpacked where it can be written, before anything of it is looked at."""

from __future__ import annotations

import gzip
import io
import os
import shutil
import sys
import tarfile
import zlib
from contextlib import suppress

from .settings import private, say, text

LIMIT = 256 * 1024 * 1024
"""Bytes that the files may take: they are on each pod's scratch volume."""


def unpack(role: str) -> None:
    """Unpack the archive, whose parts are in the folder DASKFLOW_ARCHIVE, and change into it. It becomes
    DASKFLOW_FILES; plain files of that name are in it as well, in front of its own.

    Raises ValueError for what is no such archive, or names places beside its folder.
    """
    parts = text("ARCHIVE")
    if not parts:
        return
    folder = os.path.join(private(), "daskflow-code")
    data = []
    for name in sorted(os.listdir(parts)):
        if not name.startswith("."):  # the kubelet's own
            with open(os.path.join(parts, name), "rb") as part:
                data.append(part.read())
    try:
        versions = _extract(b"".join(data), folder)
    except (OSError, EOFError, tarfile.TarError, zlib.error) as error:
        raise ValueError(f"the archive of spec.flow.files cannot be unpacked: {error!r}") from error
    if text("FILES"):
        for name in os.listdir(text("FILES")):
            place = os.path.join(folder, name)
            if os.path.isfile(place):
                os.remove(place)
            if not os.path.exists(place):
                os.symlink(os.path.join(text("FILES"), name), place)
    os.environ.update(DASKFLOW_FILES=folder, DASKFLOW_WORKDIR=os.getcwd())
    os.chdir(folder)
    if role == "runner":
        _compare(versions)


def _extract(data: bytes, folder: str) -> dict[str, str]:
    """Regular files and folders below `folder`, nothing else. Returns the archive's own headers."""
    size = 0
    os.makedirs(folder, exist_ok=True)
    stream = gzip.GzipFile(fileobj=io.BytesIO(data))
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        for member in archive:
            names = member.name.split("/")
            if ".." in names or not names[0] or not (member.isreg() or member.isdir()):
                raise ValueError(f"the archive of spec.flow.files has {member.name!r}, no file in its folder")
            size += member.size
            if size > LIMIT:
                raise ValueError(f"the archive of spec.flow.files takes more than {LIMIT >> 20} MiB unpacked")
            path = os.path.join(folder, *names)
            os.makedirs(path if member.isdir() else os.path.dirname(path), exist_ok=True)
            content = archive.extractfile(member)
            if content is not None:
                with open(path, "wb") as file:
                    shutil.copyfileobj(content, file)
                os.chmod(path, 0o755 if member.mode & 0o100 else 0o644)
        headers = dict(archive.pax_headers)
    while stream.read(65536):  # to its end, where its checksum is
        pass
    return headers


def _compare(versions: dict[str, str]) -> None:
    """Say which versions differ from those that the code was sent from."""
    from importlib.metadata import PackageNotFoundError, version

    here = {"daskflow.python": sys.version.split()[0]}
    with suppress(PackageNotFoundError):
        here["daskflow.distributed"] = version("distributed")
    for name, theirs in versions.items():
        ours = here.get(name, theirs)
        short = slice(2 if name == "daskflow.python" else None)
        if theirs.split(".")[short] != ours.split(".")[short]:
            what = "Python" if name == "daskflow.python" else "distributed"
            say(f"the image has {what} {ours}; where the code was sent from it is {theirs}")
