"""Workers of which only the simulation had thought."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.unit.plan import test_daskcluster as dask
from tests.unit.plan.stage import NOW, pod


def _dying(*living: dict[str, Any]) -> dask.Stage:
    """Six workers have died young, and others are there."""
    dead = tuple(dask.worker(number, exit_code=1, at=NOW) for number in range(6))
    status = {"phase": "Degraded", "scheduler": {"pod": "s", "uid": "s"}}
    children = (dask.SERVICE, dask.scheduler(started=True, uid="s"), *dead, *living)
    return dask.Stage(children, status=status, created=dask.SECRET, now=NOW + timedelta(seconds=59))


def test_workers_that_live_for_a_minute_end_the_alarm() -> None:
    alarm = _dying(dask.worker(6, started=True), dask.worker(7, started=True))
    assert alarm.plan().requeue_at == NOW + timedelta(minutes=1)
    assert (alarm.applied().status or {})["reason"] == "WorkersFailing"
    assert (replace(alarm, now=NOW + timedelta(minutes=1)).applied().status or {})["phase"] == "Ready"


def test_no_worker_is_made_for_a_scheduler_that_was_told_to_go() -> None:
    told = {**pod(f"{dask.BASE}-scheduler", "scheduler", uid="s"), "spec": {"activeDeadlineSeconds": 1}}
    status = {"phase": "Ready", "scheduler": {"pod": "s", "uid": "s"}}
    assert dask.Stage((dask.SERVICE, told), status=status, created=dask.SECRET).plan().creates == ()
