"""A leak of the kind that made a test fail in another module's name."""

import pytest

from tests.leftovers import changes, shared
from tests.simulation.scenarios import SCENARIOS, scenario


def test_what_one_test_changes_in_a_module_of_all_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    before = shared()
    with monkeypatch.context() as patched:
        patched.setitem(scenario._RUN["flow"], "parameters", {"token": "x"})
        patched.setenv("LEFT", "behind")
        found = changes(before, shared())
        assert [name.partition(":")[0] for name in found] == [
            "tests.simulation.scenarios.scenario._RUN",
            "the environment",
        ]
    assert changes(before, shared()) == []


def test_a_manifest_is_its_callers_own() -> None:
    before = shared()
    run = SCENARIOS["success"].run()
    run["spec"]["flow"]["parameters"] = {"token": "x"}
    assert changes(before, shared()) == []
