"""The finder that notices the import of Prefect."""

import sys
from typing import Any

import pytest
from daskflow.runtime.prefect.import_hook import ImportHook


def test_the_finder_of_prefect_leaves_pythons_list_to_other_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python goes through it without a lock: what moves in it is overlooked, and a module is not found."""
    hook = ImportHook(None)
    seen = []

    class Spy:
        def find_spec(self, name: str, *_: Any) -> None:
            if name == "prefect":
                seen.append([*sys.meta_path] == before)

    before = [hook, Spy(), *sys.meta_path]
    monkeypatch.setattr(sys, "meta_path", [*before])
    for name in [each for each in sys.modules if each.partition(".")[0] == "prefect"]:
        monkeypatch.delitem(sys.modules, name)
    hook.find_spec("prefect")
    assert seen
    assert all(seen)
