"""The simulated API server behind HTTP, in real time: for what speaks HTTP itself (client, kopf)."""

import asyncio
import json
from random import Random
from typing import Any

from aiohttp import web
from daskflow.api.dask_kubernetes import names as dask_kubernetes
from daskflow.api.names import GROUP, VERSION
from daskflow.controller.kubernetes.kinds import KINDS, Kind
from daskflow.controller.kubernetes.verbs import ApiError
from daskflow.plan.model import Key, Object

from tests.simulation.kubernetes.api_server import Server
from tests.simulation.operators.client import told

BY_PLURAL = {(kind.group, kind.plural): kind for kind in KINDS.values()}


class HttpServer:
    """`url` is set by `start`. `requests` remembers method, path with query, and headers of each."""

    def __init__(self) -> None:
        self.server = Server(Random(0))
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.spliced: dict[str, str] = {}
        """Texts of the world's objects, and the JSON that stands for each of them in what is answered."""
        self.url = ""
        self.hanging = ""
        """The method of requests that are never answered."""
        self.hung = asyncio.Event()
        """Set when there is one."""
        self.expired = False
        """Whether the tokens with which lists go on are too old."""
        self.forbidden: set[str] = set()
        """Namespaces in which nobody has a right."""
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen on a free port of 127.0.0.1."""
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(application, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = site.name

    async def stop(self) -> None:
        """Hang up on everybody."""
        if self._runner is not None:
            await self._runner.cleanup()

    def kubeconfig(self) -> str:
        """For KUBECONFIG; JSON is YAML."""
        return json.dumps(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "current-context": "c",
                "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
                "clusters": [{"name": "c", "cluster": {"server": self.url}}],
                "users": [{"name": "u", "user": {"token": "secret-token"}}],
            }
        )

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        self.requests.append((request.method, request.path_qs, dict(request.headers)))
        if request.method == self.hanging:
            self.hung.set()
            await asyncio.Event().wait()
        discovered = _discovery(request.path)
        if discovered is not None:
            return web.json_response(discovered)
        try:
            kind, namespace, name, sub = _parsed(request.path)
            if namespace in self.forbidden:
                message = f'{kind.plural} is forbidden: User "u" cannot list resource "{kind.plural}"'
                raise ApiError(403, "Forbidden", message)
            if "watch" in request.query:
                return await self._watch(request, kind, namespace)
            body = await request.json() if request.can_read_body else {}
            answer = self._verb(request, kind, namespace, name, sub, body)
            return web.json_response(answer, dumps=self._text)
        except ApiError as error:
            status = {
                "kind": "Status",
                "reason": error.reason,
                "message": error.message,
                "code": error.status,
            }
            return web.json_response(status, status=error.status)

    def _text(self, answer: Any) -> str:
        text = json.dumps(answer)
        for placeholder, value in self.spliced.items():
            text = text.replace(f'"{placeholder}"', value)
        return text

    def _verb(
        self, request: web.Request, kind: Kind, namespace: str | None, name: str, sub: str, body: Any
    ) -> Object:
        key = Key(kind.name, namespace or "", name)
        if request.method == "GET" and name:
            return self.server.get(key)
        if request.method == "GET":
            listing = self.server.list(kind.name, namespace, request.query.get("labelSelector", ""))
            version = f"{kind.group}/{kind.version}".lstrip("/")
            bare = [
                {k: v for k, v in each.items() if k not in ("kind", "apiVersion")} for each in listing.items
            ]
            start, limit = int(request.query.get("continue", "0")), int(request.query.get("limit", len(bare)))
            if start and self.expired:
                raise ApiError(410, "Expired", "The provided continue parameter is too old")
            more = str(start + limit) if start + limit < len(bare) else ""
            meta = {"resourceVersion": listing.version, "continue": more}
            items = bare[start : start + limit]
            return {"kind": f"{kind.name}List", "apiVersion": version, "metadata": meta, "items": items}
        if request.method == "POST":
            return self.server.create(body)
        if request.method == "PUT" and sub == "status":
            return self.server.replace_status(body)
        if request.method == "PATCH":
            return self.server.patch(key, body["metadata"]["uid"], body)
        if request.method == "DELETE":
            wanted = body["preconditions"]
            grace, revision = body.get("gracePeriodSeconds"), wanted.get("resourceVersion", "")
            return self.server.delete(key, wanted["uid"], grace, revision)
        raise ApiError(405)

    async def _watch(self, request: web.Request, kind: Kind, namespace: str | None) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        at, history = int(request.query.get("resourceVersion") or 0), self.server.history[kind.name]
        if at < self.server.forgotten[kind.name]:
            error = {"type": "ERROR", "object": {"kind": "Status", "code": 410, "reason": "Expired"}}
            await response.write(json.dumps(error).encode() + b"\n")
            return response
        position = next((i for i, entry in enumerate(history) if entry[0] > at), len(history))
        while True:
            while position < len(history):
                _, type_, body, before = history[position]
                position += 1
                word = told(type_, body, before, request.query.get("labelSelector", ""), namespace)
                if word is not None:
                    line = self._text({"type": word, "object": body})
                    await response.write(line.encode() + b"\n")
            await asyncio.sleep(0.01)


def _parsed(path: str) -> tuple[Kind, str | None, str, str]:
    parts = path.strip("/").split("/")
    group = parts[1] if parts[0] == "apis" else ""
    rest = parts[3:] if parts[0] == "apis" else parts[2:]
    namespace = None
    if rest and rest[0] == "namespaces":
        namespace, rest = rest[1], rest[2:]
    if not rest or (group, rest[0]) not in BY_PLURAL:
        raise ApiError(404, "NotFound", path)
    rest += ["", ""]
    return BY_PLURAL[group, rest[0]], namespace, rest[1], rest[2]


def _discovery(path: str) -> dict[str, Any] | None:
    """What kopf asks to find out which resources there are."""
    ours, theirs = (
        [_resource(kind.plural, kind.word) for kind in KINDS.values() if kind.group == group]
        for group in (GROUP, dask_kubernetes.GROUP)
    )
    core = [_resource("namespaces", "Namespace", namespaced=False), _resource("events", "Event")]
    version = {"groupVersion": f"{GROUP}/{VERSION}", "version": VERSION}
    other = {"groupVersion": dask_kubernetes.API_VERSION, "version": dask_kubernetes.VERSION}
    answers: dict[str, dict[str, Any]] = {
        "/version": {"major": "1", "minor": "36"},
        "/api": {"versions": ["v1"]},
        "/api/v1": {"groupVersion": "v1", "resources": core},
        "/apis": {
            "groups": [
                {"name": name, "versions": [each], "preferredVersion": each}
                for name, each in ((GROUP, version), (dask_kubernetes.GROUP, other))
            ]
        },
        f"/apis/{dask_kubernetes.API_VERSION}": {"groupVersion": other["groupVersion"], "resources": theirs},
        f"/apis/{GROUP}/{VERSION}": {"groupVersion": version["groupVersion"], "resources": ours},
    }
    return answers.get(path.rstrip("/"))


def _resource(plural: str, kind: str, *, namespaced: bool = True) -> dict[str, Any]:
    return {
        "name": plural,
        "singularName": kind.lower(),
        "kind": kind,
        "namespaced": namespaced,
        "verbs": ["create", "delete", "get", "list", "patch", "update", "watch"],
    }
