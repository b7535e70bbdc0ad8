"""Speaks to the control listener of a scheduler, which may be anybody's code: bounded in all it does.

Not through aiohttp: a TLS connection of asyncio keeps a read buffer of 256 KiB for as long as it lives, and
here thousands live and say nothing. This one asks and then reads, so that it needs no buffer between the two.

Whatever goes wrong is a ControlError, of which `conversation` decides what follows.
"""

import asyncio
import json
import re
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self, TypeVar

from daskflow.api.names import PORT_CONTROL
from daskflow.api.wording import one_line
from daskflow.controller.kubernetes.decoding import strict
from daskflow.controller.schedulers.answers import Answer, ControlError, parse_answer
from daskflow.controller.schedulers.tls import context_for
from daskflow.manifests.certificates import control_token
from daskflow.plan.model import GroupOrder, ScaleOrder
from daskflow.plan.question import Tell

ANSWER_LIMIT = 256 * 1024
"""Bytes of an answer, its head included; ours take 300, and 40 more for each worker that retires."""
HEAD_LIMIT = 8 * 1024
DIAL_SECONDS = 5.0
SLACK_SECONDS = 5.0
"""How much longer than the wait it was asked for a listener may take to answer."""
_SENTENCE = 300
"""Letters of what a refusal says."""
_READ = 16 * 1024
_BYTES = 2 * ANSWER_LIMIT
"""From the network, for one answer or one handshake, with all that TLS says beside it."""
_READS = 1_000
"""The same in pieces: a TLS record of one byte costs as much CPU as one of 16 KiB."""
_LENGTH = re.compile(rb"\r\nContent-Length: *(\d{1,6})\r\n", re.I)

T = TypeVar("T")


class Overruled(ControlError):
    """The scheduler has taken a newer order than this one, or another's word: what this was made from is no
    longer so."""


class Rejected(ControlError):
    """The scheduler cannot make anything of it, and never will: it is of another version, or too long."""


_REJECTIONS = tuple(f"HTTP/1.1 {code} ".encode() for code in (400, 404, 413))


@dataclass(frozen=True)
class Listener:
    """Where one is, and the cluster whose keys open it. `created` is the DaskCluster's creationTimestamp."""

    ip: str
    cluster_uid: str
    created: datetime
    tls: bool
    port: int = PORT_CONTROL


class Connection:
    """One connection, for one question at a time. After any error it is of no more use: close it."""

    def __init__(self, plain: socket.socket, listener: Listener, token: str) -> None:
        self._socket = plain
        self._tls: ssl.SSLObject | None = None
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._bytes, self._reads = _BYTES, _READS
        """What is left of what the answer that is awaited may take."""
        host = f"[{listener.ip}]" if ":" in listener.ip else listener.ip
        self._head = f"Host: {host}:{listener.port}\r\nAuthorization: Bearer {token}\r\n"

    @classmethod
    async def dial(cls, listener: Listener, root_key: bytes) -> Self:
        """Connect. With TLS the token is only ever said to a holder of the cluster's certificate."""
        family = socket.AF_INET6 if ":" in listener.ip else socket.AF_INET
        plain = socket.socket(family, socket.SOCK_STREAM)
        plain.setblocking(False)
        connection = cls(plain, listener, control_token(root_key, listener.cluster_uid))
        try:
            async with asyncio.timeout(DIAL_SECONDS):
                await asyncio.get_running_loop().sock_connect(plain, (listener.ip, listener.port))
                if listener.tls:
                    context = context_for(root_key, listener.cluster_uid, listener.created)
                    await connection._shake_hands(context)
        except (OSError, ValueError) as error:
            connection.close()
            raise ControlError(f"{type(error).__name__}: {error}") from error
        except BaseException:
            connection.close()
            raise
        return connection

    def close(self) -> None:
        """Drop it, without a word of farewell."""
        self._socket.close()

    async def watch(self, since: int, wait: float) -> Answer:
        """The scheduler's state once its version is not `since` any more, or after `wait` seconds."""
        question = f"GET /v1/watch?since={since}&timeout={wait:.1f}&brief=1 HTTP/1.1\r\n{self._head}\r\n"
        return await self._ask(question, wait + SLACK_SECONDS, parse_answer)

    async def scale(self, order: ScaleOrder) -> Answer:
        """Tell the scheduler how many workers there should be. Raises Overruled where it knows better."""
        body = {
            "revision": order.revision,
            "groups": {name: _group(group) for name, group in order.groups.items()},
        }
        return await self._ask(self._post("/v1/scale", body), SLACK_SECONDS, parse_answer)

    async def tell(self, word: Tell) -> None:
        """Say it, and hear that it was taken. Raises Overruled where the scheduler refuses it for good."""
        try:
            await self._ask(self._post(word.path, word.body), SLACK_SECONDS, bytes)
        except Rejected as error:
            raise Overruled(str(error)) from error

    def _post(self, path: str, value: Mapping[str, Any]) -> str:
        body = json.dumps(value)
        head = f"{self._head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        return f"POST {path} HTTP/1.1\r\n{head}\r\n{body}"

    async def _ask(self, question: str, seconds: float, parse: Callable[[bytearray], T]) -> T:
        self._bytes, self._reads = _BYTES, _READS
        try:
            async with asyncio.timeout(seconds):
                await self._write(question.encode())
                return parse(await self._answer())
        except (OSError, ValueError) as error:
            # OSError: also TimeoutError and ssl.SSLError.
            raise ControlError(f"{type(error).__name__}: {error}") from error

    async def _answer(self) -> bytearray:
        """The body of a 200. Listeners tell its length; whatever does not is not one."""
        text, end = bytearray(), -1
        while end < 0:
            looked = max(0, len(text) - 3)
            text += await self._read(HEAD_LIMIT - len(text))
            end = text.find(b"\r\n\r\n", looked)
        if text[:13] == b"HTTP/1.1 409 ":
            raise Overruled("another was taken")
        if text[:13] in _REJECTIONS:
            raise Rejected(_sentence(text[end + 4 :]) or f"answered {bytes(text[:40])!r}")
        if text[:13] != b"HTTP/1.1 200 ":
            raise ControlError(f"answered {bytes(text[:40])!r}")
        told = _LENGTH.search(text, 0, end + 2)
        if told is None:
            raise ControlError("an answer without a length")
        whole = end + 4 + int(told[1])
        if whole > ANSWER_LIMIT:
            raise ControlError(f"an answer of {whole} bytes")
        while len(text) < whole:
            text += await self._read(whole - len(text))
        return text[end + 4 : whole]

    async def _read(self, room: int) -> bytes:
        if room <= 0:
            raise ControlError("an answer whose head has no end")
        size, tls = min(room, _READ), self._tls
        data = await (self._pump(lambda: tls.read(size)) if tls else self._receive(size))
        if not data:
            raise ControlError("the connection was closed")
        return data

    async def _write(self, data: bytes) -> None:
        if tls := self._tls:
            await self._pump(lambda: tls.write(data))
        else:
            await asyncio.get_running_loop().sock_sendall(self._socket, data)

    async def _shake_hands(self, context: ssl.SSLContext) -> None:
        self._tls = context.wrap_bio(self._incoming, self._outgoing)
        await self._pump(self._tls.do_handshake)

    async def _pump(self, step: Callable[[], T]) -> T:
        """Carry bytes between TLS and the socket until this step of TLS is through."""
        loop = asyncio.get_running_loop()
        while True:
            self._count(0)
            try:
                done, result = True, step()
            except ssl.SSLWantReadError:
                done = False
            if self._outgoing.pending:
                await loop.sock_sendall(self._socket, self._outgoing.read())
            if done:
                return result
            data = await self._receive(_READ)
            if data:
                self._incoming.write(data)
            else:
                self._incoming.write_eof()

    async def _receive(self, size: int) -> bytes:
        data = await asyncio.get_running_loop().sock_recv(self._socket, size)
        self._count(len(data))
        return data

    def _count(self, size: int) -> None:
        """A read of so many bytes: each TLS record is one, and each piece that comes from the network."""
        self._bytes -= size
        self._reads -= 1
        if self._bytes < 0 or self._reads < 0:
            raise ControlError("an answer in too many pieces")


def _group(order: GroupOrder) -> dict[str, Any]:
    names = ("minimum", "maximum", "delay", "target")
    bounds = None if order.autoscale is None else dict(zip(names, order.autoscale, strict=True))
    return {"replicas": order.replicas, "drain": order.drain, "autoscale": bounds}


def _sentence(body: bytes | bytearray) -> str:
    """What a refusal says, as far as it has come; empty where it says nothing."""
    try:
        said = strict(body).get("error")
    except (ValueError, AttributeError):
        return ""
    return one_line(str(said))[:_SENTENCE] if said else ""
