"""What makes a run what it is cannot change once it exists; what steers it can."""

from typing import Any

import pytest

from tests.e2e.flows import flow_run
from tests.kube import Kube, apply

LIVE = flow_run("run", "result = 1", deadlines={"active": "1d", "start": "10m"})


def with_spec(**fields: Any) -> dict[str, Any]:
    """The run with these fields of its spec replaced."""
    return {**LIVE, "spec": {**LIVE["spec"], **fields}}


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        (with_spec(image="other:1"), "spec.image cannot change"),
        (with_spec(flow={"script": "result = 2"}), "spec.flow cannot change"),
        (with_spec(flow={"script": "result = 1", "parameters": {"a": 1}}), "spec.flow cannot change"),
        (with_spec(env=[{"name": "A", "value": "1"}]), "spec.env cannot change"),
        (with_spec(template={"spec": {"nodeSelector": {"a": "b"}}}), "spec.template cannot change"),
        (
            with_spec(cluster={"workers": {"replicas": 1, "threads": 2}}),
            "spec.cluster.workers.threads cannot",
        ),
        (with_spec(cluster={"workers": {"replicas": 1}, "config": {"a": 1}}), "spec.cluster.config cannot"),
        (with_spec(deadlines={"active": "25h", "start": "10m"}), "spec.deadlines.active may be lowered"),
        (with_spec(deadlines={"start": "10m"}), "spec.deadlines.active may be lowered"),
        (with_spec(deadlines=None), "spec.deadlines.start may be lowered"),
        (with_spec(cancelGracePeriod="1s"), "spec.cancelGracePeriod cannot change"),
        (with_spec(deadlines={"active": "1d", "start": "601s"}), "spec.deadlines.start may be lowered"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_refused_with_a_sentence(kube: Kube, changed: dict[str, Any], says: str) -> None:
    assert apply(kube, LIVE).returncode == 0
    answer = apply(kube, changed)
    assert answer.returncode != 0
    assert says in answer.stderr


@pytest.mark.parametrize(
    "changed",
    [
        with_spec(retries={"limit": 3}),
        with_spec(retention={"runner": {"onSuccess": "1h"}}),
        with_spec(suspend=True),
        with_spec(cancel=True),
        with_spec(cluster={"workers": {"replicas": 3}}),
        with_spec(deadlines={"active": "1h30m", "start": "10m"}),
        with_spec(quietHours={"start": "22:00", "end": "06:00", "timeZone": "Europe/Berlin"}),
        with_spec(quietHours={"start": "00:00", "end": "24:00", "days": ["Sat", "Sun"]}),
    ],
    ids=["retries", "retention", "suspend", "cancel", "workers", "deadline", "quiet hours", "quiet days"],
)
def test_allowed(kube: Kube, changed: dict[str, Any]) -> None:
    assert apply(kube, LIVE).returncode == 0
    answer = apply(kube, changed)
    assert answer.returncode == 0, answer.stderr


def test_the_default_of_a_deadline_counts_when_it_is_raised(kube: Kube) -> None:
    plain = {**LIVE, "spec": {key: value for key, value in LIVE["spec"].items() if key != "deadlines"}}
    assert apply(kube, plain).returncode == 0
    answer = apply(kube, with_spec(deadlines={"start": "5h"}))
    assert "spec.deadlines.start may be lowered" in answer.stderr


def test_anything_may_change_while_suspended(kube: Kube) -> None:
    assert apply(kube, with_spec(suspend=True)).returncode == 0
    kube.reached("FlowRun", "run", "Suspended")
    answer = apply(kube, with_spec(suspend=True, flow={"script": "result = 2"}))
    assert answer.returncode == 0, answer.stderr
    answer = apply(kube, with_spec(flow={"script": "result = 3"}))
    assert answer.returncode == 0, answer.stderr
    assert kube.ended("run")["result"] == 3
