"""Where a tunnel leads, and in which words it leads nowhere."""

import re
from typing import Any

import pytest
from daskflow.client.connection import Connection
from daskflow.client.errors import DaskflowError, NotFound, WrongUse
from daskflow.client.tunnel.ends import End, NotReady, pod_port, scheduler_port, service_port

from tests.unit.client.tunnel.forwarding import Forwarding


def service(api: Forwarding, *ports: dict[str, Any], selector: bool = True) -> None:
    spec = {"ports": list(ports), **({"selector": {"app": "a"}} if selector else {})}
    api.objects["services/web"] = {"metadata": {"name": "web", "namespace": "team"}, "spec": spec}


def cluster(api: Forwarding, **status: Any) -> None:
    api.objects["daskclusters/c"] = {"metadata": {"name": "c", "namespace": "team"}, "status": status}


async def test_a_pod_that_runs(connection: Connection) -> None:
    assert await pod_port(connection, "a", 80)() == End("team", "a", 80)


@pytest.mark.parametrize(
    ("phase", "error", "words"),
    [
        ("Pending", NotReady, "the pod a does not run yet; `kubectl describe pod a` says why"),
        ("Succeeded", NotFound, "the pod a has ended"),
    ],
)
async def test_a_pod_that_does_not(
    api: Forwarding, connection: Connection, phase: str, error: type[DaskflowError], words: str
) -> None:
    api.pod("a", phase)
    with pytest.raises(error, match=re.escape(words)):
        await pod_port(connection, "a", 80)()


@pytest.mark.parametrize(
    ("port", "asked"),
    [
        ({"port": 80}, 80),
        ({"port": 8080, "targetPort": 80}, 8080),
        ({"port": 8080, "targetPort": 80, "name": "page"}, "page"),
        ({"port": 8080, "targetPort": "http"}, 8080),
    ],
)
async def test_a_service_leads_to_a_pod_that_is_ready(
    api: Forwarding, connection: Connection, port: dict[str, Any], asked: int | str
) -> None:
    api.pod("starting", ready=False)
    api.pod("a", http=80)
    service(api, port)
    assert await service_port(connection, "web", asked)() == End("team", "a", 80)


async def test_a_service_leads_to_no_pod_that_is_being_deleted(
    api: Forwarding, connection: Connection
) -> None:
    api.objects["pods/a"]["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    service(api, {"port": 80})
    with pytest.raises(NotReady, match="no pod of the Service web is ready"):
        await service_port(connection, "web", 80)()


@pytest.mark.parametrize(
    ("port", "selector", "words"),
    [
        ({"port": 80}, False, "the Service web selects no pods"),
        ({"port": 81}, True, "the Service web has no port 80; it has 81"),
        ({"port": 80, "targetPort": "gone"}, True, "leads to the port 'gone', which its pods do not name"),
    ],
)
async def test_a_service_that_leads_nowhere(
    api: Forwarding, connection: Connection, port: dict[str, Any], selector: bool, words: str
) -> None:
    service(api, port, selector=selector)
    with pytest.raises(WrongUse, match=words):
        await service_port(connection, "web", 80)()


async def test_a_clusters_scheduler(api: Forwarding, connection: Connection) -> None:
    cluster(api, phase="Ready", scheduler={"pod": "c-scheduler", "uid": "u"})
    assert await scheduler_port(connection, "c")() == End("team", "c-scheduler", 8786)
    assert await scheduler_port(connection, "c", port=8787)() == End("team", "c-scheduler", 8787)


@pytest.mark.parametrize(
    ("status", "error", "words"),
    [
        ({}, NotReady, "the cluster c is Pending"),
        ({"phase": "Suspended", "message": "It waits."}, NotReady, "the cluster c is Suspended: It waits."),
        ({"phase": "Stopped", "message": "It was idle."}, NotFound, "the cluster c is Stopped: It was idle."),
    ],
)
async def test_a_cluster_without_one(
    api: Forwarding, connection: Connection, status: dict[str, Any], error: type[DaskflowError], words: str
) -> None:
    cluster(api, **status)
    with pytest.raises(error, match=re.escape(words)):
        await scheduler_port(connection, "c")()
