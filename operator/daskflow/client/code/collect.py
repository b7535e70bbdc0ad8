"""Which files of a project go along with a run: what git has or would take, less .daskflowignore."""

import os
import stat
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from daskflow.client.errors import WrongUse

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

IGNORE_FILE = ".daskflowignore"
_NEVER = """
.git/
.hg/
.svn/
__pycache__/
*.py[cod]
.venv/
venv/
node_modules/
.ipynb_checkpoints/
.mypy_cache/
.pytest_cache/
.ruff_cache/
.tox/
.nox/
*.egg-info/
.DS_Store
"""
"""What no run needs, for folders that git does not look after."""


@dataclass(frozen=True)
class Collected:
    """Files of a folder by their names in it, with `/`, in order."""

    files: dict[str, Path]
    left_out: tuple[str, ...]
    """A sentence about each that belongs to it and cannot be sent."""


def collect(folder: Path) -> Collected:
    """The files of this folder. Raises WrongUse if there are none, or git does not tell.

    In a repository these are those that git tracks or would track, otherwise all that a `.gitignore` beside
    them does not name. A link to a file within the folder is sent as that file.
    """
    root = folder.resolve()
    if not root.is_dir():
        raise WrongUse(f"{folder} is no folder; give the one with the project's files")
    own = _spec(_lines(root / IGNORE_FILE))
    names = _tracked(root)
    if names is None:
        names = list(_walked(root, _spec([*_NEVER.splitlines(), *_lines(root / ".gitignore")])))
    files, left_out = {}, []
    for name in sorted(set(names)):
        if own.match_file(name):
            continue
        path = root / name
        if why := _unfit(path, root):
            left_out.append(f"{name!r} is not sent: it is {why}")
        elif path.exists():
            files[name] = path
    if not files:
        raise WrongUse(
            f"{folder} has no files to send; see .gitignore and {IGNORE_FILE}, or give another one"
        )
    return Collected(files, tuple(left_out))


def _unfit(path: Path, root: Path) -> str:
    """Why it cannot be sent; "" for what can, and for what git still has and is deleted."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return ""
    except OSError as error:
        return f"not to be read ({error.strerror})"
    if stat.S_ISLNK(mode):
        target = Path(os.path.realpath(path))
        if not target.is_file():
            return "a link to a folder" if target.is_dir() else "a link to nothing"
        return "" if target.is_relative_to(root) else f"a link out of the project, to {target}"
    if stat.S_ISDIR(mode):
        return "a repository of its own"
    if not stat.S_ISREG(mode):
        return "no regular file"
    return "" if os.access(path, os.R_OK) else "not readable"


def _tracked(root: Path) -> list[str] | None:
    """Names as git has them; None where there is no git, or no repository."""
    command = ["git", "-C", str(root), "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        done = subprocess.run(command, capture_output=True, env={**os.environ, "LC_ALL": "C"}, check=False)
    except FileNotFoundError:
        return None
    if done.returncode == 0:
        return [os.fsdecode(name).rstrip("/") for name in done.stdout.split(b"\0") if name]
    said = done.stderr.decode(errors="replace")
    if "not a git repository" in said:
        return None
    first = said.strip().splitlines()[0] if said.strip() else f"exit code {done.returncode}"
    raise WrongUse(
        f"git does not say which files of {root} it has ({first}); mend that, or give another folder"
    )


def _walked(root: Path, ignored: "GitIgnoreSpec") -> Iterator[str]:
    for place, folders, files in os.walk(root):
        below = os.path.relpath(place, root)
        prefix = "" if below == "." else below.replace(os.sep, "/") + "/"
        folders[:] = [
            each
            for each in folders
            # A virtual environment, whatever its name.
            if not ignored.match_file(f"{prefix}{each}/") and not (Path(place) / each / "pyvenv.cfg").exists()
        ]
        links = [each for each in folders if os.path.islink(os.path.join(place, each))]
        for name in (*files, *links):
            if not ignored.match_file(prefix + name):
                yield prefix + name


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(errors="surrogateescape").splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise WrongUse(f"{path} cannot be read: {error.strerror}; mend or remove it") from error


def _spec(lines: Iterable[str]) -> "GitIgnoreSpec":
    from pathspec import GitIgnoreSpec

    try:
        return GitIgnoreSpec.from_lines(lines)
    except ValueError as error:
        raise WrongUse(f"{IGNORE_FILE} or .gitignore has a line that is no pattern: {error}") from error
