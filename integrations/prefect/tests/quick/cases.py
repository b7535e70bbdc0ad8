"""Workers and flow runs between a real server of Prefect and the API of Kubernetes."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from prefect.settings import PREFECT_API_URL, PREFECT_LOGGING_TO_API_BATCH_INTERVAL, temporary_settings
from prefect_daskflow import DaskflowWorker, names

from integrations.prefect.tests.quick.fake_kubernetes import FakeKubernetes
from integrations.prefect.tests.server import Server

POOL = "dask"
REACHED = "http://prefect.example.com/api"


@asynccontextmanager
async def working(server: Server, name: str = "w") -> AsyncIterator[DaskflowWorker]:
    settings = {PREFECT_API_URL: server.url, PREFECT_LOGGING_TO_API_BATCH_INTERVAL: 0.1}
    with temporary_settings(settings):
        async with DaskflowWorker(work_pool_name=POOL, name=name) as worker:
            yield worker


async def until(what: str, look: Callable[[], Any], seconds: float = 20) -> Any:
    end = asyncio.get_running_loop().time() + seconds
    while not (found := await asyncio.to_thread(look)):
        assert asyncio.get_running_loop().time() < end, f"waited in vain for {what}"
        await asyncio.sleep(0.05)
    return found


class Case:
    """One flow run, and its FlowRun."""

    def __init__(self, server: Server, deployment: str, kubernetes: FakeKubernetes) -> None:
        self.server, self.kubernetes = server, kubernetes
        body = {"state": {"type": "SCHEDULED"}, "name": f"run-{uuid4().hex[:6]}"}
        self.id = str(server.ask(f"/deployments/{deployment}/create_flow_run", body)["id"])

    @property
    def names(self) -> list[str]:
        found = self.kubernetes.runs.items()
        return [name for name, run in found if run["metadata"]["labels"][names.FLOW_RUN] == self.id]

    async def submitted(self, worker: DaskflowWorker, count: int = 1) -> str:
        """The name of its newest FlowRun, once the worker has made that."""
        await worker.get_and_submit_flow_runs()
        await until(f"FlowRun {count}", lambda: len(self.names) == count)
        name = self.names[-1]
        await until("the pid", lambda: name in (self.flow_run()["infrastructure_pid"] or ""))
        return name

    def flow_run(self) -> dict[str, Any]:
        return dict(self.server.ask(f"/flow_runs/{self.id}"))

    async def becomes(self, type_: str) -> str:
        """The message of its state, once that is of this type."""
        await until(f"{type_}", lambda: self.server.state(self.id)["type"] == type_)
        return str(self.server.state(self.id)["message"])

    def begin(self, name: str) -> None:
        """As the runner does, and the operator."""
        self.server.set_state(self.id, "RUNNING")
        self.kubernetes.status(name, phase="Running", flowStartTime="2026-01-01T00:00:00Z")


async def settled(kubernetes: FakeKubernetes, name: str) -> None:
    await until("its end", lambda: names.SETTLED in kubernetes.runs[name]["metadata"]["annotations"])
