"""Dask's dashboards: one tunnel a cluster, under another name than the page's."""

from typing import ClassVar

import httpx
import pytest
from daskflow.api.names import DASK_CLUSTER
from daskflow.cli.ui import dashboards as module
from daskflow.cli.ui.source import Source

from tests.unit.cli.ui.world import World, cluster


class Tunnel:
    """Notes what it leads to."""

    open: ClassVar[list["Tunnel"]] = []

    def __init__(self, connection: object, find: object) -> None:
        self.connection = connection
        self.port = 5000 + len(self.open)

    async def __aenter__(self) -> "Tunnel":
        self.open.append(self)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.open.remove(self)


@pytest.fixture
def tunnels(monkeypatch: pytest.MonkeyPatch) -> list[Tunnel]:
    monkeypatch.setattr(Tunnel, "open", [])
    monkeypatch.setattr(module, "Tunnel", Tunnel)
    return Tunnel.open


@pytest.fixture
def world() -> World:
    world = World()
    world.put(DASK_CLUSTER, cluster("a", spec={"dashboard": True}))
    world.put(DASK_CLUSTER, cluster("b", spec={"dashboard": True}))
    world.put(DASK_CLUSTER, cluster("dark"))
    return world


async def test_a_cluster_has_one_tunnel_and_is_opened_as_localhost(
    page: httpx.AsyncClient, tunnels: list[Tunnel]
) -> None:
    for _ in range(3):
        answer = await page.get("/dashboards/team/a")
        assert (answer.status_code, answer.headers["location"]) == (303, "http://localhost:5000/status")
    assert (await page.get("/dashboards/team/b")).headers["location"] == "http://localhost:5001/status"
    assert len(tunnels) == 2


async def test_tunnels_of_clusters_that_have_gone_are_closed(
    source: Source, world: World, tunnels: list[Tunnel]
) -> None:
    async with module.Dashboards(source) as dashboards:
        await dashboards.address("team", "a")
        world.remove(DASK_CLUSTER, cluster("a"))
        while source.get(DASK_CLUSTER, "team", "a"):
            await source.after(source.version)
        await dashboards.address("team", "b")
        assert len(tunnels) == 1
    assert not tunnels


async def test_after_a_login_there_is_a_tunnel_with_it(source: Source, tunnels: list[Tunnel]) -> None:
    async with module.Dashboards(source) as dashboards:
        await dashboards.address("team", "a")
        source._log_in_again()
        await dashboards.address("team", "a")
        assert [tunnel.connection for tunnel in tunnels] == [source.connection]


async def test_what_has_no_dashboard_is_said(page: httpx.AsyncClient, tunnels: list[Tunnel]) -> None:
    dark = await page.get("/dashboards/team/dark")
    assert (dark.status_code, "serves no dashboard" in dark.text) == (409, True)
    gone = await page.get("/dashboards/team/gone")
    assert (gone.status_code, 'href="/clusters"' in gone.text) == (404, True)
    assert not tunnels
