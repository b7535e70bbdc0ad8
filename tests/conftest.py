"""What tests against a cluster share: the operator installed, and a namespace of a test's own."""

import os
import signal
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.kube import Kube, namespace

# A shell has its jobs in the background ignore interrupts, and so would all programs that tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)

# How fast an example is made or tried says more of what else this machine does.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What stops or kills the operator is `alone`: the others run beside each other."""
    for item in items:
        if "operator" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.alone)


@pytest.fixture(scope="session")
def installed() -> None:
    """The operator runs from its chart, as `make install` leaves it."""
    if "KUBECONFIG" not in os.environ:
        pytest.fail("no cluster here: `make test`, or `make install` and `tests/cluster/in .venv/bin/pytest`")
    deployments = Kube("daskflow-system").items("Deployment", "app.kubernetes.io/name=daskflow")
    if not any((each.get("status") or {}).get("readyReplicas") for each in deployments):
        pytest.fail("the operator does not run in daskflow-system: `make install`")


@pytest.fixture
def kube(installed: None) -> Iterator[Kube]:
    """A namespace that enforces Pod Security `restricted`."""
    with namespace() as kube:
        yield kube
