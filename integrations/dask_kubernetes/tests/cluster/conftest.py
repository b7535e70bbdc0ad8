"""A user's notebook: the published client, a namespace, and a cluster with one worker."""

from collections.abc import Callable, Iterator
from typing import Any

import dask.config
import pytest
from dask_kubernetes.operator import KubeCluster
from distributed import Client

from integrations.kubectl import Namespace, namespace

dask.config.set({"kubernetes.port-forward-cluster-ip": True})

OLD = "dask-kubernetes:dev"
"""An image with the commands that the client asks for."""
CURRENT = "dask-kubernetes:current"
"""One without: distributed 2026.8."""


@pytest.fixture
def home() -> Iterator[Namespace]:
    """A namespace of a test's own. Like most, it admits pods that run as root."""
    with namespace(restricted=False) as made:
        yield made


@pytest.fixture
def make(home: Namespace) -> Callable[..., KubeCluster]:
    """KubeCluster as its users call it."""

    def make(name: str = "lab", image: str = OLD, n_workers: int = 1, **options: Any) -> KubeCluster:
        return KubeCluster(
            name=name, namespace=home.name, image=image, n_workers=n_workers, quiet=True, **options
        )

    return make


def workers(client: Client) -> list[str]:
    """Names of the workers that are registered."""
    told = client.sync(client.scheduler.identity, n_workers=-1)["workers"]
    return sorted(str(each["name"]) for each in told.values())
