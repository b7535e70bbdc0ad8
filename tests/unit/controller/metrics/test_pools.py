"""What it costs that clusters wait."""

from typing import Any

from daskflow.api.names import LABEL_POOL, LABEL_RUN
from daskflow.controller.metrics.pools import Waiting
from daskflow.controller.metrics.registry import Registry

from tests.unit.plan.pool.stage import full


def pod(**labels: str) -> dict[str, Any]:
    """One of a pool's."""
    return {"kind": "Pod", "metadata": {"name": "p", "labels": {LABEL_POOL: "small", **labels}}}


def test_pods_that_wait_cost_their_time() -> None:
    registry, waiting = Registry(), Waiting()
    objects = [*full(ready=3).with_status({}, 2).units, pod(), pod(), pod(**{LABEL_RUN: "etl"})]
    for now, leads in ((100.0, True), (130.0, True), (140.0, False), (1000.0, True)):
        seen = waiting.begin()
        for each in objects:
            seen.look(each)
        waiting.done(registry, seen, now, leads=leads)
    lines = registry.text().decode().splitlines()
    assert 'daskflow_pool_units{state="waiting"} 2.0' in lines
    assert 'daskflow_pool_units{state="starting"} 1.0' in lines
    assert "daskflow_pool_idle_pod_seconds_total 60.0" in lines
