"""A FlowRun that is nested beyond all measure is nobody else's affair."""

import pytest

from tests.e2e.flows import flow_run
from tests.e2e.operator import Operator
from tests.kube import Kube, field, poisoned


@pytest.mark.parametrize("levels", [220, 9_000])
def test_it_is_refused_and_the_others_run(kube: Kube, operator: Operator, levels: int) -> None:
    _beside(kube, "first", levels)
    operator.kill()
    _beside(kube, "second", levels)


def _beside(kube: Kube, name: str, levels: int) -> None:
    poison = f"{name}-poison"
    made = poisoned(kube, flow_run(poison, "result = 1"), levels)
    assert made.returncode == 0, made.stderr
    kube.create(flow_run(name, "result = 7"))
    kube.wait(f"{name} to end", lambda: field(kube, "FlowRun", name, ".status.phase") == "Succeeded", 120)
    kube.wait("a refusal", lambda: field(kube, "FlowRun", poison, ".status.reason"))
    assert field(kube, "FlowRun", poison, ".status.reason") == "SpecInvalid"
    assert "50 levels" in field(kube, "FlowRun", poison, ".status.message")
