"""The operator does not serve dask-kubernetes' kinds beside that one's own, nor on its definitions."""

import asyncio
import os
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from daskflow.api.dask_kubernetes.crd import KINDS
from daskflow.controller.dask_kubernetes import obstacle
from daskflow.controller.kubernetes.http import connect

from tests.simulation.kubernetes.http import HttpServer
from tests.unit.controller.process import changed, operating

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def deployment(replicas: int = 1) -> dict[str, Any]:
    labels = {"app.kubernetes.io/name": "dask-kubernetes-operator"}
    meta = {"name": "dask-operator", "namespace": "dask", "labels": labels}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta, "spec": {"replicas": replicas}}


def peering(peer: str, seen: datetime, kind: str = "ClusterKopfPeering") -> dict[str, Any]:
    status = {
        peer: {"priority": 0, "lifetime": 60, "lastseen": seen.replace(tzinfo=None).isoformat()},
        "x": 1,
    }
    meta = {"name": "default", **({"namespace": "a"} if kind == "KopfPeering" else {})}
    return {"apiVersion": "kopf.dev/v1", "kind": kind, "metadata": meta, "status": status}


def definition(subresources: dict[str, Any]) -> dict[str, Any]:
    crd = dict(KINDS[0].definition)
    (version,) = crd["spec"]["versions"]
    return {**crd, "spec": {**crd["spec"], "versions": [{**version, "subresources": subresources}]}}


PEER = "dask-kubernetes-operator-5f7/kopf"


@pytest.mark.parametrize(
    ("objects", "said"),
    [
        ([], ""),
        ([deployment(0)], ""),
        ([deployment()], "Deployment dask/dask-operator runs; end it"),
        ([peering(PEER, NOW - timedelta(seconds=50))], f"{PEER} is in ClusterKopfPeering default"),
        ([peering(PEER, NOW - timedelta(seconds=70))], ""),
        ([peering("somebody-else", NOW)], ""),
        ([peering(PEER, NOW, "KopfPeering")], f"{PEER} is in KopfPeering default"),
        ([definition({"status": {}})], ""),
        ([definition({"scale": {}})], "daskclusters.kubernetes.dask.org is not daskflow's"),
    ],
)
async def test_what_is_in_the_way_is_one_sentence(
    world: HttpServer, objects: list[dict[str, Any]], said: str
) -> None:
    for body in objects:
        world.server.create(body)
    api = await connect()
    try:
        found = await obstacle(api, ("a", "dask"), NOW)
        everywhere = await obstacle(api, (), NOW)
    finally:
        await api.close()
    assert said in found if said else not found
    if "KopfPeering default" not in said or "Cluster" in said:
        assert everywhere == found


async def test_an_operator_beside_it_ends_with_that_sentence(world: HttpServer) -> None:
    world.server.create(deployment())
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "daskflow.controller"),
        env={**os.environ, "DASKFLOW_DASK_KUBERNETES": "true"},
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 1
    assert said.decode().splitlines()[-1].startswith("daskflow does not serve kubernetes.dask.org beside")


async def test_with_the_value_their_kinds_are_listed_and_without_it_nobody_looks(world: HttpServer) -> None:
    async with operating():
        await changed(world, lambda: any(key.kind == "Lease" for key in world.server.objects))
    assert not [path for _, path, _ in world.requests if "dask.org" in path or "deployments" in path]
    async with operating(DASKFLOW_DASK_KUBERNETES="true"):
        await changed(world, lambda: len(_watched(world)) == len(KINDS))


def _watched(world: HttpServer) -> set[str]:
    paths = {path for _, path, _ in world.requests if "watch" in path}
    return {kind.plural for kind in KINDS if any(f"dask.org/v1/{kind.plural}" in path for path in paths)}
