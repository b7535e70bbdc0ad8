"""Several clusters and several who use one: whatever else notebooks do with KubeCluster."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from dask_kubernetes.operator import KubeCluster, make_cluster_spec
from dask_kubernetes.operator.kubecluster.kubecluster import CreateMode
from distributed import Client

from integrations.dask_kubernetes.tests.cluster.conftest import CURRENT, OLD, workers
from integrations.kubectl import Namespace, until

Make = Callable[..., KubeCluster]
CLUSTERS = "daskclusters.kubernetes.dask.org"


def test_from_a_spec_of_ones_own(home: Namespace) -> None:
    spec = make_cluster_spec("own", image=CURRENT, n_workers=1, resources={"requests": {"cpu": "10m"}})
    spec["metadata"]["labels"] = {"team": "weather"}
    spec["spec"]["worker"]["spec"]["containers"][0]["env"] = [{"name": "MODE", "value": "fast"}]
    with KubeCluster(custom_cluster_spec=spec, namespace=home.name, quiet=True) as cluster:
        with Client(cluster) as client:
            client.wait_for_workers(1, timeout=60)
            (told,) = client.run(lambda: __import__("os").environ["MODE"]).values()
            assert told == "fast"
            # The image's entrypoint has run, which ours bypasses in its own pods.
            assert client.run_on_scheduler(lambda: __import__("os").environ["ENTRYPOINT"]) == "ran"
        (pod,) = home.items("pods", "dask.org/component=scheduler")
        assert pod["metadata"]["labels"]["team"] == "weather"
        assert "securityContext" not in pod["spec"]["containers"][0]


def test_who_connects_leaves_it_as_it_was(home: Namespace, make: Make) -> None:
    first = make(shutdown_on_close=False)
    first.close()
    with KubeCluster.from_name("lab", namespace=home.name, quiet=True) as again, Client(again) as client:
        assert client.submit(abs, -2).result(timeout=60) == 2
        assert again.image == OLD
    assert [each["metadata"]["name"] for each in home.items(CLUSTERS)] == ["lab"]
    with pytest.raises(ValueError, match="already exists"):
        make(create_mode=CreateMode.CREATE_ONLY)
    # By the client's defaults, who connects by the constructor deletes it in the end.
    with make(), make(name="other"):
        assert len(home.items(CLUSTERS)) == 2
    assert not home.items(CLUSTERS)


def test_two_at_once_and_by_coroutines(home: Namespace) -> None:
    async def ask(name: str, image: str) -> int:
        options: dict[str, Any] = {"namespace": home.name, "quiet": True, "asynchronous": True}
        async with (
            KubeCluster(name=name, image=image, n_workers=1, **options) as cluster,
            Client(cluster, asynchronous=True) as client,
        ):
            return await client.submit(abs, -2)

    async def both() -> list[int]:
        return await asyncio.gather(ask("left", OLD), ask("right", CURRENT))

    assert asyncio.run(both()) == [2, 2]
    until("both to go", lambda: not home.items(CLUSTERS))


def test_the_default_group_and_the_cluster_are_scaled_by_kubectl_as_well(home: Namespace, make: Make) -> None:
    with make() as cluster, Client(cluster) as client:
        home.kubectl("scale", CLUSTERS, "lab", "--replicas=2")
        client.wait_for_workers(2, timeout=60)
        home.kubectl("scale", "daskworkergroups.kubernetes.dask.org", "lab-default", "--replicas=1")
        until("one to leave", lambda: len(workers(client)) == 1)
        assert client.submit(abs, -2).result(timeout=60) == 2


def test_a_scheduler_that_died_is_there_again_and_its_workers_with_it(home: Namespace, make: Make) -> None:
    with make() as cluster:
        home.kubectl("delete", "pod", "-l", "dask.org/component=scheduler")
        home.kubectl(
            "wait", "--for=condition=Ready", "pod", "-l", "dask.org/component=scheduler", "--timeout=60s"
        )
        with KubeCluster.from_name("lab", namespace=home.name, quiet=True) as again, Client(again) as client:
            client.wait_for_workers(1, timeout=90)
            assert client.submit(abs, -2).result(timeout=60) == 2
        assert cluster.name == "lab"


def test_adapts_to_what_there_is_to_do(make: Make) -> None:
    with make(n_workers=0) as cluster:
        cluster.adapt(minimum=0, maximum=2)
        with Client(cluster) as client:
            assert client.submit(lambda x: x + 1, 10).result(timeout=60) == 11
        cluster.scale(0)
