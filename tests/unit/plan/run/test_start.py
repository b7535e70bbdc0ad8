"""What is refused before anything is made for a run."""

import pytest

from tests.unit.plan.stage import Stage, run


def test_a_run_that_was_suspended_can_be_corrected() -> None:
    stage = Stage(
        run({"suspend": True, "cluster": {"workers": {"template": {"spec": {"hostNetwork": True}}}}})
    ).applied()
    assert stage.status["phase"] == "Suspended"
    corrected = stage.spec(suspend=False, cluster={}).applied().applied()
    assert corrected.status["phase"] in ("Pending", "Starting")


@pytest.mark.parametrize(("size", "phase"), [(300_000, "Starting"), (800_000, "Failed")])
def test_a_flow_of_any_length_that_a_pod_can_hold_is_taken(size: int, phase: str) -> None:
    status = Stage(run({"flow": {"script": "x", "parameters": {"x": "x" * size}}})).applied().status
    assert status["phase"] == phase
    assert (phase == "Failed") == status["message"].startswith("spec.flow has 800")


def test_the_field_to_use_instead_is_one_of_the_run() -> None:
    message = Stage(run({"env": [{"name": "DASK_CONFIG", "value": "/etc"}]})).applied().status["message"]
    assert "use spec.cluster.config" in message
