"""A real server of Prefect, with a pool and a deployment, and an API of Kubernetes."""

import json
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from kubernetes_asyncio.config import kube_config
from prefect_daskflow import DaskflowWorker

from integrations.prefect.tests.quick.cases import POOL, REACHED
from integrations.prefect.tests.quick.fake_kubernetes import FakeKubernetes
from integrations.prefect.tests.server import Server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    made = Server(tmp_path_factory.mktemp("server"), port=port)
    made.start()
    yield made
    made.kill()


@pytest.fixture(scope="session")
def deployment(server: Server) -> str:
    template = DaskflowWorker.get_default_base_job_template()
    fields = template["variables"]["properties"]
    fields["image"]["default"], fields["env"]["default"] = "flows:1", {"PREFECT_API_URL": REACHED}
    server.ask("/work_pools/", {"name": POOL, "type": "daskflow", "base_job_template": template})
    flow = server.ask("/flows/", {"name": "etl"})["id"]
    body = {"name": "d", "flow_id": flow, "work_pool_name": POOL, "entrypoint": "etl.py:etl"}
    return str(server.ask("/deployments/", body)["id"])


@pytest.fixture
async def kubernetes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[FakeKubernetes]:
    made = FakeKubernetes()
    await made.start()
    part = {
        "cluster": {"server": made.url},
        "user": {},
        "context": {"cluster": "a", "user": "a", "namespace": "flows"},
    }
    listed = {f"{kind}s": [{"name": "a", kind: value}] for kind, value in part.items()}
    config = tmp_path / "kubeconfig"
    config.write_text(json.dumps({"apiVersion": "v1", "kind": "Config", "current-context": "a", **listed}))
    monkeypatch.setattr(kube_config, "KUBE_CONFIG_DEFAULT_LOCATION", str(config))
    monkeypatch.setenv("PREFECT_DASKFLOW_PERIOD", "0.3")
    yield made
    await made.stop()
