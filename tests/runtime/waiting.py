"""Clusters that wait for a run, as processes, and the operator's part in claiming them."""

import json
import os
from typing import Any

from daskflow.runtime.runner.control_client import ControlClient

from tests.runtime.conftest import Pod, Pods, eventually


class Waiting:
    """Scheduler, workers and a runner that is parked; for processes that have the cluster's secret."""

    def __init__(self, pods: Pods, workers: int = 1, seconds: float = 600, **environment: Any) -> None:
        self.pods = pods
        self.wanted = workers
        self.scheduler = pods.scheduler(DASKFLOW_STANDBY_SECONDS=seconds, **environment)
        self.workers = [pods.worker(number, **environment) for number in range(workers)]
        self.runner: Pod = pods.runner({}, workers, DASKFLOW_STANDBY=1, **environment)
        self.control = ControlClient(pods.control_url, "operator")

    def state(self) -> dict[str, Any]:
        return self.control.watch(-1, 0)

    def parked(self) -> dict[str, Any]:
        """Its state, once it waits."""
        eventually(self.scheduler.ready, 30)

        def found() -> Any:
            state = self.state()
            return state if state["standby"]["parked"] and state["registered"] >= self.wanted else None

        return dict(eventually(found, 60))

    def claim(
        self, flow: dict[str, Any], run: str = "run-1", attempt: int = 1, archive: str = "", **more: Any
    ) -> dict[str, Any]:
        """What the scheduler answers. `more`: variables, beyond what a runner's pod is told of its run."""
        told = {"DASKFLOW_RUN": "etl", "DASKFLOW_RUN_UID": run, "DASKFLOW_ATTEMPT": str(attempt)}
        told |= {"DASKFLOW_FLOW": json.dumps(flow), **more}
        if flow.get("entrypoint"):
            told["DASKFLOW_ENTRYPOINT"] = flow["entrypoint"]
        body = {"run": run, "attempt": attempt, "variables": told, "archive": archive}
        return self.control._ask("POST", "/v1/claim", body, 10)

    def outcome(self) -> dict[str, Any]:
        """Of the run, once all is gone."""
        outcome = self.runner.outcome()
        assert self.scheduler.wait(15) == 0, self.scheduler.log()
        assert [worker.wait(15) for worker in self.workers] == [0] * len(self.workers)
        return outcome


def pid_of_flow(runner: Pod) -> int:
    """Of the process that is to run the flow, a child of the runner's."""
    with open(f"/proc/{runner.popen.pid}/task/{runner.popen.pid}/children") as file:
        return int(file.read().split()[0])


def unread(pods: Pods) -> list[str]:
    """What claims left in the runner's folder."""
    return [name for name in os.listdir(pods.folder / "runner.scratch") if name.endswith("claim.json")]
