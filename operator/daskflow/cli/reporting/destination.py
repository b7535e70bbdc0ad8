"""The file that a report goes to, whatever is there already."""

import os
import sys
import tempfile
from pathlib import Path

from daskflow.client.errors import WrongUse


def writable(name: str, *, force: bool, archive: bool) -> Path | None:
    """The file to write, None for stdout. Raises WrongUse."""
    if name == "-":
        if archive and sys.stdout.isatty():
            raise WrongUse("an archive does not go to a terminal; give a file's name by -f")
        return None
    path = Path(name)
    if archive and not path.name.endswith((".tar.gz", ".tgz")):
        raise WrongUse(f"-f {name}: the archive is a .tar.gz; give it such a name")
    if path.exists() and not force:
        raise WrongUse(_there(path))
    if path.is_dir():
        raise WrongUse(f"{name} is a folder; give another name by -f")
    if not path.parent.is_dir():
        raise WrongUse(f"{path.parent} is no folder; make it first")
    return path


def put(path: Path, data: bytes, *, force: bool) -> None:
    """Make the file, for its owner alone, whatever was there; a link is replaced, not followed.

    Raises WrongUse where it came to be meanwhile, or cannot be written.
    """
    try:
        if not force:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
                opened.write(data)
            return
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as opened:
            try:
                opened.write(data)
                opened.flush()
                os.replace(opened.name, path)
            except BaseException:
                os.unlink(opened.name)
                raise
    except FileExistsError:
        raise WrongUse(_there(path)) from None
    except OSError as error:
        raise WrongUse(f"{path} cannot be written: {error.strerror}; give another name by -f") from None


def _there(path: Path) -> str:
    return f"{path} is there already; give another name by -f, or replace it by --force"
