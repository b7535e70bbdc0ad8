"""The full record of tasks: what figures gain by it, and that what is none is a sentence."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from daskflow.client.errors import PackageMissing, WrongUse
from daskflow.client.report.reading import figures_of
from daskflow.client.report.record import parsed, record_at
from daskflow.client.report.recorded import areas, detailed
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.client.report.reported import reported, wire

TASKS = {
    "prefix": [0, 0, 1, 2],
    "worker": [0, 1, 1, 0],
    "start": [0.0, 0.0, 4.0, 8.0],
    "stop": [4.0, 2.0, 8.0, 8.5],
    "bytes": [100, 50, 0, 7],
    "failed": [0, 0, 1, 0],
}
RECORD = {
    "v": 1,
    "began": "2026-11-26T02:00:00.000000Z",
    "prefixes": ["load", "sum", "rare"],
    "kept": [1, 10, 1],
    "workers": ["w-0", "w-1"],
    "threads": [1, 2],
    "tasks": TASKS,
}


def packed(record: Any) -> bytes:
    return gzip.compress(json.dumps(record).encode())


def test_all_prefixes_the_longest_tasks_and_workers_come_from_it() -> None:
    figures = figures_of(reported(said={"seconds": 10, "tasks": 13}))
    assert figures
    found = detailed(figures, parsed(packed(RECORD), "x"))
    assert [(each.name, each.tasks, each.seconds, each.size) for each in found.prefixes] == [
        ("sum", 10, 40.0, 0),
        ("load", 2, 6.0, 150),
        ("rare", 1, 0.5, 7),
    ]
    assert found.whole
    assert [(each.name, each.seconds, each.worker, each.begin) for each in found.longest][:3] == [
        ("load", 4.0, "w-0", 0.0),
        ("sum", 4.0, "w-1", 4.0),
        ("load", 2.0, "w-1", 0.0),
    ]
    assert [(each.name, each.tasks, each.seconds) for each in found.by_worker] == [
        ("w-1", 11, 42.0),
        ("w-0", 2, 4.5),
    ]


def test_what_the_status_knows_exactly_is_kept() -> None:
    said = wire(prefixes=[{"name": "sum", "tasks": 11, "seconds": 41.5, "longest": 4.0}], timeline=None)
    figures = figures_of(reported(said=said))
    assert figures
    (told, *_) = detailed(figures, parsed(packed(RECORD), "x")).prefixes
    assert (told.name, told.tasks, told.seconds) == ("sum", 11, 41.5)


def test_without_a_timeline_the_picture_is_made_from_it() -> None:
    found = areas(parsed(packed(RECORD), "x"), 16.0)
    assert found
    assert (found.step, found.seconds, len(found.paid)) == (0.25, 16.0, 64)
    by_name = {band.name: band.threads for band in found.bands}
    assert (by_name["load"][0], by_name["load"][8], by_name["sum"][16]) == (2.0, 1.0, 10.0)
    assert (found.paid[0], found.paid[33], found.paid[40]) == (3.0, 1.0, 0.0)
    assert sum(by_name["load"]) * found.step == pytest.approx(6.0)


def test_it_is_read_from_files_and_urls(tmp_path: Path) -> None:
    path = tmp_path / "tasks.json.gz"
    path.write_bytes(packed(RECORD))
    assert record_at(str(path)) == record_at(f"file://{path}") == parsed(packed(RECORD), "x")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kept": [1]}, "lists that belong together are not of one length"),
        ({"tasks": {**TASKS, "stop": [1.0]}}, "lists that belong together are not of one length"),
        ({"tasks": {**TASKS, "prefix": [0, 0, 1, 3]}}, "names a prefix or worker that is not there"),
        ({"tasks": {**TASKS, "start": [0.0, 0.0, float("nan"), 1.0]}}, "tasks.start.2"),
        ({"tasks": {**TASKS, "bytes": [0, 0, -1, 0]}}, "tasks.bytes.2"),
        ({"prefixes": "load"}, "prefixes: "),
    ],
)
def test_what_is_no_record_is_a_sentence(change: Any, said: str) -> None:
    with pytest.raises(
        WrongUse, match=r"--record x is no tasks.json.gz as spec.report.to writes it"
    ) as error:
        parsed(packed({**RECORD, **change}), "x")
    assert said in str(error.value)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no gzip",
        packed([])[:-3],
        packed([])[:10] + b"\xff" * 20,
        gzip.compress(b"{"),
        packed([]),
        gzip.compress(b"[" * 100_000),
    ],
)
def test_nor_is_what_cannot_be_unpacked(data: bytes) -> None:
    with pytest.raises(WrongUse, match=r"--record x is no tasks.json.gz"):
        parsed(data, "x")


def test_what_cannot_be_read_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="copy the file here first"):
        record_at(str(tmp_path / "no"))
    with pytest.raises(WrongUse, match=r"cannot be read: FileNotFoundError: .*may you read it"):
        record_at(f"file://{tmp_path}/no")
    with pytest.raises(WrongUse, match="Protocol not known: nowhere"):
        record_at("nowhere://x")


def test_without_fsspec_a_url_names_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "fsspec", None)
    with pytest.raises(PackageMissing, match="is read by fsspec; pip"):
        record_at("s3://bucket/tasks.json.gz")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from([*RECORD, *TASKS]), inner),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from([*RECORD, *TASKS]), _JSON))
def test_whatever_a_record_says_there_are_figures_or_a_sentence(lies: dict[str, Any]) -> None:
    figures = figures_of(reported(said=wire(timeline=None)))
    assert figures
    tasks = {**TASKS, **{name: value for name, value in lies.items() if name in TASKS}}
    try:
        detailed(figures, parsed(packed({**RECORD, "tasks": tasks, **lies}), "x"))
    except WrongUse as error:
        sentence = str(error)
    else:
        return
    assert "--record x" in sentence
