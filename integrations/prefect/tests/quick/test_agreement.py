"""What is done about a FlowRun and its flow run, for each pair that they may come to."""

from datetime import UTC, datetime, timedelta

import pytest
from prefect_daskflow.agreement import Run, State, Step, steps

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def run(phase: str = "Running", **more: object) -> Run:
    begun = phase not in ("", "Pending", "Starting")
    return Run(**{"name": "r", "submission": "s", "phase": phase, "begun": begun, "message": "M.", **more})  # type: ignore[arg-type]


def state(type_: str, ago: float = 0, **more: object) -> State:
    since = NOW - timedelta(seconds=ago)
    given = {"type": type_, "name": type_.title(), "since": since, "submission": "s", **more}
    return State(**given)  # type: ignore[arg-type]


LOST = run("Failed", reason="RunnerLost", message="The runner's pod is gone.")
WAITING = run("Starting", reason="Unschedulable", message="0/3 nodes are available.")

CASES = [
    # as it should be
    (run(), state("RUNNING"), ()),
    (run("Starting"), state("PENDING"), ()),
    (run("Succeeded"), state("COMPLETED"), ("settle",)),
    (run("Failed"), state("FAILED"), ("settle",)),
    (run("Cancelled"), state("CANCELLED"), ("settle",)),
    (run("Succeeded"), state("PAUSED", elsewhere=True), ("settle",)),
    (run("Succeeded"), state("SCHEDULED", elsewhere=True), ("settle",)),
    # its process is gone
    (LOST, state("RUNNING"), ("crash",)),
    (LOST, state("PENDING"), ("crash",)),
    (LOST, state("CANCELLING"), ("cancelled",)),
    (LOST, state("COMPLETED"), ("settle",)),
    (LOST, state("SCHEDULED"), ("crash",)),  # it waited in its process for Prefect's next try
    (LOST, state("PAUSED"), ("crash",)),  # it waited in its process to be resumed
    (run("Succeeded"), state("RUNNING"), ("crash",)),
    # deleted
    (run(gone=True), state("RUNNING"), ("crash",)),
    (run(gone=True), state("CANCELLING"), ("cancelled",)),
    (run("Succeeded", gone=True), state("COMPLETED"), ("settle",)),
    # cancelled in Kubernetes
    (run("Cancelled"), state("RUNNING"), ("cancelled",)),
    (run("Cancelled"), state("PENDING"), ("cancelled",)),
    # cancelled in Prefect
    (run("Starting"), state("CANCELLING"), ("cancel",)),
    (run("Starting", cancel=True), state("CANCELLING"), ()),
    (run(), state("CANCELLING", 40), ()),
    (run(), state("CANCELLING", 46), ("cancel",)),
    (run(grace=300.0), state("CANCELLING", 46), ()),
    (run(), state("CANCELLED", 46), ("cancel",)),
    (run(), state("CRASHED", 46), ("cancel",)),
    (run(), state("COMPLETED", 500), ()),  # its hooks take as long as they take
    # of an earlier submission, or deleted in Prefect
    (run(), state("RUNNING", submission="t"), ("cancel",)),
    (LOST, state("RUNNING", submission="t"), ("settle",)),
    (run(), None, ("cancel",)),
    (run("Cancelled"), None, ("settle",)),
    # held up
    (WAITING, state("PENDING"), ("tell",)),
    (run("Starting", reason="Unschedulable", told="Unschedulable"), state("PENDING"), ()),
    (run("Starting", reason="WaitingForWorkers"), state("PENDING"), ()),
]


@pytest.mark.parametrize(("found", "prefect", "done"), CASES)
def test_what_is_done(found: Run, prefect: State | None, done: tuple[str, ...]) -> None:
    assert tuple(step.what for step in steps(found, prefect, NOW)) == done


def test_it_is_said_why() -> None:
    assert steps(LOST, state("RUNNING"), NOW) == (Step("crash", "RunnerLost: The runner's pod is gone."),)
    assert steps(WAITING, state("PENDING"), NOW) == (Step("tell", "Unschedulable: 0/3 nodes are available."),)
    (deleted,) = steps(run(gone=True), state("RUNNING"), NOW)
    assert deleted.message == "FlowRun r was deleted."


def test_whatever_is_said_of_a_flow_run_that_has_ended_it_is_settled_in_the_end() -> None:
    for phase in ("Succeeded", "Failed", "Cancelled"):
        for type_ in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED"):
            (step,) = steps(run(phase), state(type_), NOW)
            assert step.what == "settle"
