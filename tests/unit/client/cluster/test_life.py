"""What comes between a cluster and its program is mended, or said in a sentence."""

import asyncio
import subprocess
import sys
import time
from dataclasses import replace
from typing import Any

import pytest
from daskflow import Cluster
from daskflow.client.cluster import session
from daskflow.client.connection import Connection
from daskflow.client.errors import (
    AlreadyExists,
    ClusterEnded,
    ClusterNotReady,
    Forbidden,
    NotFound,
    WrongUse,
)
from distributed import Client

from tests.unit.client.cluster.operator_in_memory import Operator
from tests.unit.client.cluster.test_dask_cluster import double, until

LEAVES = """
import sys
from daskflow import Cluster, Connection
from distributed import Client
def main():
    connection = Connection(kubeconfig=sys.argv[1])
    cluster = Cluster("image", workers=0, name="left", quiet=True, connection=connection)
    client = Client(cluster)
    print(cluster.status.name)
if {asynchronous}:
    import asyncio
    async def started():
        connection = Connection(kubeconfig=sys.argv[1])
        cluster = Cluster("image", name="left", quiet=True, connection=connection, asynchronous=True)
        print((await cluster).status.name)
    main = lambda: asyncio.run(started())
main()
"""


FORKS = """
import sys
from multiprocessing import get_context
from daskflow import Cluster, Connection
connection = Connection(kubeconfig=sys.argv[1])
cluster = Cluster("image", workers=0, name="left", quiet=True, connection=connection)
child = get_context("fork").Process(target=int)
child.start()
child.join(5)
print(child.exitcode, cluster.status.name)
child.kill()
"""


def test_a_lost_connection_is_made_again(operator: Operator, connection: Connection) -> None:
    with Cluster("image", workers=1, connection=connection) as cluster, Client(cluster) as client:
        future = client.submit(double, 1)
        assert future.result(timeout=20) == 2
        operator.loop.call_soon_threadsafe(operator.cut)
        until(lambda: "was lost" in cluster.get_logs(workers=False, scheduler=False)["Cluster"])
        until(lambda: future.cancelled())  # as Dask's clients take any loss
        until(lambda: client.status == "running")
        assert client.submit(double, 2).result(timeout=20) == 4
        cluster.scale(2)
        until(lambda: len(cluster.observed) == 2)


def test_each_of_two_hears_of_workers(operator: Operator, connection: Connection) -> None:
    """Of Dask's own subscription only the later one does."""
    with (
        Cluster("image", workers=1, connection=connection) as first,
        Cluster.from_name(first.name, connection=connection) as second,
    ):
        first.scale(2)
        second.wait_for_workers(2)
        operator.run(operator.says(first.name, workers={"ready": 2}))
        until(lambda: len(first.observed) == len(second.observed) == 2)


@pytest.mark.parametrize(
    ("phase", "words"),
    [("Failed", "is Failed: Its scheduler was lost"), ("", "was deleted; make another one")],
)
def test_the_end_of_a_cluster_is_said(
    operator: Operator, connection: Connection, phase: str, words: str
) -> None:
    with Cluster("image", workers=1, connection=connection) as cluster:
        if phase:
            operator.run(operator.ends(cluster.name))
            operator.run(operator.says(cluster.name, phase=phase, message="Its scheduler was lost."))
        else:
            operator.run(operator.deletes(cluster.name))
        until(lambda: words in "\n".join(line for _, line in cluster._cluster_manager_logs))
        with pytest.raises(ClusterEnded, match=words):
            cluster.scale(2)
        until(lambda: cluster._watch_worker_status_task.done())  # nobody asks for its workers any more
        begun = time.monotonic()
    assert time.monotonic() - begun < 5


def test_a_cluster_that_fails_to_start_is_not_left_behind(operator: Operator, connection: Connection) -> None:
    operator.holds = True

    async def fail() -> None:
        while "daskclusters/a" not in operator.objects:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        await operator.says("a", phase="Failed", reason="ImagePullFailed", message="There is no such image.")

    failing = asyncio.run_coroutine_threadsafe(fail(), operator.loop)
    with pytest.raises(ClusterEnded, match=r"is Failed \(ImagePullFailed\): There is no such image"):
        Cluster("image", name="a", connection=connection)
    failing.result(10)
    assert "daskclusters/a" not in operator.objects


def test_a_cluster_that_does_not_start_in_time_is_not_left_behind(
    operator: Operator, connection: Connection
) -> None:
    operator.holds = True
    with pytest.raises(ClusterNotReady, match=r"after 0.5 s the cluster a is Starting: Starting scheduler"):
        Cluster("image", name="a", connection=connection, start_timeout=0.5)
    assert "daskclusters/a" not in operator.objects


def test_a_right_that_is_missing_is_named(operator: Operator, connection: Connection) -> None:
    operator.refuses_secrets = True
    with pytest.raises(Forbidden, match="ann may not get secrets in namespace team"):
        Cluster("image", name="a", connection=connection)
    assert "daskclusters/a" not in operator.objects


def test_another_cluster_of_the_name_stays(operator: Operator, connection: Connection) -> None:
    with Cluster("image", name="a", connection=connection):
        with pytest.raises(AlreadyExists, match="there is a DaskCluster a in namespace team already"):
            Cluster("image", name="a", connection=connection)
        assert "daskclusters/a" in operator.objects


@pytest.mark.parametrize("shutdown_on_close", [True, False])
def test_a_name_that_is_none(connection: Connection, shutdown_on_close: bool) -> None:
    with pytest.raises(NotFound, match="there is no DaskCluster a"):
        Cluster.from_name("a", connection=connection, shutdown_on_close=shutdown_on_close)


def test_an_image_is_asked_for() -> None:
    with pytest.raises(WrongUse, match="give image="):
        Cluster()


async def test_one_that_is_closed_does_not_start_again(operator: Operator, connection: Connection) -> None:
    cluster = await Cluster("image", connection=connection, asynchronous=True)
    await cluster.close()
    with pytest.raises(WrongUse, match="is closed"):
        await cluster


async def test_one_who_gives_up_waiting_takes_the_cluster_from_nobody(
    operator: Operator, connection: Connection
) -> None:
    operator.holds = True
    cluster = Cluster("image", workers=0, name="a", connection=connection, asynchronous=True)
    waiting = [asyncio.ensure_future(cluster._start()) for _ in range(3)]
    while "daskclusters/a" not in operator.objects:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    waiting[0].cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting[0]
    await asyncio.to_thread(operator.run, operator.starts("a"))
    await asyncio.gather(*waiting[1:])
    await cluster.close()


async def test_the_last_who_gives_up_waiting_ends_the_cluster(
    operator: Operator, connection: Connection
) -> None:
    operator.holds = True
    cluster = Cluster("image", name="a", connection=connection, asynchronous=True)
    waiting = [asyncio.ensure_future(cluster._start()) for _ in range(2)]
    while "daskclusters/a" not in operator.objects:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    for each in waiting:
        each.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert "daskclusters/a" not in operator.objects


async def test_closing_ends_a_start(operator: Operator, connection: Connection) -> None:
    operator.holds = True
    cluster = Cluster("image", name="a", connection=connection, asynchronous=True)
    starting = asyncio.ensure_future(cluster._start())
    while "daskclusters/a" not in operator.objects:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    await cluster.close()
    assert "daskclusters/a" not in operator.objects
    with pytest.raises(asyncio.CancelledError):
        await starting


async def test_closing_before_the_api_server_has_answered_leaves_nothing(
    operator: Operator, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = connection.create

    async def answers_late(*what: Any, **options: Any) -> Any:
        made = await create(*what, **options)
        while cluster._ending is None:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        return made

    monkeypatch.setattr(connection, "create", answers_late)
    cluster = Cluster("image", name="a", connection=connection, asynchronous=True)
    starting = asyncio.ensure_future(cluster._start())
    while "daskclusters/a" not in operator.objects:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    await cluster.close()
    assert "daskclusters/a" not in operator.objects
    with pytest.raises(asyncio.CancelledError):
        await starting


@pytest.mark.parametrize("asynchronous", [False, True])
def test_the_end_of_the_interpreter_ends_the_cluster(
    operator: Operator, connection: Connection, asynchronous: bool
) -> None:
    program = LEAVES.replace("{asynchronous}", str(asynchronous))
    done = subprocess.run(
        [sys.executable, "-c", program, str(connection._kubeconfig)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "running\n"), done.stderr
    assert "Traceback" not in done.stderr
    assert "daskclusters/left" not in operator.objects


def test_a_fork_leaves_the_cluster_to_its_parent(operator: Operator, connection: Connection) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORKS, str(connection._kubeconfig)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "0 running\n"), done.stderr
    assert "daskclusters/left" not in operator.objects


def test_a_pod_connects_directly_where_it_may(
    operator: Operator, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    monkeypatch.setattr(session, "DIRECT_SECONDS", 0.5)
    connection.__dict__["access"] = replace(connection.access, server="")
    with Cluster("image", workers=1, connection=connection) as cluster:
        assert "lets this pod not in" in cluster.get_logs()["Cluster"]
        tunnelled = cluster.scheduler_address
    operator.within_reach = True
    with Cluster("image", workers=1, connection=connection) as cluster, Client(cluster) as client:
        assert client.submit(double, 1).result(timeout=20) == 2
        address = operator.running[cluster.name].scheduler.address
        assert cluster.scheduler_address == address != tunnelled


def test_without_distributed_it_is_asked_for() -> None:
    program = (
        "import sys; sys.modules['distributed'] = None\n"
        "import daskflow\n"
        "for make in (daskflow.Cluster, daskflow.Cluster.from_name):\n"
        "    try:\n"
        "        make('image')\n"
        "    except ImportError as error:\n"
        "        print(type(error).__mro__[-1].__name__, error)\n"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert said.count("daskflow.Cluster needs the package distributed") == 2
    assert said.count("pip install 'daskflow[cluster]'") == 2
