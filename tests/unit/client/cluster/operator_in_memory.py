"""An API server in memory whose DaskClusters are schedulers and workers of this process, in a thread."""

import asyncio
import base64
import json
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from aiohttp import web
from daskflow.client.connection import Connection
from daskflow.client.manifest import merge
from distributed import LocalCluster, Security

from tests.unit.client.api_in_memory import serving, status
from tests.unit.client.tunnel.forwarding import Forwarding, Object

KINDS = ("daskclusters", "pods", "flowruns")
_PEM = {"ca.crt": "tls_ca_file", "tls.crt": "tls_client_cert", "tls.key": "tls_client_key"}


class Operator(Forwarding):
    """Makes a cluster ready at once, unless `holds` is set, and as large as it is asked to be."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.running: dict[str, Any] = {}
        self.encrypted = True
        self.holds = False
        """Clusters that are made stay Starting."""
        self.refuses_secrets = False
        self.answer: Callable[[web.Request], Awaitable[object]] | None = None
        """Awaited before the answer to a creation, which may never come."""
        self.within_reach = False
        """The address in status can be connected to from here, as from a pod."""
        self.events: list[tuple[str, Object]] = []
        """Kind and line of a watch; a resourceVersion is how many there were."""
        self.watched: set[str] = set()
        """Kinds of which there has been a watch."""
        self._changed = asyncio.Condition()
        self._starting: set[asyncio.Task[None]] = set()

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """In the loop of this API server."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(30)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        kind, _, name = request.path.partition("/namespaces/team/")[2].partition("/")
        if kind == "secrets" and self.refuses_secrets:
            text = 'secrets is forbidden: User "ann" cannot get resource "secrets" in API group "" in the '
            return status(403, "Forbidden", text + 'namespace "team"')
        if kind == "daskclusters" and request.method in ("POST", "PATCH", "DELETE"):
            return await self._change(request, name)
        if kind in KINDS and not name:
            return await (self._watch if request.query.get("watch") else self._list)(request, kind)
        if name.endswith("/log"):
            return web.Response(text=f"printed by {name.partition('/')[0]}\n")
        return await super().serve(request)

    async def _change(self, request: web.Request, name: str) -> web.StreamResponse:
        if name and f"daskclusters/{name}" not in self.objects:
            return status(404, "NotFound", f'daskclusters "{name}" not found', name=name, kind="daskclusters")
        if request.method == "DELETE":
            await self.deletes(name)
            return web.json_response({"kind": "Status", "status": "Success"})
        body = await request.json()
        if request.method == "PATCH":
            await self.puts("daskclusters", name, spec=body["spec"])
            wanted = self.objects[f"daskclusters/{name}"]["spec"]["workers"]
            if not wanted.get("autoscale") and name in self.running:
                self.running[name].scale(wanted["replicas"])
                await self.says(name, workers={"desired": wanted["replicas"]})
            return web.json_response(self.objects[f"daskclusters/{name}"])
        name = body["metadata"]["name"]
        if f"daskclusters/{name}" in self.objects:
            return status(409, "AlreadyExists", "there is one", name=name, kind="daskclusters")
        managers = [{"manager": request.query["fieldManager"]}]
        await self.puts("daskclusters", name, spec=body["spec"], metadata={"managedFields": managers})
        await self.says(name, phase="Starting", message="Starting scheduler.")
        if not self.holds:
            self._starting.add(asyncio.create_task(self.starts(name)))
        if self.answer is not None:
            await self.answer(request)
        return web.json_response(self.objects[f"daskclusters/{name}"], status=201)

    async def starts(self, name: str) -> None:
        """Its scheduler and workers, and whatever a client needs to know of them."""
        security = Security.temporary() if self.encrypted else None
        scheme = "tls" if self.encrypted else "tcp"
        replicas = self.objects[f"daskclusters/{name}"]["spec"].get("workers", {}).get("replicas", 2)
        self.running[name] = cluster = await LocalCluster(
            n_workers=replicas,
            threads_per_worker=1,
            processes=False,
            protocol=f"{scheme}://",
            security=security,
            dashboard_address=":0",
            silence_logs=False,
            asynchronous=True,
            name=name,
        )
        pod = f"{name}-scheduler"
        self.ports[pod, 8786] = int(cluster.scheduler.address.rpartition(":")[2])
        self.ports[pod, 8787] = cluster.scheduler.http_server.port
        if security is not None:
            config = {each: getattr(security, field) for each, field in _PEM.items()}
            data = {each: base64.b64encode(text.encode()).decode() for each, text in config.items()}
            self.objects[f"secrets/{name}"] = {"metadata": {"name": name}, "data": data}
        self.pod(pod)
        self.objects[f"pods/{pod}"]["metadata"]["uid"] = uid = f"{pod}-{len(self.events)}"
        await self._tell("pods", "ADDED", self.objects[f"pods/{pod}"])
        await self.says(
            name,
            phase="Ready",
            message="All is ready.",
            address=cluster.scheduler.address if self.within_reach else f"{scheme}://{name}.team.svc:8786",
            secretName=name,
            scheduler={"pod": pod, "uid": uid},
            workers={"desired": replicas},
            selector=f"daskflow.dev/cluster={name},daskflow.dev/group=default",
        )

    async def ends(self, name: str) -> None:
        """Its scheduler and workers; the object stays."""
        if cluster := self.running.pop(name, None):
            await cluster.close()
        self.objects.pop(f"pods/{name}-scheduler", None)

    async def deletes(self, name: str) -> None:
        await self._tell("daskclusters", "DELETED", self.objects.pop(f"daskclusters/{name}"))
        await self.ends(name)

    async def says(self, name: str, **status: Any) -> None:
        """The operator, in the cluster's status."""
        await self.puts("daskclusters", name, status=status)

    async def puts(self, kind: str, name: str, **parts: Any) -> None:
        """A change of an object, as a merge patch."""
        metadata = {"name": name, "namespace": "team", "uid": f"uid-{name}"}
        old = self.objects.get(f"{kind}/{name}", {"metadata": metadata, "spec": {}})
        self.objects[f"{kind}/{name}"] = new = merge(old, parts)
        await self._tell(kind, "MODIFIED", new)

    async def _tell(self, kind: str, change: str, item: Object) -> None:
        item["metadata"]["resourceVersion"] = str(len(self.events) + 1)
        self.events.append((kind, {"type": change, "object": json.loads(json.dumps(item))}))
        async with self._changed:
            self._changed.notify_all()

    async def _list(self, request: web.Request, kind: str) -> web.StreamResponse:
        name = request.query.get("fieldSelector", "").partition("=")[2]
        component = request.query.get("labelSelector", "").partition("component=")[2]
        items = [
            item
            for key, item in self.objects.items()
            if key.startswith(f"{kind}/") and name in ("", item["metadata"]["name"])
            if component in item["metadata"]["name"]
        ]
        metadata = {"resourceVersion": str(len(self.events))}
        return web.json_response({"metadata": metadata, "items": items})

    async def _watch(self, request: web.Request, kind: str) -> web.StreamResponse:
        at = int(request.query["resourceVersion"])
        name = request.query.get("fieldSelector", "").partition("=")[2]
        response = web.StreamResponse()
        await response.prepare(request)
        self.watched.add(kind)
        while request.transport and not request.transport.is_closing():
            async with self._changed:
                while len(self.events) <= at:
                    await self._changed.wait()
            told, line = self.events[at]
            at += 1
            if told == kind and name in ("", line["object"]["metadata"]["name"]):
                with suppress(ConnectionResetError):
                    await response.write(json.dumps(line).encode() + b"\n")
        return response


@contextmanager
def operating(folder: Path) -> Iterator[tuple[Operator, Connection]]:
    """It runs, and there is a connection to it."""
    operator = Operator()
    thread = threading.Thread(target=operator.loop.run_forever, daemon=True)
    thread.start()
    server = serving(operator, folder)  # type: ignore[arg-type]
    connection = operator.run(server.__aenter__())
    try:
        yield operator, connection
    finally:
        for name in list(operator.running):
            operator.run(operator.ends(name))
        operator.run(_closed(server))
        operator.loop.call_soon_threadsafe(operator.loop.stop)
        thread.join()
        operator.loop.close()


async def _closed(server: Any) -> None:
    await server.__aexit__(None, None, None)
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
