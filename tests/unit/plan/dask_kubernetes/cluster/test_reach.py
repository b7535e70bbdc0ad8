"""Whether a Service leads to the scheduler is told, since clients and workers only wait."""

from typing import Any

import pytest

from tests.unit.plan.dask_kubernetes.stage import Stage, a_cluster


@pytest.mark.parametrize(
    ("service", "words"),
    [
        ({"selector": None}, "it has no selector"),
        ({"selector": {"app": "x"}}, "no label app=x"),
        ({"ports": [{"name": "a", "port": 1, "targetPort": "tcp-com"}]}, "for one named tcp-com,"),
    ],
)
def test_a_service_that_leads_nowhere_is_told_of(service: Any, words: str) -> None:
    stage = a_cluster(scheduler={"service": service}).settled().run().settled()
    assert stage.status["phase"] == "Running"
    assert stage.status["reason"] == "SchedulerUnreachable"
    assert words in stage.status["message"]
    assert [reason for reason, _ in stage.events] == ["SchedulerUnreachable"]


@pytest.mark.parametrize("target", [8786, "8786", "tcp-comm", None])
def test_one_that_leads_to_it_is_not(target: Any) -> None:
    service = {"ports": [{"name": "tcp-comm", "port": 8786, "targetPort": target}]}
    assert a_cluster(scheduler={"service": service}).settled().run().settled().events == ()


def test_a_load_balancer_that_stays_without_an_address_is_told_of_after_a_while() -> None:
    stage = a_cluster(scheduler={"service": {"type": "LoadBalancer"}}).settled().run().settled()
    assert stage.status["message"] == ""
    assert stage.plan().requeue_at is not None
    late: Stage = stage.later(seconds=31).settled()
    assert late.status["phase"] == "Pending"
    assert "LoadBalancer has no address" in late.status["message"]
