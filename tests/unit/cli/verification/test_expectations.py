"""What is found wrong with observed states, and what is not."""

from collections.abc import Callable
from typing import Any

import pytest
from daskflow.api.names import DASK_CLUSTER, FLOW_RUN, GATE_JOURNAL
from daskflow.cli.verification import expectations as expects
from daskflow.cli.verification import histories
from daskflow.cli.verification import moments as when
from daskflow.cli.verification.observed import Observed

from tests.unit.cli.verification.seen import item, observed, pod, run, with_run

SUCCEEDED = {"phase": "Succeeded", "result": 45, "attempts": [{"number": 1, "outcome": "Succeeded"}]}
FAILED = {
    "phase": "Failed",
    "reason": "FlowFailed",
    "message": "ValueError: no (flow.py, line 3).",
    "failure": {"exception": "ValueError", "message": "no"},
    "failures": {"flow": 1, "infrastructure": 0, "start": 0},
    "attempts": [{"number": 1, "outcome": "Failed"}],
}


def test_an_end_is_told_with_all_that_is_wrong() -> None:
    seen = with_run({"phase": "Running"}, FAILED)
    assert expects.end("Failed", "FlowFailed")(seen) == ""
    assert expects.end("Succeeded")(seen) == (
        "check should be Succeeded and is Failed: FlowFailed: ValueError: no (flow.py, line 3)."
    )
    assert "Failed (RunnerLost)" in expects.end("Failed", "RunnerLost")(seen)
    assert expects.result(45)(with_run(SUCCEEDED)) == ""
    assert expects.result(44)(with_run(SUCCEEDED)) == "its result should be 44 and is 45"
    assert "should have succeeded" in expects.result(45)(seen)


def test_attempts_and_what_they_are_charged_to() -> None:
    seen = with_run(FAILED)
    assert expects.outcomes("Failed")(seen) == ""
    assert expects.outcomes("Failed", "Succeeded")(seen)
    assert expects.failures(flow=1)(seen) == ""
    assert expects.failures()(seen)
    assert expects.failure(exception="ValueError")(seen) == ""
    assert "traceback" in expects.failure(traceback="flow.py")(seen)


@pytest.mark.parametrize(
    ("message", "well"), [("it is no", True), ("yes", False), ("no" * 1000, False), ("no\nno", False)]
)
def test_a_message_is_a_line_with_these_words(message: str, well: bool) -> None:
    assert (expects.message("no")(with_run({"message": message})) == "") == well


def test_a_backoff_is_waited_for() -> None:
    times = [("12:00:00", "12:00:05"), ("12:00:08", "12:00:09")]
    attempts = [
        {"startTime": f"2026-01-01T{begin}Z", "endTime": f"2026-01-01T{end}Z"} for begin, end in times
    ]
    seen = with_run({"attempts": attempts})
    assert expects.waited(3)(seen) == ""
    assert expects.waited(10)(seen) == "the next attempt began 3 s after the one before, not 10 s"


def _pods(*made: tuple[str, int, int]) -> Observed:
    """Schedulers by name, with the versions at which they came and went."""
    versions: list[Any] = []
    for name, first, last in made:
        versions += [pod(name, "scheduler", version=first), (pod(name, "scheduler", version=last), True)]
    return observed(Pod=versions)


def test_one_scheduler_after_another() -> None:
    assert histories.one_after_another("scheduler")(_pods(("check-1", 1, 5), ("check-2", 6, 9))) == ""
    assert histories.one_after_another("scheduler")(_pods(("check-1", 1, 7), ("check-2", 6, 9)))
    ended = pod("check-1", "scheduler", "Failed", version=5), (pod("check-1", "scheduler", version=8), True)
    seen = observed(Pod=[pod("check-1", "scheduler"), *ended, pod("check-2", "scheduler", version=6)])
    assert histories.one_after_another("scheduler")(seen) == "", "a stopped pod may stay for its log"


GATED = {"schedulingGates": [{"name": GATE_JOURNAL}]}


@pytest.mark.parametrize(
    ("written", "opened", "well"), [(2, 3, True), (4, 3, False), (0, 3, False), (2, 0, True)]
)
def test_a_gate_opens_after_it_was_written_down_whose_it_is(written: int, opened: int, well: bool) -> None:
    runner = [{**pod("check-1-runner", "runner", version=1), "spec": GATED}]
    if opened:
        runner.append({**pod("check-1-runner", "runner", version=opened), "spec": {}})
    status = {"attempts": [{"runner": {"uid": "uid-check-1-runner"}}]}
    runs = [item("check", 1, status={})]
    if written:
        runs.append(item("check", written, status=status))
    found = histories.gated_until_written_down(observed(Pod=runner, **{FLOW_RUN: runs}))
    assert (found == "") == well


def test_a_runner_without_a_gate_is_wrong() -> None:
    seen = observed(Pod=[pod("check-1-runner", "runner")], **{FLOW_RUN: run(SUCCEEDED)})
    assert "without the gate" in histories.gated_until_written_down(seen)


def _run_of(tick: str, version: int, ended: int = 0) -> list[Any]:
    label = tick.replace("-", "").replace(":", "")
    metadata = {
        "labels": {"daskflow.dev/scheduled-time": label},
        "annotations": {"daskflow.dev/scheduled-time": tick},
    }
    versions = [item(f"check-{label.lower()}", version, metadata=metadata, status={})]
    if ended:
        status = {"phase": "Succeeded", "completionTime": "2026-01-01T12:00:15Z"}
        versions.append(item(f"check-{label.lower()}", ended, metadata=metadata, status=status))
    return versions


FIRST, SECOND = "2026-01-01T12:00:00Z", "2026-01-01T12:00:10Z"


def test_ticks() -> None:
    both = [*_run_of(FIRST, 2, 5), *_run_of(SECOND, 7, 9)]
    schedule = item("check", 3, status={"lastScheduleTime": FIRST})
    seen = observed(**{FLOW_RUN: both, "FlowSchedule": [schedule]})
    assert histories.no_tick_twice(seen) == ""
    assert histories.never_beside(seen) == ""
    assert histories.made_before_settled(seen) == ""
    assert histories.no_tick_before_change(0)(seen) == ""
    assert "before the schedule had it" in histories.no_tick_before_change(20)(seen)

    early = observed(**{FLOW_RUN: both, "FlowSchedule": [item("check", 1, status=schedule["status"])]})
    assert "settled before" in histories.made_before_settled(early)
    beside = observed(**{FLOW_RUN: [*_run_of(FIRST, 2, 8), *_run_of(SECOND, 7, 9)]})
    assert "was live" in histories.never_beside(beside)


def test_waits_of_pods_that_die_have_to_grow() -> None:
    def made(*seconds: int) -> Observed:
        return observed(
            Pod=[
                pod(f"check-{at}", "worker", metadata={"creationTimestamp": f"2026-01-01T12:00:{at:02}Z"})
                | {}
                for at in seconds
            ]
        )

    assert histories.waits_grow("worker")(made(0, 2, 6, 14)) == ""
    assert histories.waits_grow("worker")(made(0, 2, 4, 6))
    assert histories.waits_grow("worker")(made(0, 2))


MOMENTS: list[tuple[Any, Callable[[], Observed], bool]] = [
    (when.phase("Running"), lambda: with_run({"phase": "Running"}), True),
    (when.phase("Running"), lambda: with_run({"phase": "Starting"}), False),
    (when.ended(), lambda: with_run({"phase": "Cancelled"}), True),
    (when.gone(FLOW_RUN), lambda: observed(**{FLOW_RUN: [(item("check"), True)]}), True),
    (when.gone(FLOW_RUN), lambda: observed(**{FLOW_RUN: run({})}), False),
    (when.gone(FLOW_RUN), lambda: observed(), False),
    (when.pods(1, "worker"), lambda: observed(Pod=[pod("check-a", "worker")]), True),
    (when.pods(1, "worker"), lambda: observed(Pod=[pod("check-a", "worker", "Failed")]), False),
    (when.no_pods(), lambda: observed(Pod=[pod("check-a", "worker", "Failed")]), False),
    (when.stopped_pods(1), lambda: observed(Pod=[pod("check-a", "worker", "Failed")]), True),
    (when.new_pod("worker"), lambda: observed(Pod=[pod("check-a", "worker")]), False),
    (when.gone_clusters(), lambda: observed(**{DASK_CLUSTER: [(item("check-a"), True)]}), True),
    (when.gone_clusters(), lambda: observed(), False),
    (when.progressing(), lambda: with_run({"progress": {"done": 1, "total": 3}}), True),
    (when.progressing(), lambda: with_run({"progress": {"done": 3, "total": 3}}), False),
    (when.no(when.ended()), lambda: with_run({"phase": "Running"}), True),
]


@pytest.mark.parametrize(("moment", "seen", "here"), MOMENTS)
def test_moments(moment: Any, seen: Callable[[], Observed], here: bool) -> None:
    assert moment.here(seen()) == here


def test_a_cluster_is_ready_when_its_status_is_of_its_spec() -> None:
    def cluster(observed_generation: int) -> Observed:
        status = {
            "phase": "Ready",
            "observedGeneration": observed_generation,
            "workers": {"desired": 2, "ready": 2},
        }
        return observed(**{DASK_CLUSTER: [item("check", metadata={"generation": 3}, status=status)]})

    assert when.registered(2).here(cluster(3))
    assert not when.registered(2).here(cluster(2))
    assert not when.registered(1).here(cluster(3))


CLAIM = {"pool": "check", "reason": "Claimed", "message": "It had waited."}


def test_what_an_attempt_has_of_its_pool() -> None:
    seen = with_run({"phase": "Succeeded", "attempts": [{"number": 1, "claim": CLAIM}]})
    assert expects.claimed("Claimed", "waited")(seen) == ""
    assert "DoesNotFit (spec.env)" in expects.claimed("DoesNotFit", "spec.env")(seen)
    assert expects.claimed("Claimed")(with_run(SUCCEEDED)).endswith("has nothing")
    assert when.claimed_ahead().here(seen)
    assert not when.claimed_ahead().here(with_run(SUCCEEDED))


@pytest.mark.parametrize(("uids", "well"), [(("a", "b"), True), (("a", "a"), False)])
def test_clusters_of_two_runs_are_not_the_same(uids: tuple[str, str], well: bool) -> None:
    runs = [
        run({"attempts": [{"number": 1, "clusterUid": uid}]}, name=f"check-{part}")
        for part, uid in zip(("one", "two"), uids, strict=True)
    ]
    seen = observed(**{FLOW_RUN: [*runs[0], *runs[1]]})
    assert (expects.never_shared("one", "two")(seen) == "") == well


def test_so_many_clusters_of_a_pool_wait() -> None:
    seen = observed(ClusterPool=[item("check", status={"ready": 1})])
    assert when.waiting(1).here(seen)
    assert not when.waiting(2).here(seen)
