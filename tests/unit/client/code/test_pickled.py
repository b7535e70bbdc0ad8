"""A function as bytes: what it needs is noted, and what cannot be sent is named."""

import os
import pickle
import random
import re
import sys
import threading
from typing import Any

import pytest
from daskflow.client.code.pickled import pickled
from daskflow.client.errors import WrongUse

SOURCE = """
import collections, dask.utils
from json import dumps
from dask.utils import parse_bytes
NOISE = noise
def helper(n): return dumps(n)
def flow(n):
    import email.message
    def inner():
        from html import escape
    return helper(n), parse_bytes, collections
def large(): return NOISE, dumps
def locked(): return LOCK
"""
SPACE: dict[str, Any] = {
    "__name__": "__main__",
    "noise": random.Random(1).randbytes(11 << 20),
    "LOCK": threading.Lock(),
}
exec(compile(SOURCE, "/home/me/acme/etl.py", "exec"), SPACE)


def test_modules_that_it_cannot_be_loaded_without_are_told_from_those_it_imports() -> None:
    found = pickled(SPACE["flow"], "flow")
    assert {"collections", "json", "dask.utils"} <= found.needed
    assert found.imported == {"email.message", "html"}
    loaded = pickle.loads(found.data)
    assert loaded(3)[0] == "3"
    assert loaded.__code__.co_filename == "etl.py"


@pytest.mark.skipif(not hasattr(os, "environb"), reason="this machine has no environment of bytes")
def test_the_environment_is_that_of_the_pod(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGIN", "correct-horse")
    space: dict[str, Any] = {"__name__": "__main__"}
    source = "from os import environ, environb\ndef flow(): return environ, environb, environ.get('LOGIN')"
    exec(source, space)
    found = pickled(space["flow"], "flow")
    assert b"correct-horse" not in found.data
    assert "os" in found.needed
    there = pickle.loads(found.data)
    monkeypatch.setenv("LOGIN", "the pod's")
    assert there() == (os.environ, os.environb, "the pod's")


def test_what_cannot_be_sent_is_named() -> None:
    words = (
        "locked holds something in LOCK that cannot be sent (TypeError: cannot pickle '_thread.lock' object)"
    )
    with pytest.raises(WrongUse, match=re.escape(words)):
        pickled(SPACE["locked"], "locked")


def test_what_is_too_large_is_told_with_what_is_largest_in_it() -> None:
    with pytest.raises(
        WrongUse,
        match=r"large takes 11\.0 MiB .* more than 10 MiB compressed; the largest are NOISE \(11\.0 MiB",
    ):
        pickled(SPACE["large"], "large")


def test_without_cloudpickle_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cloudpickle", None)
    with pytest.raises(WrongUse, match="cloudpickle, or put the function into a module"):
        pickled(SPACE["flow"], "flow")
