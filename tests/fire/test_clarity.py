"""When an object says what has become of it, and when it does not."""

from typing import Any

import pytest

from tests.fire.clarity import saying, unclear

READY = {"type": "Ready", "status": "False", "reason": "SpecInvalid"}
SAID = {"phase": "Failed", "observedGeneration": 2, "conditions": [READY]}


def body(**changes: Any) -> dict[str, Any]:
    """A run of generation 2 with such a status."""
    return {"kind": "FlowRun", "metadata": {"generation": 2}, "status": {**SAID, **changes}}


def test_a_phase_with_its_reason_is_clear() -> None:
    assert not unclear(body())
    assert saying(body()) == "FlowRun Failed SpecInvalid"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"conditions": []}, "no conditions"),
        ({"phase": ""}, "no phase"),
        ({"observedGeneration": 1}, "generation 2 was not looked at, but 1"),
        ({"conditions": [{**READY, "reason": ""}]}, "without a reason: Ready"),
    ],
)
def test_what_is_left_open_is_told(changes: dict[str, Any], said: str) -> None:
    assert said in unclear(body(**changes))


def test_one_without_a_status_says_nothing() -> None:
    assert unclear({"kind": "FlowRun", "metadata": {"generation": 1}})
