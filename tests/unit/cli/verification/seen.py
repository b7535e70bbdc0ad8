"""Observed states for tests, in few words."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from daskflow.api.names import FLOW_RUN, LABEL_COMPONENT
from daskflow.cli.verification.observed import Facts, Observed, Sighting

NOW = datetime(2026, 1, 1, 12, 0, 30, tzinfo=UTC)
FACTS = Facts("image:1", "verify", "verify-beside", python="3.13.1", distributed="2026.8.0", prefect="3.0")
Object = dict[str, Any]


def item(name: str, version: int = 1, **parts: Any) -> Object:
    """An object as a watch tells of it."""
    metadata = {"name": name, "uid": f"uid-{name}", "resourceVersion": str(version)}
    metadata |= {"creationTimestamp": "2026-01-01T12:00:00Z", **parts.pop("metadata", {})}
    return {"metadata": metadata, "spec": {}, **parts}


def pod(name: str, component: str, phase: str = "Running", version: int = 1, **parts: Any) -> Object:
    """A pod of one of our components."""
    metadata = {"labels": {LABEL_COMPONENT: component}, **parts.pop("metadata", {})}
    return item(name, version, metadata=metadata, status={"phase": phase}, **parts)


def observed(slug: str = "check", **kinds: Sequence[Object | tuple[Object, bool]]) -> Observed:
    """All versions, in order; with True behind it the object is gone."""
    histories: dict[str, dict[str, list[Sighting]]] = {}
    for kind, versions in kinds.items():
        for each in versions:
            body, gone = each if isinstance(each, tuple) else (each, False)
            history = histories.setdefault(kind, {}).setdefault(body["metadata"]["uid"], [])
            history.append(Sighting(body, gone))
    return Observed(slug, FACTS, NOW, histories)


def run(*statuses: Object, name: str = "check") -> list[Object | tuple[Object, bool]]:
    """A run that has gone through these statuses."""
    return [item(name, version, status=status) for version, status in enumerate(statuses, 1)]


def with_run(*statuses: Object) -> Observed:
    """Nothing but that."""
    return observed(**{FLOW_RUN: run(*statuses)})
