"""Schedules on a real kubelet: the example's runs, an operator that is killed, and deletion in both ways."""

from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from tests.e2e.operator import Operator
from tests.kube import Kube, apply, kubectl

EXAMPLE = Path(__file__).parents[2] / "examples" / "schedule" / "flowschedule.yaml"
SCHEDULED_TIME = "daskflow.dev/scheduled-time"


def _runs(kube: Kube) -> dict[str, dict[str, Any]]:
    """All runs by their ticks, oldest first."""
    found = kube.items("FlowRun")
    runs = {run["metadata"]["annotations"][SCHEDULED_TIME]: run for run in found}
    assert len(runs) == len(found), "two runs of one tick"
    return dict(sorted(runs.items()))


def _succeeded(kube: Kube) -> list[dict[str, Any]]:
    return [run for run in _runs(kube).values() if (run.get("status") or {}).get("phase") == "Succeeded"]


def _seconds_apart(ticks: list[str]) -> set[float]:
    times = [datetime.fromisoformat(tick) for tick in ticks]
    return {(later - earlier) / timedelta(seconds=1) for earlier, later in pairwise(times)}


def test_the_example_runs_once_a_tick_and_its_runs_outlive_it(kube: Kube, operator: Operator) -> None:
    applied = kubectl("apply", "-n", kube.namespace, "-f", str(EXAMPLE))
    assert applied.returncode == 0, applied.stderr
    first = kube.wait("the first run", lambda: list(_runs(kube).values()))[0]
    operator.kill()
    kube.wait("the first run to succeed", lambda: _succeeded(kube), 90)
    kube.wait("the second run", lambda: len(_runs(kube)) > 1, 60)
    runs = _runs(kube)
    assert _seconds_apart(list(runs)) <= {15, 30, 45}
    result = kube.run_status(first["metadata"]["name"])["result"]
    assert result["seconds"] == 15
    assert datetime.fromisoformat(result["end"]).utcoffset() in (timedelta(hours=1), timedelta(hours=2))
    assert first["metadata"]["labels"]["team"] == "data"
    assert first["metadata"]["labels"]["daskflow.dev/schedule"] == "window"

    listed = kubectl("get", "fs", "-n", kube.namespace).stdout
    head, line = (text.split() for text in listed.splitlines())
    assert head[:7] == ["NAME", "SCHEDULE", "ZONE", "NEXT", "LAST", "ACTIVE", "LAST-OUTCOME"]
    assert line[:4] == ["window", "every", "15s", "Europe/Berlin"]
    kube.wait("the Event", lambda: ("Normal", "RunStarted") in kube.events("window"), 5)

    again = kubectl("apply", "-n", kube.namespace, "-f", str(EXAMPLE))
    assert "unchanged" in again.stdout

    # Deleted without its runs while one is live: that one goes on to its end.
    kube.wait("a live run", lambda: len(_runs(kube)) > len(_succeeded(kube)), 60)
    gone = kubectl("delete", "fs", "window", "-n", kube.namespace, "--cascade=orphan")
    assert gone.returncode == 0, gone.stderr
    kube.wait(
        "the runs to lose their owner",
        lambda: not any(run["metadata"].get("ownerReferences") for run in kube.items("FlowRun")),
    )
    kept = _runs(kube)
    kube.wait("all runs to succeed", lambda: len(_succeeded(kube)) == len(kept), 60)
    assert list(_runs(kube)) == list(kept)


def test_deleting_a_schedule_deletes_its_runs(kube: Kube) -> None:
    manifest = yaml.safe_load(EXAMPLE.read_text())
    manifest["spec"] |= {"interval": "10s", "concurrencyPolicy": "Allow"}
    manifest["spec"]["template"]["spec"]["suspend"] = True  # without any pods
    answer = apply(kube, manifest)
    assert answer.returncode == 0, answer.stderr
    kube.wait("two runs", lambda: len(_runs(kube)) == 2, 40)
    assert _seconds_apart(list(_runs(kube))) == {10}
    kube.delete("FlowSchedule", "window")
    kube.wait("the runs to go", lambda: not kube.items("FlowRun"), 40)
