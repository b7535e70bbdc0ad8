"""How long steps take, in lives of the simulation: each is observed once, by who leads."""

import logging
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from daskflow.api.names import ANNOTATION_SCHEDULED_TIME, LABEL_COMPONENT, LABEL_RUN, RUNNER, SCHEDULER
from daskflow.controller.metrics.milestones import Milestones, _source
from daskflow.controller.metrics.registry import Registry
from daskflow.plan.model import Key

from tests.simulation import loop
from tests.simulation.cases import Case
from tests.simulation.kubernetes.objects import instant
from tests.simulation.world import World


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)


def lived(scenario: str, leads: Callable[[], bool] = lambda: True) -> dict[str, float]:
    """What was counted and observed in this life, by name and labels."""
    registry = Registry()

    async def live() -> None:
        world = World(Case(scenario))
        world.operator.store._told = Milestones(registry, leads, instant).told
        await world.live()

    loop.run(live())
    pattern = r"^daskflow_((?:run|runs|scaling|schedule|start)_\S+) (\S+)$"
    samples = re.findall(pattern, registry.text().decode(), re.M)
    return {name: float(value) for name, value in samples if float(value)}


def test_a_run_that_succeeds_has_each_step_once() -> None:
    found = lived("success")
    for step in ("pods_created", "first_line", "end_known", "pods_gone"):
        assert found[f"run_{step}_seconds_count"] == 1, step
    assert 0 < found["run_pods_created_seconds_sum"] < 2
    assert found["run_pods_created_seconds_sum"] < found["run_first_line_seconds_sum"] < 30
    assert found["run_end_known_seconds_sum"] < 3
    assert found['runs_ended_total{phase="Succeeded",reason=""}'] == 1
    assert found['run_attempts_total{outcome="Succeeded",reason="Succeeded"}'] == 1


def test_attempts_are_counted_and_the_first_is_timed() -> None:
    found = lived("retry")
    assert found["run_pods_created_seconds_count"] == 1
    assert found["run_first_line_seconds_count"] == 1
    assert found['run_attempts_total{outcome="Failed",reason="FlowFailed"}'] >= 1
    assert sum(value for name, value in found.items() if name.startswith("runs_ended_total")) == 1


@pytest.mark.parametrize(("scenario", "source"), [("success", "cold"), ("claimed", "warm")])
def test_starts_are_told_apart_by_what_had_waited(scenario: str, source: str) -> None:
    found = lived(scenario)
    assert [name for name in found if name.startswith("start_seconds_count")] == [
        f'start_seconds_count{{source="{source}"}}'
    ]


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ({"reason": "Claimed"}, "warm"),
        ({"reason": "Claimed", "waited": True}, "warm"),
        ({"reason": "Claimed", "waited": False}, "cold"),
        ({"reason": "PoolEmpty"}, "cold"),
    ],
)
def test_one_that_was_starting_when_it_was_claimed_is_no_warm_start(
    claim: dict[str, Any], source: str
) -> None:
    assert _source({"attempts": [{"claim": claim}]}) == source


def test_who_stands_by_counts_nothing() -> None:
    assert lived("success", leads=lambda: False) == {}


def test_a_run_that_waits_for_quiet_hours_says_nothing_of_starts() -> None:
    found = lived("created within quiet hours")
    assert "run_pods_created_seconds_count" not in found
    assert "run_first_line_seconds_count" not in found
    assert found["run_end_known_seconds_count"] == 1


def test_what_attempts_used_is_counted_as_they_are_closed() -> None:
    attempts = lived("a report of each attempt")
    assert attempts['run_spilled_bytes_total{run_namespace="default"}'] == 3 * 2**30
    once = lived("a report of a success")
    paid, busy = (
        once[f'run_thread_seconds_total{{run_namespace="default",state="{state}"}}']
        for state in ("paid", "busy")
    )
    assert paid == pytest.approx(4 * busy, abs=1)
    assert 30 < busy < 60


def test_a_report_is_counted_once_when_two_attempts_have_closed_unseen() -> None:
    registry = Registry()
    key = Key("FlowRun", "data", "etl")

    def run(closed: int) -> dict[str, Any]:
        attempts: list[dict[str, Any]] = [
            {"number": number, "startTime": "2026-03-01T12:00:00Z", "endTime": "2026-03-01T12:01:00Z"}
            for number in range(1, closed + 1)
        ]
        report = {"seconds": 60, "tasks": 1, "threadSeconds": {"paid": 100, "busy": 50}}
        status = {"phase": "Running", "attempts": attempts, **({"report": report} if closed else {})}
        return {
            "kind": "FlowRun",
            "metadata": {"name": "etl", "namespace": "data", "uid": "u"},
            "status": status,
        }

    milestones = Milestones(registry, lambda: True, lambda: datetime.now(UTC))
    milestones.told(key, run(0), None)
    milestones.told(key, run(2), run(0))
    said = registry.text().decode()
    assert 'daskflow_run_thread_seconds_total{run_namespace="data",state="paid"} 100' in said
    assert 'daskflow_run_attempts_total{outcome="Failed",reason=""} 2' in said


def test_decisions_on_workers_are_counted_by_direction() -> None:
    found = lived("scaled back and forth")
    assert found['scaling_decisions_total{direction="up"}'] >= 1
    assert found['scaling_decisions_total{direction="down"}'] >= 1


def test_ticks_are_timed() -> None:
    found = lived("schedule")
    assert found["schedule_lateness_seconds_count"] >= 3
    assert found["schedule_lateness_seconds_sum"] < 5


POD, RUN = Key("Pod", "data", "etl-scheduler"), Key("FlowRun", "data", "etl")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def put(key: Key, status: dict[str, Any] | None = None, **meta: Any) -> Registry:
    """What is said of one object that has just come."""
    registry = Registry()

    async def within() -> None:
        meta.update(namespace=key.namespace, name=key.name, uid="u")
        body = {"metadata": meta, "status": status or {}}
        Milestones(registry, lambda: True, lambda: NOW).told(key, body, None)

    loop.run(within())
    return registry


@pytest.mark.parametrize("component", [{}, {LABEL_COMPONENT: SCHEDULER}])
def test_a_pod_that_ends_need_not_say_what_it_is(component: dict[str, str]) -> None:
    put(POD, labels={LABEL_RUN: "etl", **component}, deletionTimestamp="2026-03-01T12:00:00Z")


@pytest.mark.parametrize("time", [None, "", "soon"])
def test_a_runner_that_never_started_ends_without_a_time(time: str | None) -> None:
    """So a kubelet tells of a container without its image whose pod is ended."""
    ended = {"exitCode": 137, "reason": "ContainerStatusUnknown", "startedAt": time, "finishedAt": time}
    status = {"containerStatuses": [{"name": RUNNER, "state": {"terminated": ended}}]}
    put(POD, status, labels={LABEL_RUN: "etl", LABEL_COMPONENT: RUNNER})


@pytest.mark.parametrize(
    ("written", "observed"),
    [("2026-03-01T11:59:58Z", 1.0), ("2026-03-01T11:59:58", 0.0), ("2026-03-01", 0.0), ("soon", 0.0)],
)
def test_a_time_that_somebody_has_written_by_hand_is_no_lateness(written: str, observed: float) -> None:
    text = put(
        RUN, annotations={ANNOTATION_SCHEDULED_TIME: written}, creationTimestamp="2026-03-01T11:59:59Z"
    ).text()
    assert f"daskflow_schedule_lateness_seconds_count {observed}" in text.decode()
