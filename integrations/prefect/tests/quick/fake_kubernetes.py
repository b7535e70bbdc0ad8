"""As much of an API server as a worker speaks to, over HTTP: FlowRuns with watches, Secrets, a namespace."""

import asyncio
import json
from typing import Any
from uuid import uuid4

from aiohttp import web

Object = dict[str, Any]
RUNS = "/apis/daskflow.dev/v1alpha1/namespaces/{namespace}/flowruns"


class FakeKubernetes:
    """FlowRuns of namespace `flows` by name, those of others as `namespace/name`.

    `refuse` answers the next creates with this status instead, `unsure` the next reads of the namespace.
    `broken` are FlowRuns that are always answered so; 0: never.
    """

    def __init__(self) -> None:
        self.runs: dict[str, Object] = {}
        self.secrets: dict[str, Object] = {}
        self.refuse: list[int] = []
        self.words = ""
        """What `refuse` says."""
        self.unsure: list[int] = []
        self.broken: dict[str, int] = {}
        self._version = 1
        self._watches: list[tuple[str, asyncio.Queue[Object | None]]] = []
        self.url = ""
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        app = web.Application()
        app.router.add_get(RUNS, self._list)
        app.router.add_post(RUNS, self._create)
        app.router.add_get(RUNS + "/{name}", self._get)
        app.router.add_patch(RUNS + "/{name}", self._patch)
        app.router.add_post("/api/v1/namespaces/{namespace}/secrets", self._secret)
        app.router.add_get("/api/v1/namespaces/{namespace}", self._namespace)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"  # type: ignore[union-attr]

    async def stop(self) -> None:
        self.cut()
        assert self._runner is not None
        await self._runner.cleanup()

    def cut(self) -> None:
        """End all watches."""
        for _, each in self._watches:
            each.put_nowait(None)
        self._watches.clear()

    def status(self, name: str, **status: Any) -> None:
        """As the operator does."""
        self.runs[name]["status"] = {**self.runs[name].get("status", {}), **status}
        self._changed("MODIFIED", self.runs[name])

    def delete(self, name: str) -> None:
        """As kubectl does."""
        self._changed("DELETED", self.runs.pop(name))

    def _changed(self, kind: str, run: Object) -> None:
        self._version += 1
        run["metadata"]["resourceVersion"] = str(self._version)
        for namespace, each in self._watches:
            if namespace == run["metadata"]["namespace"]:
                each.put_nowait({"type": kind, "object": json.loads(json.dumps(run))})

    async def _list(self, request: web.Request) -> web.StreamResponse:
        if request.query.get("watch") != "True" and request.query.get("watch") != "true":
            place = request.match_info["namespace"]
            items = [each for each in self.runs.values() if each["metadata"]["namespace"] == place]
            return web.json_response({"items": items, "metadata": {"resourceVersion": str(self._version)}})
        queue: asyncio.Queue[Object | None] = asyncio.Queue()
        self._watches.append((request.match_info["namespace"], queue))
        response = web.StreamResponse()
        await response.prepare(request)
        while (event := await queue.get()) is not None:
            await response.write(json.dumps(event).encode() + b"\n")
        return response

    async def _create(self, request: web.Request) -> web.Response:
        if self.refuse:
            return _refused(self.refuse.pop(0), self.words)
        run = await request.json()
        name = _key(request.match_info["namespace"], run["metadata"]["name"])
        if name in self.runs:
            return _refused(409)
        run["metadata"] |= {"uid": str(uuid4())}
        self.runs[name] = run
        self._changed("ADDED", run)
        return web.json_response(run, status=201)

    async def _broken(self, request: web.Request) -> web.Response | None:
        status = self.broken.get(request.match_info["name"])
        if status == 0:
            await asyncio.Event().wait()
        return _refused(status) if status else None

    async def _get(self, request: web.Request) -> web.Response:
        if broken := await self._broken(request):
            return broken
        run = self.runs.get(_key(**request.match_info))
        return web.json_response(run) if run else _refused(404)

    async def _patch(self, request: web.Request) -> web.Response:
        assert request.content_type == "application/merge-patch+json"
        if broken := await self._broken(request):
            return broken
        run, patch = self.runs.get(_key(**request.match_info)), await request.json()
        if run is None:
            return _refused(404)
        metadata = patch.get("metadata") or {}
        if (
            metadata.get("resourceVersion", run["metadata"]["resourceVersion"])
            != run["metadata"]["resourceVersion"]
        ):
            return _refused(409)
        run["spec"].update(patch.get("spec") or {})
        run["metadata"]["annotations"].update(metadata.get("annotations") or {})
        self._changed("MODIFIED", run)
        return web.json_response(run)

    async def _secret(self, request: web.Request) -> web.Response:
        secret = await request.json()
        name = secret["metadata"]["name"]
        if name in self.secrets:
            return _refused(409)
        self.secrets[name] = secret
        return web.json_response(secret, status=201)

    async def _namespace(self, request: web.Request) -> web.Response:
        if self.unsure:
            return _refused(self.unsure.pop(0))
        return web.json_response({"metadata": {"name": "flows", "uid": "the-namespace"}})


def _key(namespace: str, name: str) -> str:
    return name if namespace == "flows" else f"{namespace}/{name}"


def _refused(status: int, said: str = "") -> web.Response:
    words = {403: 'flowruns.daskflow.dev is forbidden: User "w" cannot create', 503: "later"}
    said = said or words.get(status, f"refused with {status}")
    return web.json_response({"message": said}, status=status)
