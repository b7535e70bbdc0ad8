"""`daskflow.Cluster` is one of Dask's deploy clusters: scheduler and workers are real, Kubernetes is not."""

import asyncio
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dask
import httpx
import nbformat
import pytest
from daskflow import Cluster
from daskflow.client.connection import Connection
from daskflow.client.errors import WrongUse
from distributed import Adaptive, Client
from nbclient import NotebookClient

from tests.unit.client.cluster.operator_in_memory import Operator


def until(condition: Callable[[], Any], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def double(number: int) -> int:
    return 2 * number


def test_a_program_computes_and_leaves_nothing_behind(operator: Operator, connection: Connection) -> None:
    with Cluster("image", workers=1, connection=connection) as cluster, Client(cluster) as client:
        assert client.submit(double, 21).result(timeout=20) == 42
        assert client.security is cluster.security
        assert cluster.scheduler_address.startswith("tls://127.0.0.1:")
        assert cluster.name in repr(cluster)
        assert operator.objects[f"daskclusters/{cluster.name}"]["spec"] == {
            "image": "image",
            "workers": {"replicas": 1},
            "idleTimeout": "1h",
            "noClientTimeout": "10m",
            "dashboard": True,
        }
    assert f"daskclusters/{cluster.name}" not in operator.objects
    until(lambda: not operator.sockets)


async def test_the_same_with_await(operator: Operator, connection: Connection) -> None:
    async with (
        Cluster("image", workers=1, connection=connection, asynchronous=True) as cluster,
        Client(cluster, asynchronous=True) as client,
    ):
        assert await client.submit(double, 21) == 42
        await cluster.scale(3)
        await cluster.wait_for_workers(3, timeout=20)
        assert "printed by" in (await cluster.get_logs())["Scheduler"]
    assert f"daskclusters/{cluster.name}" not in operator.objects
    cluster = await Cluster("image", connection=connection, asynchronous=True, shutdown_on_close=False)
    await cluster.close()
    await cluster.close()
    assert f"daskclusters/{cluster.name}" in operator.objects


def test_several_at_once(operator: Operator, connection: Connection) -> None:
    with (
        Cluster("image", workers=1, connection=connection, name="a") as first,
        Cluster("image", workers=2, connection=connection, name="b") as second,
    ):
        first.wait_for_workers(1)
        second.wait_for_workers(2)
        assert first != second
        assert (len(first.scheduler_info["workers"]), len(second.observed)) == (1, 2)


def test_without_encryption(operator: Operator, connection: Connection) -> None:
    operator.encrypted = False
    with Cluster("image", connection=connection) as cluster, Client(cluster) as client:
        assert cluster.scheduler_address.startswith("tcp://127.0.0.1:")
        assert client.submit(double, 1).result(timeout=20) == 2


def test_more_and_fewer_workers(operator: Operator, connection: Connection) -> None:
    with Cluster("image", workers=1, connection=connection) as cluster:
        cluster.scale(3)
        cluster.wait_for_workers(3, timeout=20)
        until(lambda: len(cluster.requested) == 3)
        cluster.scale(1)
        until(lambda: len(cluster.observed) == 1)
        spec = operator.objects[f"daskclusters/{cluster.name}"]["spec"]
        assert spec["workers"] == {"replicas": 1}
        until(lambda: "Workers: 1 / 1" in cluster._scaling_status())


def test_the_operator_adapts(operator: Operator, connection: Connection) -> None:
    with Cluster("image", workers=1, connection=connection) as cluster:
        adaptive = cluster.adapt(minimum=1, maximum=4, target_duration="2s", scale_down_delay="1m")
        assert (adaptive.minimum, adaptive.maximum, adaptive.periodic_callback) == (1, 4, None)
        spec = operator.objects[f"daskclusters/{cluster.name}"]["spec"]["workers"]
        assert spec["autoscale"] == {
            "minimum": 1,
            "maximum": 4,
            "targetDuration": "2s",
            "scaleDownDelay": "1m",
        }
        until(lambda: "Scaling mode: Adaptive" in cluster._scaling_status())
        with pytest.warns(UserWarning, match="takes no heed of interval"):
            cluster.adapt(maximum=5, interval="1s")
        cluster.scale(2)
        assert "autoscale" not in operator.objects[f"daskclusters/{cluster.name}"]["spec"]["workers"]
        with dask.config.set({"distributed.adaptive.minimum": 2, "distributed.adaptive.maximum": 7}):
            adaptive = cluster.adapt()
        assert (adaptive.minimum, adaptive.maximum) == (2, 7)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"minimum": 1}, "adapt needs a bound, and maximum is inf; give maximum=, the most workers that"),
        ({"maximum": math.inf}, "maximum is inf"),
        ({"minimum": 0.5, "maximum": 2}, "minimum is 0.5; give minimum=, the fewest workers that"),
    ],
)
def test_bounds_that_are_none(connection: Connection, given: dict[str, Any], sentence: str) -> None:
    with Cluster("image", connection=connection) as cluster, pytest.raises(WrongUse, match=sentence):
        cluster.adapt(**given)


def test_a_class_of_dasks_adapts_from_here(operator: Operator, connection: Connection) -> None:
    with Cluster("image", workers=0, connection=connection) as cluster, Client(cluster) as client:
        adaptive = cluster.adapt(Adaptive, minimum=0, maximum=2, interval="50ms", wait_count=2)
        assert client.submit(double, 1).result(timeout=20) == 2
        until(lambda: not cluster.observed)
        cluster.adapt(maximum=1)
        assert adaptive.state == "stopped"


@pytest.mark.parametrize("given", [(), (1, 2), (1, None, "1Gi")])
def test_a_scale_that_is_none(connection: Connection, given: tuple[Any, ...]) -> None:
    with (
        Cluster("image", connection=connection) as cluster,
        pytest.raises(WrongUse, match="give one of them"),
    ):
        cluster.scale(*given[:1], **dict(zip(("cores", "memory"), given[1:], strict=False)))


def test_logs_are_those_of_pods(operator: Operator, connection: Connection) -> None:
    with Cluster("image", connection=connection) as cluster:
        operator.objects["pods/x-worker-0"] = {"metadata": {"name": "x-worker-0"}}
        logs = cluster.get_logs()
        assert logs["Scheduler"] == f"printed by {cluster.name}-scheduler\n"
        assert logs["x-worker-0"] == "printed by x-worker-0\n"
        assert f"the cluster {cluster.name} is Ready: All is ready" in logs["Cluster"]
        assert list(cluster.logs(cluster=False, workers=False)) == ["Scheduler"]
        assert list(cluster.get_logs(cluster=False, scheduler=False, workers=["x-worker-0"])) == [
            "x-worker-0"
        ]


def test_dasks_pages_come_through_the_tunnel(connection: Connection) -> None:
    with Cluster("image", connection=connection) as cluster:
        assert cluster.dashboard_link.startswith("http://localhost:")
        health = cluster.dashboard_link.replace("/status", "/health")
        assert httpx.get(health).text == "ok"
        assert cluster.dashboard_link in cluster._repr_html_()
    with pytest.raises(httpx.ConnectError):
        httpx.get(health)


def test_one_that_is_there_is_found_by_its_name(operator: Operator, connection: Connection) -> None:
    with Cluster("image", workers=1, connection=connection) as cluster:
        with Cluster.from_name(cluster.name, connection=connection) as same, Client(same) as client:
            assert client.submit(double, 2).result(timeout=20) == 4
            assert same == cluster
        assert f"daskclusters/{cluster.name}" in operator.objects
        Cluster.from_name(cluster.name, connection=connection, shutdown_on_close=True).close()
        assert f"daskclusters/{cluster.name}" not in operator.objects


def test_a_client_of_the_cluster_is_given_again(connection: Connection) -> None:
    with Cluster("image", connection=connection) as cluster, cluster.get_client() as client:
        assert cluster.get_client() is client


def test_versions_that_differ_are_named(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    here = {"host": {"python": "3.9.1.final.0"}, "packages": {"dask": "1"}}
    monkeypatch.setattr("daskflow.client.cluster.life.get_versions", lambda: here)
    with Cluster("image", connection=connection, quiet=True) as cluster:
        assert "Python is 3.9 here and 3." in cluster.get_logs()["Cluster"]


async def test_a_callback_of_the_loop_may_scale(operator: Operator, connection: Connection) -> None:
    async with Cluster("image", workers=1, connection=connection, asynchronous=True) as cluster:
        await cluster.adapt(maximum=3)
        spec = operator.objects[f"daskclusters/{cluster.name}"]["spec"]["workers"]
        assert spec["autoscale"] == {"minimum": 0, "maximum": 3}
        cluster.scale(2)  # not awaited, as in programs for Dask's own clusters
        await cluster.wait_for_workers(2, timeout=20)
        tasks = asyncio.all_tasks()
    assert not [each for each in tasks & asyncio.all_tasks() if "Cluster" in str(each)]


IN_A_NOTEBOOK = """
import asyncio, daskflow
connection = daskflow.Connection(kubeconfig={kubeconfig!r})
cluster = daskflow.Cluster("image", workers=1, connection=connection, quiet=True)
cluster
---
def below(widget):
    return [widget, *(each for child in getattr(widget, "children", ()) for each in below(child))]

number, minimum, maximum = (each for each in below(cluster._widget()) if type(each).__name__ == "IntText")
scale, adapt = (each for each in below(cluster._widget()) if type(each).__name__ == "Button")
status = next(each for each in below(cluster._widget()) if "Scaling mode" in getattr(each, "value", ""))

async def until_shown(words):
    while words not in status.value:
        await asyncio.sleep(0.05)

number.value = 2
scale.click()
await asyncio.wait_for(until_shown("Workers: 2 / 2"), 20)
---
maximum.value = 3
adapt.click()
await asyncio.wait_for(until_shown("Scaling mode: Adaptive"), 20)
---
cluster.close()
"""


def test_the_widget_of_a_notebook_scales_and_adapts(
    operator: Operator, connection: Connection, tmp_path: Path
) -> None:
    code = IN_A_NOTEBOOK.format(kubeconfig=str(connection._kubeconfig))
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in code.split("---")])
    place = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(notebook, timeout=60, kernel_name="python3", resources=place).execute()
    ((shown,), *others) = (cell["outputs"] for cell in notebook["cells"])
    assert "application/vnd.jupyter.widget-view+json" in shown["data"]
    assert others == [[], [], []]
    patched = [line["object"]["spec"]["workers"] for kind, line in operator.events if kind == "daskclusters"]
    assert {"replicas": 2} in patched
    assert {"minimum": 0, "maximum": 3} in [each.get("autoscale") for each in patched]
