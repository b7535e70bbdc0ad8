"""HOME, names and writable folders on an image that is read-only."""

import getpass
import json
import os
import pwd
from pathlib import Path

import pytest
from daskflow.runtime import image

from tests.runtime.conftest import Pods

READ_ONLY = [
    *("unshare", "--mount", "sh", "-c"),
    'mount --bind . . && mount -o remount,bind,ro . && cd "$PWD" && exec "$@"',
    "sh",
]
"""A command in a working directory that nobody can write, as in a pod."""


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder that can be written; of the environment only what a test sets."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    access, makedirs = os.access, os.makedirs

    def only_scratch(path: str, mode: int) -> bool:
        return access(path, mode) and (not mode & os.W_OK or str(path).startswith(str(scratch)))

    def refused(path: str, exist_ok: bool = False) -> None:
        if not os.path.isdir(path) and not str(path).startswith(str(scratch)):
            raise OSError(30, "Read-only file system", path)
        makedirs(path, exist_ok=exist_ok)

    for name in [*os.environ]:
        if name.startswith(("XDG_", "MPL", "TRITON")) or name in ("HOME", "TMPDIR", "USER", "LOGNAME"):
            monkeypatch.delenv(name)
    # What the code under test adds goes again, too.
    monkeypatch.setattr(os, "environ", os.environ.copy())
    monkeypatch.setattr(os, "access", only_scratch)
    monkeypatch.setattr(os, "makedirs", refused)
    os.environ["DASKFLOW_SCRATCH"] = str(scratch)
    return scratch


@pytest.mark.parametrize("home", ["", "/", "/home/nobody-made-it"])
def test_a_home_that_is_not_there_is_on_the_scratch_volume(scratch: Path, home: str) -> None:
    os.environ["HOME"] = home
    image.prepare()
    assert os.environ["HOME"] == os.environ["TMPDIR"] == str(scratch)
    assert not [name for name in os.environ if name.startswith("XDG_")]


def test_a_home_that_is_there_stays_and_what_would_be_written_below_goes_to_scratch(
    scratch: Path, tmp_path: Path
) -> None:
    (tmp_path / "home" / ".config").mkdir(parents=True)
    os.environ["HOME"] = str(tmp_path / "home")
    image.prepare()
    assert os.environ["HOME"] == str(tmp_path / "home")
    assert os.environ["XDG_CACHE_HOME"] == str(scratch / ".cache")
    assert os.environ["XDG_STATE_HOME"] == str(scratch / ".local/state")
    assert os.environ["XDG_DATA_HOME"] == str(scratch / ".local/share")
    assert os.environ["MPLCONFIGDIR"] == str(scratch / ".config/matplotlib")
    assert "XDG_CONFIG_HOME" not in os.environ  # what is mounted there is read


def test_folders_that_the_user_named_stay(scratch: Path, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    os.environ.update(HOME=str(tmp_path / "home"), XDG_CACHE_HOME="/data/cache")
    image.prepare()
    assert os.environ["XDG_CACHE_HOME"] == "/data/cache"


def test_a_home_below_a_writable_folder_is_made(scratch: Path) -> None:
    os.environ["HOME"] = str(scratch / "me")
    image.prepare()
    assert os.environ["HOME"] == str(scratch / "me")
    assert (scratch / "me").is_dir()


def test_a_user_without_an_entry_has_a_name(scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(uid: int) -> None:
        raise KeyError(uid)

    monkeypatch.setattr(pwd, "getpwuid", nobody)
    image.prepare()
    assert getpass.getuser() == os.environ["USER"] == "daskflow"


def test_a_user_with_an_entry_keeps_that_name(scratch: Path) -> None:
    image.prepare()
    assert "USER" not in os.environ
    assert getpass.getuser() == pwd.getpwuid(os.getuid()).pw_name


def test_a_failure_to_write_on_a_read_only_image_says_where_and_how(plain_pods: Pods) -> None:
    script = "open('out.csv', 'w')"
    flow = json.dumps({"script": script})
    runner = plain_pods.start("runner", ["runner"], {"DASKFLOW_FLOW": flow}, prefix=READ_ONLY)
    message = runner.outcome()["message"]
    assert "OSError: [Errno 30] Read-only file system: 'out.csv' (" in message
    assert f"write below {plain_pods.folder}/runner.scratch" in message
    assert "readOnlyRootFilesystem: false" in message
