"""Fixtures for dask-kubernetes' tests under the names of its own conftest, which needs Docker and kind.

A pytest plugin for `--noconftest -p`, in a Python that has dask-kubernetes and nothing of ours. The operator
is the one that `make install` has installed.
"""

import json
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import dask.config
import pytest

from integrations.dask_kubernetes.upstream.cluster import (
    THEIR_IMAGE,
    Cluster,
    events,
    kubectl,
    without_operator,
)
from integrations.dask_kubernetes.upstream.verdicts import KNOWN

IMAGE = "DASKFLOW_DOORS_IMAGE"
"""Environment variable: what their tests run in pods."""
KNOWN_SECONDS = 20
REPORT = "DASKFLOW_DOORS_REPORT"
"""Environment variable: the file that gets a line of JSON for each test: name, outcome, seconds, why."""


class Runner:
    """In place of kopf's, which would start their operator: it runs already. `output` is what it has told."""

    exit_code = None
    exception = None

    def __init__(self, namespace: str) -> None:
        self._namespace = namespace

    def __enter__(self) -> "Runner":
        return self

    def __exit__(self, *_: object) -> None:
        return

    @property
    def output(self) -> str:
        return events(self._namespace)


@pytest.fixture(scope="session")
def docker_image() -> str:
    return os.environ.get(IMAGE, THEIR_IMAGE)


@pytest.fixture(scope="session")
def k8s_cluster(docker_image: str) -> Iterator[Cluster]:
    policy = (Path(__file__).parent / "official_image.yaml").read_text()
    kubectl("apply", "-f", "-", text=policy)
    yield Cluster(docker_image)
    kubectl("delete", "-f", "-", text=policy)


@pytest.fixture(autouse=True)
def namespace(k8s_cluster: Cluster) -> Iterator[str]:
    name = f"dask-k8s-pytest-{uuid.uuid4().hex[:10]}"
    kubectl("create", "namespace", name)
    yield name
    kubectl("delete", "namespace", name, "--wait=false")


@pytest.fixture
def kopf_runner(namespace: str) -> Runner:
    return Runner(namespace)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def _operator(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that waits in vain for an operator starts none."""
    if request.node.name == "test_cluster_without_operator":
        with without_operator():
            yield
    else:
        yield


@pytest.fixture(autouse=True)
def _port_forward(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that looks at the port of a port-forward has one."""
    wanted = request.node.name == "test_clusters_with_custom_port_forward"
    with dask.config.set({"kubernetes.port-forward-cluster-ip": True} if wanted else {}):
        yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those that they skip since they are flaky in their CI run here.

    Those of which we know that they wait for what never comes do so for a moment.
    """
    for item in items:
        item.own_markers = [mark for mark in item.own_markers if mark.name != "skip"]
        if item.name.partition("[")[0] in KNOWN:
            item.add_marker(pytest.mark.timeout(KNOWN_SECONDS), append=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: "pytest.CallInfo[None]") -> Iterator[None]:
    report = yield
    if report.when == "call" or report.failed:
        crash = getattr(report.longrepr, "reprcrash", None)
        why = str(crash.message if crash else report.longrepr or "").strip().partition("\n")[0]
        told = {"name": item.name, "file": item.path.name, "outcome": report.outcome, "why": why}
        with Path(os.environ[REPORT]).open("a") as file:
            print(json.dumps({**told, "seconds": round(call.duration, 1)}), file=file)
    return report
