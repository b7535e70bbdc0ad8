"""The archive: the same for the same files, in parts, unpacked by pods as it was."""

import os
import random
from pathlib import Path

import pytest
from daskflow.client.code import archive as module
from daskflow.client.code.archive import PART, archived, key, versions
from daskflow.client.errors import WrongUse
from daskflow.runtime import unpack
from hypothesis import given, settings
from hypothesis import strategies as st

from .projects import project


def test_the_same_files_are_the_same_archive_wherever_and_whenever(tmp_path: Path) -> None:
    files = {"etl.py": "flow = print", "pkg/parts.py": "x = 1"}
    one, other = project(tmp_path / "a", files), project(tmp_path / "b", files)
    os.utime(other["etl.py"], (0, 0))
    first = archived(one)
    assert first.data == archived(dict(reversed(other.items()))).data
    assert list(first.parts) == [f"daskflow-code-{first.digest}-0"]
    other["etl.py"].chmod(0o755)
    changed = archived(other)
    assert changed.digest != first.digest


def test_a_large_one_comes_in_parts_in_the_order_of_their_keys(tmp_path: Path) -> None:
    noise = random.Random(1).randbytes(3 * PART)
    (tmp_path / "noise").write_bytes(noise)
    made = archived({"noise": tmp_path / "noise"})
    assert [len(part) <= 2**20 - 4096 for part in made.parts.values()] == [True] * 4
    assert b"".join(made.parts.values()) == made.data
    assert [key(number) for number in range(12)] == sorted(key(number) for number in range(12))
    assert made.sources()[1] == {"configMapRef": {"name": f"daskflow-code-{made.digest}-1"}, "archive": True}


def test_what_is_too_large_is_told_with_the_largest_files_and_a_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = project(tmp_path, {"small.py": "x"})
    (tmp_path / "noise").write_bytes(random.Random(1).randbytes(11 << 20))
    files["noise"] = tmp_path / "noise"
    with pytest.raises(
        WrongUse, match=r"take 11\.0 MiB compressed, more than 10 MiB; the largest are noise \(11"
    ):
        archived(files)
    monkeypatch.setattr(module, "UNPACKED_LIMIT", 5 << 20)
    with pytest.raises(
        WrongUse, match=r"files take 11\.0 MiB, more than 5 MiB.*Name in \.daskflowignore what"
    ):
        archived(files)


def test_the_bounds_of_both_sides_are_the_same() -> None:
    assert module.UNPACKED_LIMIT == unpack.LIMIT


_PART = st.text(st.characters(blacklist_characters="/\0", blacklist_categories=()), min_size=1, max_size=60)
_NAMES = st.lists(_PART.filter(lambda part: part not in (".", "..")), min_size=1, max_size=4).map("/".join)


def _storable(name: str) -> bool:
    try:
        return all(len(os.fsencode(part)) < 200 for part in name.split("/"))
    except UnicodeEncodeError:
        return False


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(_NAMES.filter(_storable), st.binary(max_size=2000), min_size=1, max_size=6))
def test_pods_unpack_what_was_packed(
    tmp_path_factory: pytest.TempPathFactory, contents: dict[str, bytes]
) -> None:
    folder = tmp_path_factory.mktemp("packed")
    files = {}
    for number, (name, content) in enumerate(contents.items()):
        if any(other.startswith(f"{name}/") for other in contents):
            continue  # it would be a file and a folder
        files[name] = folder / str(number)
        files[name].write_bytes(content)
    into = folder / "into"
    assert unpack._extract(archived(files).data, str(into)) == versions()
    found = {os.path.relpath(path, into): path.read_bytes() for path in into.rglob("*") if path.is_file()}
    assert found == {name: contents[name] for name in files}
