"""One connection to a port of a pod: a websocket to the API server, which the kubelet ends in the pod.

The protocol is Kubernetes' own: each message begins with the number of its channel, 0 for data and 1 for a
fault, and the first of a channel is the port's number. There is no half-closed connection in it.
"""

import base64
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from httpx_ws import AsyncWebSocketSession, HTTPXWSException, WebSocketDisconnect
from wsproto.utilities import ProtocolError

from daskflow.client.api_server import CONNECT_SECONDS, READ_SECONDS, ApiServer
from daskflow.client.connection import Connection, refusal
from daskflow.client.errors import DaskflowError, Unauthorized
from daskflow.client.kinds import KINDS
from daskflow.client.tunnel.ends import End

CHUNK = 256 * 1024
"""Bytes of a message at most; a frame's cost is Python's, so larger ones are faster."""
PING_SECONDS = 20.0
"""A connection that is silent is asked as often whether it is there; proxies end idle ones after a minute."""
LOST_SECONDS = 60.0
"""After as long without an answer it is not. A scheduler that reads nothing keeps an answer back as well."""
_DATA = b"\x00"


class Broken(DaskflowError):
    """The connection has ended by a fault, in the pod or on the way."""


class Stream:
    """Bytes to and from the pod."""

    def __init__(self, session: AsyncWebSocketSession, end: End) -> None:
        self._session, self._end = session, end

    async def send(self, data: bytes) -> None:
        """To the pod. Raises Broken."""
        try:
            await self._session.send_bytes(_DATA + data)
        except (HTTPXWSException, ProtocolError, httpx.TransportError, OSError) as error:
            raise self.broken(error) from error

    async def chunks(self) -> AsyncIterator[bytes]:
        """From the pod, until it closes the connection. Raises Broken."""
        begun: set[int] = set()
        try:
            while True:
                message = await self._session.receive_bytes()
                if not message:
                    raise Broken(
                        f"the connection to {self._end} was lost: there is a message without a channel"
                    )
                channel, data = message[0], bytes(message[1:])
                if channel not in begun:
                    begun.add(channel)
                elif channel:
                    raise Broken(f"{self._end} cannot be reached: {_why(data)}")
                elif data:
                    yield data
        except WebSocketDisconnect as closed:
            # x/net/websocket, the kubelet's, says nothing as it closes: 1005.
            if closed.code not in (1000, 1005):
                raise self.broken(closed) from closed
        except (HTTPXWSException, ProtocolError, httpx.TransportError, OSError) as error:
            raise self.broken(error) from error

    def broken(self, error: BaseException) -> Broken:
        """By this fault, which the stream or a message of it has."""
        said = getattr(error, "reason", "") or str(error) or "the API server, or the way to it, is gone"
        return Broken(f"the connection to {self._end} was lost: {said}")


@asynccontextmanager
async def stream(connection: Connection, end: End) -> AsyncIterator[Stream]:
    """A connection to that port. The block has to catch what `Stream` raises.

    Raises the errors of a connection, of which NotFound and Refused may mean that the pod is not there.
    """
    server = await connection.server()
    known = True
    while True:
        used = server.auth
        async with _answer(server, end) as answer:
            if answer.status_code == httpx.codes.UNAUTHORIZED and known:
                known = False
                await server.renew(used)
                continue
            if answer.status_code == httpx.codes.UNAUTHORIZED:
                raise Unauthorized(f"{server.where} does not know you any more; log in again")
            if answer.status_code != httpx.codes.SWITCHING_PROTOCOLS:
                raise await refusal(answer, KINDS["Pod"], end.pod, end.namespace)
            session = AsyncWebSocketSession(
                answer.extensions["network_stream"],
                max_message_size_bytes=CHUNK,
                keepalive_ping_interval_seconds=PING_SECONDS,
                keepalive_ping_timeout_seconds=LOST_SECONDS,
                response=answer,
            )
            async with session:
                yield Stream(session, end)
            return


@asynccontextmanager
async def _answer(server: ApiServer, end: End) -> AsyncIterator[httpx.Response]:
    """The API server's to the request for a websocket.

    Each has a client of its own: httpx allows one 100 connections, and new credentials close a client's.
    """
    async with await server.client(httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)) as client:
        request: dict[str, Any] = {
            "url": f"/api/v1/namespaces/{end.namespace}/pods/{end.pod}/portforward",
            "params": {"ports": str(end.port)},
            "headers": [
                *server.headers,
                ("Connection", "Upgrade"),
                ("Upgrade", "websocket"),
                ("Sec-WebSocket-Key", base64.b64encode(secrets.token_bytes(16)).decode()),
                ("Sec-WebSocket-Version", "13"),
                ("Sec-WebSocket-Protocol", "v4.channel.k8s.io"),
            ],
        }
        if server.auth.tls_server_name:
            request["extensions"] = {"sni_hostname": server.auth.tls_server_name}
        built = client.build_request("GET", **request)
        try:
            answer = await client.send(built, stream=True)
        except (httpx.TransportError, httpx.InvalidURL, OSError) as error:
            raise server.unanswered(error) from error
        try:
            yield answer
        finally:
            await answer.aclose()


def _why(said: bytes) -> str:
    """What a container runtime says of a fault, less the ids and namespaces that it names."""
    text = " ".join(said.decode(errors="replace").split()).rstrip(".")
    return "nothing listens there" if "connection refused" in text else text
