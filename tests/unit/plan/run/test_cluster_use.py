"""The cluster of an attempt in sentences."""

import pytest

from tests.unit.plan.stage import running


@pytest.mark.parametrize("field", ["workers", "workerGroups[gpu]"])
def test_a_field_of_the_cluster_is_named_as_the_run_has_it(field: str) -> None:
    failing = {"phase": "Degraded", "reason": "WorkersFailing"}
    message = f"Workers need more memory than their limit; raise spec.{field}.resources.limits.memory."
    stage = running()
    stage.children[0]["status"] = {**stage.children[0]["status"], **failing, "message": message}
    said = stage.applied().status
    assert said["reason"] == "WorkersFailing"
    assert said["message"].endswith(f"raise spec.cluster.{field}.resources.limits.memory.")
