"""What of a project goes along: as git sees it, as .daskflowignore says, and nothing from outside."""

import os
import subprocess
from pathlib import Path

import pytest
from daskflow.client.code.collect import collect
from daskflow.client.errors import WrongUse
from hypothesis import given, settings
from hypothesis import strategies as st

from .projects import project


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True)


def names(folder: Path) -> list[str]:
    return list(collect(folder).files)


FILES = {
    "etl.py": "",
    "pkg/__init__.py": "",
    "pkg/parts.py": "",
    "data.csv": "",
    "build/out.bin": "",
    ".gitignore": "build/\n",
    ".daskflowignore": "*.csv\n!/keep.csv\n.daskflowignore\n",
    "keep.csv": "",
}


@pytest.mark.parametrize("repository", [True, False])
def test_what_git_has_or_would_take_less_what_is_ignored(tmp_path: Path, repository: bool) -> None:
    project(tmp_path, FILES)
    if repository:
        git(tmp_path, "init")
        git(tmp_path, "add", "etl.py", "data.csv")
    assert names(tmp_path) == [".gitignore", "etl.py", "keep.csv", "pkg/__init__.py", "pkg/parts.py"]


def test_a_folder_of_a_repository_stands_for_itself(tmp_path: Path) -> None:
    project(
        tmp_path,
        {"top.py": "", "flows/etl.py": "", "flows/gone.py": "", "flows/.cache": "", ".gitignore": ".cache"},
    )
    git(tmp_path, "init")
    git(tmp_path, "add", "-A")
    (tmp_path / "flows/gone.py").unlink()
    assert names(tmp_path / "flows") == ["etl.py"]


def test_without_git_what_no_run_needs_stays(tmp_path: Path) -> None:
    files = (
        "env/pyvenv.cfg",
        "env/lib/x.py",
        "a/__pycache__/x.pyc",
        ".venv/x",
        "node_modules/m/x.js",
        "a/x.py",
    )
    project(tmp_path, dict.fromkeys(files, ""))
    assert names(tmp_path) == ["a/x.py"]


def test_links_go_as_what_they_lead_to_within_the_project(tmp_path: Path) -> None:
    root = tmp_path / "project"
    project(tmp_path, {"secret": "", "project/a.py": "", "project/sub/b.py": ""})
    for link, target in {"c.py": "a.py", "out": "../secret", "lost": "nowhere", "dir": "sub"}.items():
        (root / link).symlink_to(target)
    os.mkfifo(root / "pipe")
    found = collect(root)
    assert list(found.files) == ["a.py", "c.py", "sub/b.py"]
    assert found.left_out == (
        "'dir' is not sent: it is a link to a folder",
        "'lost' is not sent: it is a link to nothing",
        f"'out' is not sent: it is a link out of the project, to {tmp_path / 'secret'}",
        "'pipe' is not sent: it is no regular file",
    )


def test_a_repository_within_is_named(tmp_path: Path) -> None:
    project(tmp_path, {"a.py": "", "other/b.py": ""})
    for folder in (tmp_path, tmp_path / "other"):
        git(folder, "init")
    found = collect(tmp_path)
    assert (list(found.files), found.left_out) == (
        ["a.py"],
        ("'other' is not sent: it is a repository of its own",),
    )


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({}, "has no files to send"),
        ({"a.py": "", ".daskflowignore": "*"}, "has no files to send"),
        ({"a.py": "", ".daskflowignore": "!"}, "has a line that is no pattern"),
    ],
)
def test_what_leaves_nothing_to_send_is_told(tmp_path: Path, files: dict[str, str], says: str) -> None:
    project(tmp_path, files)
    with pytest.raises(WrongUse, match=says):
        collect(tmp_path)


def test_a_folder_that_is_none_and_a_git_that_fails_are_told(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="is no folder"):
        collect(tmp_path / "nowhere")
    project(tmp_path, {".git": "gitdir: /nowhere", "a.py": ""})
    (tmp_path / ".git").unlink()
    git(tmp_path, "init")
    (tmp_path / ".git/config").write_text("[")
    with pytest.raises(WrongUse, match="git does not say which files"):
        collect(tmp_path)


_NAME = st.text(st.characters(blacklist_characters="/\0", blacklist_categories=()), min_size=1, max_size=20)
_NAME = _NAME.filter(lambda name: name not in (".", "..") and _storable(name))


def _storable(name: str) -> bool:
    try:
        return len(os.fsencode(name)) < 200
    except UnicodeEncodeError:
        return False


@settings(max_examples=30, deadline=None)
@given(st.sets(_NAME.filter(lambda name: not name.lower().startswith(".git")), min_size=1, max_size=5))
def test_names_of_any_letters_are_found_by_git_as_they_are(
    tmp_path_factory: pytest.TempPathFactory, given_names: set[str]
) -> None:
    root = tmp_path_factory.mktemp("names")
    git(root, "init")
    for name in given_names:
        (root / name).write_text(name if name.isascii() else "")
    assert set(names(root)) == given_names
