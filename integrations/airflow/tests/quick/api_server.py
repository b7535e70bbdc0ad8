"""An API server in this process, at HTTP level: FlowRuns with watches, their runners' logs, and faults.

It keeps what it is given, and counts resource versions; what an operator of daskflow would do, tests do.
"""

import asyncio
import json
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

from aiohttp import web

_RUNS = "/apis/daskflow.dev/v1alpha1/namespaces/{namespace}/flowruns"
_PODS = "/api/v1/namespaces/{namespace}/pods"
Run = dict[str, Any]


class ApiServer:
    """It listens on a free port of 127.0.0.1 as long as the block lasts."""

    def __init__(self) -> None:
        self.runs: dict[tuple[str, str], Run] = {}
        self.logs: dict[str, list[tuple[str, str]]] = {}
        """By run: timestamp and text of what its runner has printed."""
        self.faults: deque[int] = deque()
        """How the next requests are answered: an HTTP status, or 0 for none at all."""
        self.words = "as the test wants it"
        """What such an answer says."""
        self.requests: list[str] = []
        self.made: Callable[[str, str], None] = lambda name, namespace: None
        """Called with name and namespace of each new run, in the server's thread."""
        self.asked: Callable[[str], None] = lambda request: None
        """Called with method and path of each request, before it is answered."""
        self._version = 100
        self._watches: list[tuple[str, asyncio.Queue[dict[str, Any]]]] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> "ApiServer":
        self._thread.start()
        self.port = self._call(self._start())
        return self

    def __exit__(self, *raised: object) -> None:
        self._call(self._runner.cleanup())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def kubeconfig(self, folder: Path) -> Path:
        """A file that leads here."""
        server = {"name": "here", "cluster": {"server": f"http://127.0.0.1:{self.port}"}}
        context = {"name": "here", "context": {"cluster": "here", "user": "me", "namespace": "default"}}
        user = {"name": "me", "user": {"token": "secret"}}
        parts = {"clusters": [server], "contexts": [context], "users": [user], "current-context": "here"}
        file = folder / "kubeconfig.json"
        file.write_text(json.dumps({"apiVersion": "v1", "kind": "Config", **parts}))
        return file

    def status(self, name: str, namespace: str = "default", **status: Any) -> None:
        """Write a run's status."""
        run = self.runs[namespace, name]
        run["status"] = {**run.get("status", {}), **status}
        self._changed("MODIFIED", run)

    def delete(self, name: str, namespace: str = "default") -> None:
        """Take a run away."""
        self._changed("DELETED", self.runs.pop((namespace, name)))

    def expire(self) -> None:
        """End all watches as an API server does that has forgotten their resource version."""
        error = {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old resource version"}
        for _, queue in self._watches:
            self._loop.call_soon_threadsafe(queue.put_nowait, {"type": "ERROR", "object": error})

    @property
    def watches(self) -> int:
        """How many are open."""
        return len(self._watches)

    def _call(self, awaited: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(awaited, self._loop).result(10)

    async def _start(self) -> int:
        app = web.Application(middlewares=[self._faulty])
        app.router.add_get(_RUNS, self._list)
        app.router.add_post(_RUNS, self._create)
        app.router.add_get(_RUNS + "/{name}", self._get)
        app.router.add_patch(_RUNS + "/{name}", self._patch)
        app.router.add_get(_PODS, self._list_pods)
        app.router.add_get(_PODS + "/{name}/log", self._log)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return int(self._runner.addresses[0][1])

    @web.middleware
    async def _faulty(self, request: web.Request, handler: Any) -> web.StreamResponse:
        watch = " watch" if request.query.get("watch") else ""
        self.requests.append(f"{request.method} {request.path}{watch}")
        self.asked(self.requests[-1])
        if not self.faults:
            answer: web.StreamResponse = await handler(request)
            return answer
        status = self.faults.popleft()
        if status:
            return _status(status, self.words)
        assert request.transport
        request.transport.close()
        return web.Response()

    async def _list(self, request: web.Request) -> web.StreamResponse:
        field = request.query.get("fieldSelector", "").removeprefix("metadata.name=")
        if request.query.get("watch"):
            return await self._watch(request, field)
        wanted = [pair.split("=") for pair in request.query.get("labelSelector", "").split(",") if pair]
        items = [
            run
            for (namespace, name), run in self.runs.items()
            if namespace == request.match_info["namespace"]
            and name in (field or name)
            and all(run["metadata"].get("labels", {}).get(key) == value for key, value in wanted)
        ]
        return web.json_response({"items": items, "metadata": {"resourceVersion": str(self._version)}})

    async def _watch(self, request: web.Request, name: str) -> web.StreamResponse:
        answer = web.StreamResponse()
        queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        for run in self.runs.values():  # what has happened since it was listed
            if run["metadata"]["name"] == name and _version(run) > int(request.query["resourceVersion"]):
                queue.put_nowait({"type": "MODIFIED", "object": run})
        self._watches.append((name, queue))
        try:
            await answer.prepare(request)
            while True:
                event = await queue.get()
                await answer.write(json.dumps(event).encode() + b"\n")
                if event["type"] == "ERROR":
                    return answer
        finally:
            self._watches.remove((name, queue))

    async def _create(self, request: web.Request) -> web.Response:
        run = await request.json()
        namespace, name = request.match_info["namespace"], run["metadata"]["name"]
        if (namespace, name) in self.runs:
            return _status(409, f'flowruns.daskflow.dev "{name}" already exists')
        run["metadata"].update(namespace=namespace, uid=str(uuid4()))
        self.runs[namespace, name] = run
        self._changed("ADDED", run)
        self.made(name, namespace)
        return web.json_response(run, status=201)

    async def _get(self, request: web.Request) -> web.Response:
        run = self.runs.get((request.match_info["namespace"], request.match_info["name"]))
        return web.json_response(run) if run else _status(404, "flowruns.daskflow.dev not found")

    async def _patch(self, request: web.Request) -> web.Response:
        run = self.runs.get((request.match_info["namespace"], request.match_info["name"]))
        if run is None:
            return _status(404, "flowruns.daskflow.dev not found")
        if request.content_type != "application/merge-patch+json":
            return _status(415, f"{request.content_type} is not taken here")
        _merge(run, await request.json())
        self._changed("MODIFIED", run)
        return web.json_response(run)

    async def _list_pods(self, request: web.Request) -> web.Response:
        name = request.query["labelSelector"].split(",")[0].removeprefix("daskflow.dev/run=")
        status = {"containerStatuses": [{"name": "runner", "state": {"running": {}}, **_CONTAINER}]}
        pods = [{"metadata": {"name": f"{name}-runner"}, "status": status}] if name in self.logs else []
        return web.json_response({"items": pods})

    async def _log(self, request: web.Request) -> web.Response:
        since = request.query.get("sinceTime", "")[:19]
        lines = self.logs[request.match_info["name"].removesuffix("-runner")]
        text = "".join(f"{stamp} {line}\n" for stamp, line in lines if stamp[:19] >= since)
        return web.Response(body=text.encode()[: int(request.query["limitBytes"])])

    def _changed(self, kind: str, run: Run) -> None:
        self._version += 1
        run["metadata"]["resourceVersion"] = str(self._version)
        event = {"type": kind, "object": json.loads(json.dumps(run))}
        for name, queue in self._watches:
            if name == run["metadata"]["name"]:
                self._loop.call_soon_threadsafe(queue.put_nowait, event)


_CONTAINER = {"image": "", "imageID": "", "ready": True, "restartCount": 0}


def _version(run: Run) -> int:
    return int(run["metadata"]["resourceVersion"])


def _status(code: int, message: str) -> web.Response:
    return web.json_response({"kind": "Status", "code": code, "message": message}, status=code)


def _merge(into: Run, patch: Run) -> None:
    for key, value in patch.items():
        if isinstance(value, dict):
            _merge(into.setdefault(key, {}), value)
        else:
            into[key] = value
