"""Whether the kinds of dask-kubernetes can be served here: not beside its operator, nor on its definitions.

Two operators would make each scheduler twice and undo each other's worker numbers. Definitions of theirs have
no status subresource, and drop what is written into a status.
"""

import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import Any

from daskflow.api.dask_kubernetes.crd import KINDS
from daskflow.api.dask_kubernetes.names import GROUP
from daskflow.controller.kubernetes.definitions import CRD
from daskflow.controller.kubernetes.verbs import Api, ApiError
from daskflow.plan.model import Key, Object

log = logging.getLogger(__name__)

OPERATOR = "dask-kubernetes-operator"
"""The name of its chart, which its Deployment has for a label and kopf's peers in their names."""
SELECTOR = f"app.kubernetes.io/name={OPERATOR}"
PEERING = "default"
_BESIDE = f"daskflow does not serve {GROUP} beside the operator of dask-kubernetes"
_REMEDY = "end it (see docs/dask-kubernetes.md), or set daskKubernetes.enabled to false."


async def obstacle(api: Api, namespaces: tuple[str, ...], now: datetime) -> str:
    """A sentence if they cannot be served; empty if they can. What may not be read is taken for right."""
    for namespace in namespaces or (None,):
        async for body in _deployments(api, namespace):
            meta = body["metadata"]
            if ((body.get("spec") or {}).get("replicas", 1)) != 0:
                what = f"Deployment {meta['namespace']}/{meta['name']}"
                return f"{_BESIDE}: {what} runs; {_REMEDY}"
    peerings = [Key("KopfPeering", each, PEERING) for each in namespaces]
    for key in (Key("ClusterKopfPeering", "", PEERING), *peerings):
        if peer := _peer(await _found(api, key), now):
            return f"{_BESIDE}: {peer} is in {key.kind} {PEERING}; {_REMEDY}"
    for kind in KINDS:
        crd = await _found(api, Key(CRD, "", f"{kind.plural}.{GROUP}"))
        if crd is not None and not _has_status(crd):
            return (
                f"The CustomResourceDefinition {kind.plural}.{GROUP} is not daskflow's and keeps no status "
                "of it; apply those of its version (crds/dask-kubernetes/), which keep all objects there are."
            )
    return ""


async def _deployments(api: Api, namespace: str | None) -> AsyncIterator[Object]:
    try:
        async with aclosing(api.pages("Deployment", namespace, SELECTOR)) as pages:
            async for page in pages:
                for body in page.items:
                    yield body
    except ApiError as error:
        log.info("whether the operator of dask-kubernetes runs cannot be seen: %s", error)


async def _found(api: Api, key: Key) -> Object | None:
    try:
        return await api.get(key)
    except ApiError as error:
        if error.status != 404:
            log.info("%s %s cannot be read: %s", key.kind, key.name, error)
        return None


def _peer(peering: Object | None, now: datetime) -> str:
    """One that lives, of those that a kopf peering tells of; entries of others say nothing about theirs."""
    status = (peering or {}).get("status")
    for name, entry in (status if isinstance(status, Mapping) else {}).items():
        if OPERATOR in name and isinstance(entry, Mapping) and _lives(entry, now):
            return str(name)
    return ""


def _lives(entry: Mapping[str, Any], now: datetime) -> bool:
    try:
        seen = datetime.fromisoformat(str(entry.get("lastseen")))
        lifetime = timedelta(seconds=float(entry.get("lifetime", 60)))
    except (ValueError, OverflowError, TypeError):
        return False
    return (seen if seen.tzinfo else seen.replace(tzinfo=UTC)) + lifetime > now


def _has_status(crd: Object) -> bool:
    versions = (crd.get("spec") or {}).get("versions") or ()
    return any(each.get("storage") and "status" in (each.get("subresources") or {}) for each in versions)
