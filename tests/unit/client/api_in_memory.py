"""An API server for one kind, in memory and over real HTTP: lists in pages, watches, and what goes wrong."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import yaml
from aiohttp import web
from daskflow.client.connection import Connection

Object = dict[str, Any]
PATH = "/apis/daskflow.dev/v1alpha1/namespaces/team/flowruns"


class Api:
    """`answers` are given before anything else is looked at, one a request."""

    def __init__(self) -> None:
        self.objects: dict[str, Object] = {}
        self.events: list[Object] = []
        """All changes so far, as lines of a watch; a resourceVersion is how many there were."""
        self.changed = asyncio.Condition()
        self.watched = asyncio.Event()
        self.answers: list[Callable[[web.Request], web.StreamResponse | Exception | None]] = []
        self.requests: list[web.Request] = []
        self.cut: list[int] = []
        """After how many events each of the next watches is cut off."""
        self.oldest = 0
        """Watches from before are Gone."""

    async def put(self, name: str, phase: str = "", kind: str = "MODIFIED", **status: Any) -> Object:
        """A change of a run."""
        self.objects[name] = run = {
            "apiVersion": "daskflow.dev/v1alpha1",
            "kind": "FlowRun",
            "metadata": {"name": name, "namespace": "team", "uid": f"uid-{name}"},
            "spec": {"image": "i", "flow": {"entrypoint": "a:b"}},
            "status": {**({"phase": phase} if phase else {}), **status},
        }
        await self._tell(kind, run)
        return run

    async def remove(self, name: str) -> None:
        await self._tell("DELETED", self.objects.pop(name))

    async def made(self, name: str) -> None:
        """Until there is a run of this name."""
        async with self.changed:
            await self.changed.wait_for(lambda: name in self.objects)

    async def _tell(self, kind: str, run: Object) -> None:
        run["metadata"]["resourceVersion"] = str(len(self.events) + 1)
        self.events.append({"type": kind, "object": json.loads(json.dumps(run))})
        async with self.changed:
            self.changed.notify_all()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        if self.answers:
            answer = self.answers.pop(0)(request)
            if isinstance(answer, Exception):
                assert request.transport
                request.transport.close()
                raise answer
            if answer is not None:
                return answer
        if request.query.get("watch"):
            return await self._watch(request)
        name = request.path.removeprefix(PATH).strip("/")
        if request.method == "POST":
            made = await request.json()
            return web.json_response(await self.put(made["metadata"]["name"], kind="ADDED"))
        if request.method == "PATCH" and name in self.objects:
            return await self._patch(name, await request.json())
        if name:
            return web.json_response(self.objects[name]) if name in self.objects else missing(name)
        return self._list(request)

    async def _patch(self, name: str, change: Object) -> web.Response:
        run = self.objects[name]
        wanted = change.get("metadata", {}).get("uid", run["metadata"]["uid"])
        if wanted != run["metadata"]["uid"]:
            return status(409, "Conflict", f"Precondition failed: UID in precondition: {wanted}")
        run["spec"].update(change.get("spec", {}))
        await self._tell("MODIFIED", run)
        return web.json_response(run)

    def _list(self, request: web.Request) -> web.Response:
        field = request.query.get("fieldSelector", "").partition("=")[2]
        items = [run for name, run in sorted(self.objects.items()) if field in ("", name)]
        start = int(request.query.get("continue", 0))
        end = start + int(request.query.get("limit", 500))
        metadata = {
            "resourceVersion": str(len(self.events)),
            "continue": str(end) if end < len(items) else "",
        }
        return web.json_response({"metadata": metadata, "items": items[start:end]})

    async def _watch(self, request: web.Request) -> web.StreamResponse:
        at = int(request.query["resourceVersion"])
        if at < self.oldest:
            return status(410, "Expired", "too old resource version")
        response = web.StreamResponse()
        await response.prepare(request)
        self.watched.set()
        left = self.cut.pop(0) if self.cut else None
        while left is None or left > 0:
            async with self.changed:
                while len(self.events) <= at:
                    await self.changed.wait()
            await response.write(json.dumps(self.events[at]).encode() + b"\n")
            at, left = at + 1, None if left is None else left - 1
        assert request.transport
        request.transport.close()
        return response


def status(code: int, reason: str, message: str, **details: Any) -> web.Response:
    """A Status as API servers answer it."""
    body = {"kind": "Status", "status": "Failure", "reason": reason, "message": message, "code": code}
    return web.json_response({**body, "details": details}, status=code)


def missing(name: str) -> web.Response:
    return status(404, "NotFound", f'flowruns.daskflow.dev "{name}" not found', name=name, kind="flowruns")


@asynccontextmanager
async def serving(api: Api, folder: Path) -> AsyncIterator[Connection]:
    """A connection to it, by a kubeconfig of its own."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", api.serve)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    yield Connection(kubeconfig=str(kubeconfig(folder / "config", f"http://127.0.0.1:{port}")))
    await runner.cleanup()


def kubeconfig(path: Path, server: str, **user: Any) -> Path:
    """A file with one context, `here`, in the namespace `team`."""
    config = {
        "current-context": "here",
        "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u", "namespace": "team"}}],
        "clusters": [{"name": "c", "cluster": {"server": server}}],
        "users": [{"name": "u", "user": user or {"token": "t"}}],
    }
    path.write_text(yaml.safe_dump(config))
    return path
