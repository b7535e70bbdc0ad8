"""An API server that speaks HTTP, for the real client and the whole process."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.simulation.kubernetes.http import HttpServer


@pytest.fixture
async def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[HttpServer]:
    server = HttpServer()
    await server.start()
    config = tmp_path / "kubeconfig"
    config.write_text(server.kubeconfig())
    monkeypatch.setenv("KUBECONFIG", str(config))
    monkeypatch.setattr("kubernetes.aio.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION", str(config))
    yield server
    await server.stop()
