"""Waits for a run's end in the task's own process, and makes of it what the task returns or raises."""

import time
from typing import Any

from airflow_provider_daskflow.hook import DaskflowHook
from airflow_provider_daskflow.outcome import Ended, Run, described, ended, failure, gone, outcome
from airflow_provider_daskflow.runner_log import RunnerLog


class Waiting:
    """That of one run, with the log of its runner where that is to be shown."""

    def __init__(self, hook: DaskflowHook, runner: RunnerLog | None, interval: float, log: Any) -> None:
        self._hook, self._runner, self._interval, self._log = hook, runner, interval, log

    def end(self, run: Run) -> Ended:
        """How it ended. Raises AirflowException when it cannot be read."""
        name, namespace = run["metadata"]["name"], run["metadata"]["namespace"]
        said, uid = "", run["metadata"]["uid"]
        seen: Run | None = run
        while seen is not None and seen["metadata"]["uid"] == uid:
            if (now := described(seen)) != said:
                said = now
                self._log.info("FlowRun %s/%s: %s", namespace, name, said)
            if ended(seen):
                return outcome(seen)
            self._show()
            time.sleep(self._interval)
            seen = self._hook.get(name, namespace)
        return gone(name, namespace)

    def result(self, end: Ended) -> Any:
        """What the flow returned. Raises AirflowException where it did not."""
        self._show(last=True)
        if end["phase"] is not None:
            self._hook.report(end["name"], end["namespace"])
        if end["traceback"]:
            self._log.error("%s", end["traceback"])
        if error := failure(end):
            raise error
        if end["note"]:
            self._log.warning("The result of FlowRun %s/%s: %s", end["namespace"], end["name"], end["note"])
        return end["result"]

    def _show(self, last: bool = False) -> None:
        if self._runner is None:
            return
        for line in self._runner.news(last):
            self._log.info("[runner] %s", line)
        if last and self._runner.refused:
            self._log.warning(
                "There is no log of the runner: %s; get_logs=False asks for none", self._runner.refused
            )
