"""The real client against an API server that speaks HTTP."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from daskflow.controller.kubernetes.http import KubernetesApi, connect
from daskflow.controller.kubernetes.kinds import OURS
from daskflow.controller.kubernetes.verbs import ApiError, Listing
from daskflow.plan.model import Key

from tests.simulation import toy
from tests.simulation.kubernetes.http import HttpServer

RUN_TOY = Key("FlowRun", "default", "toy")


@pytest.fixture
async def api(world: HttpServer) -> AsyncIterator[KubernetesApi]:
    made = await connect()
    yield made
    await made.close()


async def test_the_seven_verbs(world: HttpServer, api: KubernetesApi) -> None:
    run = await api.create(toy.parent("toy"))
    uid = run["metadata"]["uid"]
    method, path, headers = world.requests[-1]
    assert (method, path) == (
        "POST",
        "/apis/daskflow.dev/v1alpha1/namespaces/default/flowruns?fieldValidation=Strict",
    )
    assert headers["User-Agent"].startswith("daskflow-operator/")
    assert headers["Authorization"] == "Bearer secret-token"
    assert (await api.get(RUN_TOY))["metadata"]["uid"] == uid
    written = await api.replace_status({**run, "status": {"phase": "Open"}})
    assert written["status"] == {"phase": "Open"}
    with pytest.raises(ApiError) as conflict:
        await api.replace_status({**run, "status": {"phase": "Other"}})
    assert conflict.value.status == 409
    patched = await api.patch(RUN_TOY, uid, {"spec": {"pods": 1}})
    assert patched["spec"] == {"pods": 1}
    assert world.requests[-1][2]["Content-Type"] == "application/merge-patch+json"
    with pytest.raises(ApiError) as other:
        await api.patch(RUN_TOY, "another", {"spec": {"pods": 2}})
    assert other.value.status == 409
    await api.patch(RUN_TOY, uid, {"spec": {"pods": 3}}, patched["metadata"]["resourceVersion"])
    with pytest.raises(ApiError) as late:
        await api.patch(RUN_TOY, uid, {"spec": {"pods": 4}}, patched["metadata"]["resourceVersion"])
    assert late.value.status == 409
    with contextlib.suppress(ApiError):  # this server has none
        await api.patch(RUN_TOY, uid, {}, subresource="resize")
    assert world.requests[-1][1].endswith("/flowruns/toy/resize")
    await api.delete(RUN_TOY, uid)
    with pytest.raises(ApiError) as gone:
        await api.get(RUN_TOY)
    assert gone.value.status == 404


async def test_what_dask_kubernetes_users_wrote_is_taken_without_a_word_on_unknown_fields(
    world: HttpServer, api: KubernetesApi
) -> None:
    labels = {"dask.org/cluster-name": "lab"}
    meta = {"name": "lab-scheduler", "namespace": "data", "labels": labels}
    await api.create({"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": {}})
    assert world.requests[-1][1] == "/api/v1/namespaces/data/pods?fieldValidation=Ignore"


async def test_their_cluster_is_another_object_than_ours_of_the_same_name(
    world: HttpServer, api: KubernetesApi
) -> None:
    meta = {"name": "lab", "namespace": "data"}
    for version in ("daskflow.dev/v1alpha1", "kubernetes.dask.org/v1"):
        await api.create({"apiVersion": version, "kind": "DaskCluster", "metadata": meta, "spec": {}})
    theirs = await api.get(Key("DaskCluster.kubernetes.dask.org", "data", "lab"))
    assert (theirs["kind"], theirs["apiVersion"]) == ("DaskCluster", "kubernetes.dask.org/v1")
    assert theirs["metadata"]["uid"] != (await api.get(Key("DaskCluster", "data", "lab")))["metadata"]["uid"]
    written = await api.replace_status({**theirs, "status": {"phase": "Running"}})
    assert written["status"] == {"phase": "Running"}
    (page,) = [page async for page in api.pages("DaskCluster.kubernetes.dask.org", "data")]
    assert [(body["kind"], body["apiVersion"]) for body in page.items] == [
        ("DaskCluster", "kubernetes.dask.org/v1")
    ]


async def test_a_list_has_all_pages_and_kinds(world: HttpServer, api: KubernetesApi) -> None:
    owner = world.server.create(toy.parent("toy"))
    for n in range(1001):
        world.server.create(toy.child(owner, "Pod", f"toy-{n}"))
    listing = await _listed(api)
    assert len(listing.items) == 1001
    assert {(body["kind"], body["apiVersion"]) for body in listing.items} == {("Pod", "v1")}
    assert int(listing.version) == world.server.version
    world.expired = True
    with pytest.raises(ApiError) as expired:
        await _listed(api)
    assert expired.value.status == 410


async def test_a_list_of_one_name_asks_for_no_other(world: HttpServer, api: KubernetesApi) -> None:
    assert [page async for page in api.pages("FlowRun", "default", name="toy")]
    method, path, _ = world.requests[-1]
    assert (method, path.partition("&")[2]) == ("GET", "fieldSelector=metadata.name%3Dtoy")


async def test_pages_are_as_small_as_their_objects_are_large(world: HttpServer, api: KubernetesApi) -> None:
    for n in range(25):
        run = toy.parent(f"toy-{n}")
        world.server.create({**run, "spec": {"flow": {"script": "x" * 1_400_000}}})
    for limits in (["200", "10", "10", "10"], ["10", "10", "10"]):
        world.requests.clear()
        pages = [page async for page in api.pages("FlowRun")]
        assert [path.partition("limit=")[2].partition("&")[0] for _, path, _ in world.requests] == limits
        assert len({body["metadata"]["uid"] for page in pages for body in page.items}) == 25
    for n in range(20):
        world.server.delete(Key("FlowRun", "default", f"toy-{n}"))
    world.requests.clear()
    for _ in range(2):
        assert sum([len(page.items) async for page in api.pages("FlowRun")]) == 5
    assert ["limit=200" in path for _, path, _ in world.requests] == [False, True]


async def test_lines_are_as_long_as_objects_are(world: HttpServer, api: KubernetesApi) -> None:
    """The reader of the client ends a line at 4 MiB with an error, and then at the same line again."""
    watch = api.watch("FlowRun", None, "", "1")
    for name, size in (("large", 5_000_000), ("toy", 1)):
        world.server.create({**toy.parent(name), "spec": {"flow": {"script": "x" * size}}})
        assert (await anext(watch)).object["metadata"]["name"] == name
    await watch.aclose()


async def test_a_watch_tells_what_follows(world: HttpServer, api: KubernetesApi) -> None:
    owner = world.server.create(toy.parent("toy"))
    listing = await _listed(api)
    world.server.create(toy.child(owner, "Pod", "toy-0"))
    world.server.delete(Key("Pod", "default", "toy-0"))
    watch = api.watch("Pod", None, OURS, listing.version)
    assert [(await anext(watch)).type for _ in range(2)] == ["ADDED", "DELETED"]
    await watch.aclose()
    world.server.forget_history("Pod")
    with pytest.raises(ApiError) as gone:
        await anext(api.watch("Pod", None, OURS, listing.version))
    assert gone.value.status == 410


async def test_no_answer_is_an_api_error(world: HttpServer, api: KubernetesApi) -> None:
    await world.stop()
    with pytest.raises(ApiError) as error:
        await api.get(RUN_TOY)
    assert error.value.passing


async def _listed(api: KubernetesApi) -> Listing:
    pages = [page async for page in api.pages("Pod", None, OURS)]
    assert len({page.version for page in pages}) == 1
    return Listing(tuple(body for page in pages for body in page.items), pages[0].version)


async def test_any_number_of_watches_leaves_room_for_calls(world: HttpServer, api: KubernetesApi) -> None:
    """As of an operator that looks after forty namespaces."""
    world.server.create(toy.parent("toy"))

    async def watch(number: int) -> None:
        async for _ in api.watch("Pod", f"namespace-{number}", OURS, str(world.server.version)):
            pass

    watches = [asyncio.create_task(watch(number)) for number in range(120)]
    try:
        async with asyncio.timeout(30):
            while sum("watch=1" in path for _, path, _ in world.requests) < len(watches):
                assert (await api.get(RUN_TOY))["metadata"]["name"] == "toy"
    finally:
        for each in watches:
            each.cancel()
        await asyncio.gather(*watches, return_exceptions=True)
