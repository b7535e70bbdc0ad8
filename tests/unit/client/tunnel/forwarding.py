"""An API server in memory that forwards the ports of its pods to sockets of this process."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import WSMsgType, web

from tests.unit.client.api_in_memory import status

Object = dict[str, Any]


class Forwarding:
    """Objects by path below a namespace, and which socket is behind which port of a pod."""

    def __init__(self) -> None:
        self.objects: dict[str, Object] = {}
        """By `pods/name`, `services/name` and `daskclusters/name`, all in the namespace team."""
        self.ports: dict[tuple[str, int], int] = {}
        """From a pod's name and port to one of 127.0.0.1."""
        self.answers: list[Callable[[web.Request], web.StreamResponse | None]] = []
        """To the next requests for a forwarded port, before anything else is looked at."""
        self.sockets: set[web.WebSocketResponse] = set()
        self.forwarded: list[str] = []
        """Names of pods, one a connection."""

    def pod(self, name: str, phase: str = "Running", *, ready: bool = True, **ports: int) -> None:
        conditions = [{"type": "Ready", "status": str(ready)}]
        named = [{"name": port, "containerPort": number} for port, number in ports.items()]
        self.objects[f"pods/{name}"] = {
            "metadata": {"name": name, "namespace": "team", "uid": name, "labels": {"app": "a"}},
            "spec": {"containers": [{"name": "c", "ports": named}]},
            "status": {"phase": phase, "conditions": conditions},
        }

    async def serve(self, request: web.Request) -> web.StreamResponse:
        path = request.path.partition("/namespaces/team/")[2]
        if path.endswith("/portforward"):
            answer = self.answers.pop(0)(request) if self.answers else None
            return answer or await self._forward(request, path.split("/")[1])
        if path == "pods":
            items = [each for name, each in self.objects.items() if name.startswith("pods/")]
            return web.json_response({"metadata": {}, "items": items})
        if path in self.objects:
            return web.json_response(self.objects[path])
        kind, _, name = path.partition("/")
        return status(404, "NotFound", f'{kind} "{name}" not found', name=name, kind=kind)

    async def _forward(self, request: web.Request, pod: str) -> web.StreamResponse:
        if f"pods/{pod}" not in self.objects:
            return status(404, "NotFound", f'pods "{pod}" not found', name=pod, kind="pods")
        port = int(request.query["ports"])
        websocket = web.WebSocketResponse(protocols=["v4.channel.k8s.io"])
        await websocket.prepare(request)
        self.forwarded.append(pod)
        self.sockets.add(websocket)
        for channel in (b"\0", b"\1"):
            await websocket.send_bytes(channel + port.to_bytes(2, "little"))
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.ports[pod, port])
        except (KeyError, OSError):
            await websocket.send_bytes(b"\1dial tcp4 127.0.0.1: connect: connection refused")
        else:
            await self._copied(websocket, reader, writer)
        await websocket.close()
        self.sockets.discard(websocket)
        return websocket

    async def _copied(
        self, websocket: web.WebSocketResponse, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        async def down() -> None:
            while data := await reader.read(2**15):
                await websocket.send_bytes(b"\0" + data)
            await websocket.close()

        sending = asyncio.create_task(down())
        async for message in websocket:
            assert message.type == WSMsgType.BINARY
            assert message.data[:1] == b"\0"
            writer.write(message.data[1:])
            await writer.drain()
        sending.cancel()
        writer.close()

    def cut(self) -> None:
        """All connections break, as when an API server is killed."""
        for websocket in list(self.sockets):
            assert websocket._req
            assert websocket._req.transport
            websocket._req.transport.abort()


@asynccontextmanager
async def upper() -> AsyncIterator[int]:
    """The port of a server that answers each line in capitals, and closes after `bye`."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(line.upper())
            await writer.drain()
            if line == b"bye\n":
                break
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, limit=2**26)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
