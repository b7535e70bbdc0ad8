"""A .tar.gz in one folder."""

import gzip
import io
import tarfile
from collections.abc import Mapping
from datetime import datetime


def packed(files: Mapping[str, str], folder: str, at: datetime) -> bytes:
    """All files below the folder, readable by their owner alone, since no redaction is sure."""
    buffer = io.BytesIO()
    seconds = int(at.timestamp())
    with (
        gzip.GzipFile(fileobj=buffer, mode="wb", mtime=seconds) as zipped,
        tarfile.open(fileobj=zipped, mode="w") as tar,
    ):
        for name, text in files.items():
            data = text.encode(errors="replace")
            entry = tarfile.TarInfo(f"{folder}/{name}")
            entry.size, entry.mtime, entry.mode = len(data), seconds, 0o600
            tar.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()
