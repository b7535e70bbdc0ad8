"""What of a deployment's folder is sent to workers, and what they import of it."""

import io
import os
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from daskflow.runtime.prefect import engine
from daskflow.runtime.prefect.sent_code import packed, unpacking
from distributed import Client, LocalCluster


def names(data: bytes) -> set[str]:
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        return set(tar.getnames())


def test_code_and_data_are_sent_and_no_environments(tmp_path: Path) -> None:
    for name in ("etl.py", "lib/sql/load.sql", ".git/config", "lib/__pycache__/x.pyc", "env/pyvenv.cfg"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    assert names(packed(str(tmp_path))) == {"etl.py", "lib/sql/load.sql"}


def test_of_a_large_folder_only_python_files_are_sent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "etl.py").write_text("x = 1\n")
    (tmp_path / "data.bin").write_bytes(os.urandom(200_000))
    assert names(packed(str(tmp_path), 100_000)) == {"etl.py"}
    assert "its Python files are sent to workers" in capsys.readouterr().err
    (tmp_path / "more.py").write_bytes(b"#" + os.urandom(200_000))
    assert packed(str(tmp_path), 100_000) == b""
    assert "nothing is sent to workers" in capsys.readouterr().err


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A cluster that several flow runs share; its scheduler is in this process, its worker is not."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=":0") as cluster:
        yield cluster.scheduler_address


def clone(folder: Path, value: int) -> Path:
    """What a pull step makes of a version."""
    (folder / "lib").mkdir(parents=True, exist_ok=True)
    (folder / "lib/helper.py").write_text(f"def value():\n    return {value}\n")
    return folder


def imported() -> tuple[int, str]:
    import helper  # type: ignore[import-not-found]

    return helper.value(), helper.__file__


def test_each_version_of_a_folder_is_imported_afresh(address: str, tmp_path: Path) -> None:
    folder = tmp_path / "flows-main"
    for version in (1, 2, 2, 1):
        content = packed(str(clone(tmp_path / "clone", version)))
        unpack = unpacking(str(folder), str(folder / "lib"), content)
        with Client(address) as client:
            client.run(lambda unpack=unpack: unpack())
            assert not client.run_on_scheduler(unpack, client.id)
            assert client.submit(imported, pure=False).result() == (version, f"{folder}/lib/helper.py")


def test_another_version_in_use_is_told(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(clone(tmp_path / "flows-main", 1))
    monkeypatch.setenv(engine.ENGINE, "lib/etl.py:etl")
    with Client(address) as one:
        one.sync(engine.send_folder, one)
        os.utime("lib/helper.py", (1, 1))  # as another clone has it
        with Client(address) as same:
            same.sync(engine.send_folder, same)
        assert not capsys.readouterr().err
        clone(tmp_path / "flows-main", 2)
        with Client(address) as other:
            other.sync(engine.send_folder, other)
        assert "WARNING: tasks of another flow run on this cluster" in capsys.readouterr().err
