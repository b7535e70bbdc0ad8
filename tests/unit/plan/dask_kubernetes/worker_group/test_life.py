"""The life of a DaskWorkerGroup, as a whole."""

from datetime import UTC, datetime

from daskflow.manifests.settings import Settings
from daskflow.plan.dask_kubernetes.worker_group.life import plan
from daskflow.plan.model import Observed

from tests.unit.plan.dask_kubernetes import specs
from tests.unit.plan.dask_kubernetes.strange import strange

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SETTINGS = Settings(root_key=bytes(32), runtime=b"")


def test_a_strangers_object_stops_nobody() -> None:
    for resource in strange("DaskWorkerGroup", specs.WORKER_GROUP):
        plan(resource, Observed(), NOW, SETTINGS)
