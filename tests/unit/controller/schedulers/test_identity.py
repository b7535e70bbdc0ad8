"""What is made of a scheduler's word about its workers: little, whatever it says."""

import struct
import tracemalloc
from typing import Any

import msgspec
import pytest
from daskflow.controller.schedulers.identity import MOST_WORKERS, identity, outcome

MIB = 1024 * 1024
LIST = b"\x90"
"""An empty one in MessagePack: one byte here, 56 in Python."""


def _lists(count: int) -> bytes:
    return b"\xdd" + struct.pack(">I", count) + LIST * count


def test_of_a_worker_is_known_who_it_is_and_what_it_does() -> None:
    metrics = {"task_counts": {"executing": 1, "ready": 2}, "managed_bytes": 7, "gpu": {"more": [1]}}
    worker = {"name": "w-1", "host": "10.0.0.1", "last_seen": 1.5, "metrics": metrics, "extra": {"x": 1}}
    told = {"type": "Scheduler", "workers": {"tcp://1": worker, "tcp://2": {"name": 3}}, "services": {}}
    found = identity(msgspec.msgpack.encode(told))["workers"]
    assert found["tcp://1"]["name"] == "w-1"
    assert found["tcp://1"]["last_seen"] == 1.5
    assert found["tcp://1"]["metrics"] == {
        "task_counts": {"executing": 1, "ready": 2},
        "managed_bytes": 7,
    }
    assert found["tcp://2"]["name"] == 3


@pytest.mark.parametrize(
    "text",
    [
        _lists(8 * MIB),
        b"\x81\xa1x" + _lists(8 * MIB),
        b"\x81\xa7workers" + _lists(8 * MIB),
        b"\x81\xa7workers\xdf" + struct.pack(">I", 2 * MIB) + b"\xa2ab\x80" * 2 * MIB,
        b"\x81\xa7workers\x81\xa1a\x81\xa4name" + _lists(8 * MIB),
        b"\x81\xa7workers\x81\xa1a\x81\xa7metrics" + _lists(8 * MIB),
        b"\x81\xa7workers\x81\xa1a\x81\xa7metrics\x81\xabtask_counts\xdf"
        + struct.pack(">I", 2 * MIB)
        + b"\xa2ab\x01" * 2 * MIB,
    ],
)
def test_a_message_is_never_many_times_its_size_in_memory(text: bytes) -> None:
    """The operator has a gigabyte, and one scheduler's answer once took more."""
    tracemalloc.start()
    try:
        identity(text)
    except msgspec.DecodeError:
        pass
    finally:
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert most < 3 * len(text)


@pytest.mark.parametrize("odd", [None, [], "x", 1, {"task_counts": None}, {"task_counts": {"executing": []}}])
def test_odd_values_of_a_worker_hurt_no_other(odd: Any) -> None:
    workers = {"tcp://1": {"name": "w-1", "metrics": odd}, "tcp://2": {"name": "w-2", "last_seen": 2.0}}
    found = identity(msgspec.msgpack.encode({"workers": workers}))["workers"]
    assert (found["tcp://1"]["name"], found["tcp://2"]["last_seen"]) == ("w-1", 2.0)


def test_more_workers_than_any_cluster_has_are_no_answer() -> None:
    with pytest.raises(msgspec.DecodeError):
        identity(msgspec.msgpack.encode({"workers": {str(n): {} for n in range(MOST_WORKERS + 1)}}))


def test_an_error_is_told() -> None:
    said = {"status": "uncaught-error", "exception_text": "KeyError(1)", "exception": {"x": 1}}
    told = {"status": "uncaught-error", "exception_text": "KeyError(1)"}
    assert identity(msgspec.msgpack.encode(said)) == outcome(msgspec.msgpack.encode(said)) == told
    for done in ({"tcp://1": {"name": "w"}}, [], None):
        assert not outcome(msgspec.msgpack.encode(done)).get("status")
