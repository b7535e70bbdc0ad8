"""The life of a DaskWorkerGroup of dask-kubernetes."""

from datetime import datetime

from daskflow.manifests.settings import Settings
from daskflow.plan.model import Object, Observed, Plan


def plan(resource: Object, seen: Observed, now: datetime, settings: Settings) -> Plan:
    """What is to happen with this DaskWorkerGroup."""
    return Plan()
