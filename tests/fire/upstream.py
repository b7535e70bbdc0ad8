"""The API server as KUBECONFIG's user reaches it, beside the operator under fire: JSON over one session."""

import base64
import json
import os
import ssl
from pathlib import Path
from typing import Any

import aiohttp
import yaml
from daskflow.controller.kubernetes.decoding import lenient

from tests.fire.certificates import load

MERGE = "application/merge-patch+json"


class Refused(Exception):
    """An answer other than 2xx."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{status}: {text[:300]}")
        self.status = status


class Upstream:
    """`session` is KUBECONFIG's user; `plain` is nobody, for calls that say whose they are. Close it."""

    def __init__(self, url: str, context: ssl.SSLContext, plain: ssl.SSLContext) -> None:
        self.url = url
        self.session, self.plain = _session(context), _session(plain)

    async def close(self) -> None:
        """All connections."""
        await self.session.close()
        await self.plain.close()

    async def call(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        """`body` may be JSON already. Raises Refused."""
        headers = {"Content-Type": MERGE if method == "PATCH" else "application/json"}
        text = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        url = self.url + path
        async with self.session.request(method, url, data=text, params=query, headers=headers) as answer:
            if answer.status >= 300:
                raise Refused(answer.status, await answer.text())
            return lenient(await answer.read())


def _session(context: ssl.SSLContext) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=context, limit=0),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=10),
        auto_decompress=False,
        headers={"Accept-Encoding": "identity"},
    )


def connect(kubeconfig: Path | None = None) -> Upstream:
    """As the current context of a kubeconfig says, whose certificates are in it."""
    config = yaml.safe_load((kubeconfig or Path(os.environ["KUBECONFIG"])).read_text())
    cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
    authority = _text(cluster["certificate-authority-data"])
    context, plain = (ssl.create_default_context(cadata=authority) for _ in range(2))
    load(context, _text(user["client-certificate-data"]) + _text(user["client-key-data"]))
    return Upstream(cluster["server"], context, plain)


def _text(encoded: str) -> str:
    return base64.b64decode(encoded).decode()
