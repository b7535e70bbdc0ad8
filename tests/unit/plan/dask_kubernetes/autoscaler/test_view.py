"""What an autoscaler reads of its cluster."""

from dataclasses import replace
from typing import Any

import pytest

from tests.unit.plan.dask_kubernetes.autoscaler.stage import ScalerStage, autoscaler, group


@pytest.mark.parametrize(("replicas", "number"), [(None, 1), (-3, 0), (4, 4)])
def test_a_number_that_nobody_wrote_is_the_default(replicas: Any, number: int) -> None:
    stage = replace(ScalerStage(autoscaler(minimum=0)), groups=(group(replicas),)).settled()
    assert stage.wants(number).patches == stage.patches


def test_only_the_clusters_own_group_is_scaled() -> None:
    other = group(3)
    other = {**other, "metadata": {**other["metadata"], "name": "lab-gpu", "uid": "gpu"}}
    stage = replace(ScalerStage(), groups=(group(2), other)).settled().wants(9)
    assert [each["spec"]["worker"]["replicas"] for each in stage.groups] == [9, 3]
