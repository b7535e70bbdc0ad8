"""The real API server, through `kubernetes.aio`'s client: its login and connections, none of its models.

A typed call costs 2.2 ms of CPU (pydantic), a raw one 0.75 ms, and the operator's speed is how many calls
it can make.
"""

import os
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Any
from urllib.request import getproxies

import aiohttp
from kubernetes.aio.client import ApiClient, Configuration
from kubernetes.aio.config import load_incluster_config, load_kube_config
from pydantic_core import from_json

from daskflow import __version__
from daskflow.controller.api import TIMEOUT, ApiError, Listing, WatchEvent
from daskflow.controller.kinds import KINDS
from daskflow.plan.model import Key, Object

CALL_SECONDS = 10.0
LIST_SECONDS = 60.0
"""For a page of 500 objects from a busy API server."""
PAGE = 500
QUIET_SECONDS = 90.0
"""API servers send a bookmark about once a minute: a watch that says nothing for longer is broken."""

Counted = Callable[[str, str, int], None]


async def connect(counted: Counted = lambda verb, kind, code: None) -> "KubernetesApi":
    """Log in as the pod's service account, else by KUBECONFIG or ~/.kube/config. `counted` hears of calls."""
    configuration = Configuration()
    if os.environ.get("KUBERNETES_SERVICE_HOST") and not os.environ.get("KUBECONFIG"):
        load_incluster_config(client_configuration=configuration)
    else:
        await load_kube_config(client_configuration=configuration)
    # aiohttp else asks for proxies and ~/.netrc in a thread, twice for every request.
    configuration.client_session_kwargs = {"trust_env": bool(getproxies())}
    client = ApiClient(configuration)
    client.user_agent = f"daskflow-operator/{__version__}"
    return KubernetesApi(client, counted)


class KubernetesApi:
    """Implements `api.Api`. Close it once; calls in flight then fail."""

    def __init__(self, client: ApiClient, counted: Counted) -> None:
        self._client = client
        self._counted = counted

    async def close(self) -> None:
        """Close all connections, also those that watches are reading from."""
        await self._client.close()

    async def get(self, key: Key) -> Object:
        return await self._call("GET", key.kind, KINDS[key.kind].path(key.namespace, key.name))

    async def list(self, kind: str, namespace: str | None = None, selector: str = "") -> Listing:
        path = KINDS[kind].path(namespace) + f"?limit={PAGE}&labelSelector={_quoted(selector)}"
        items: list[Object] = []
        token = version = ""
        while True:
            page = await self._call(
                "GET", kind, path + (f"&continue={_quoted(token)}" if token else ""), seconds=LIST_SECONDS
            )
            # Items of a list come without the kind and apiVersion that they have everywhere else.
            stamp = {"kind": kind, "apiVersion": page["apiVersion"]}
            items += [{**stamp, **item} for item in page["items"]]
            version = version or page["metadata"]["resourceVersion"]
            token = page["metadata"].get("continue") or ""
            if not token:
                return Listing(tuple(items), version)

    async def watch(
        self, kind: str, namespace: str | None, selector: str, version: str
    ) -> AsyncGenerator[WatchEvent, None]:
        path = (
            f"{KINDS[kind].path(namespace)}?watch=1&allowWatchBookmarks=true"
            f"&resourceVersion={version}&labelSelector={_quoted(selector)}"
        )
        limits = aiohttp.ClientTimeout(total=None, sock_connect=CALL_SECONDS, sock_read=QUIET_SECONDS)
        try:
            async with await self._request("GET", path, None, limits) as response:
                self._counted("WATCH", kind, response.status)
                if response.status != 200:
                    raise await _error(response)
                async for line in response.content:
                    event = _decoded(line)
                    if event["type"] == "ERROR":
                        raise ApiError.from_status(int(event["object"].get("code", 500)), event["object"])
                    yield WatchEvent(event["type"], event["object"])
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            # ValueError: a line cut off, or longer than the read buffer (2 MiB: no object is).
            raise ApiError(TIMEOUT, type(error).__name__, str(error)) from error

    async def create(self, body: Object) -> Object:
        kind = body["kind"]
        path = KINDS[kind].path(body["metadata"]["namespace"]) + "?fieldValidation=Strict"
        return await self._call("POST", kind, path, body)

    async def replace_status(self, body: Object) -> Object:
        kind, meta = body["kind"], body["metadata"]
        path = KINDS[kind].path(meta["namespace"], meta["name"]) + "/status"
        return await self._call("PUT", kind, path, body)

    async def patch(self, key: Key, uid: str, body: Object) -> Object:
        # A uid in the patch that differs from the object's own is answered with 409: a precondition.
        fenced = {**body, "metadata": {**body.get("metadata", {}), "uid": uid}}
        return await self._call("PATCH", key.kind, KINDS[key.kind].path(key.namespace, key.name), fenced)

    async def delete(self, key: Key, uid: str, grace: int | None = None) -> Object:
        options: dict[str, Any] = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "preconditions": {"uid": uid},
            "propagationPolicy": "Background",
        }
        if grace is not None:
            options["gracePeriodSeconds"] = grace
        return await self._call("DELETE", key.kind, KINDS[key.kind].path(key.namespace, key.name), options)

    async def _call(
        self, verb: str, kind: str, path: str, body: Object | None = None, seconds: float = CALL_SECONDS
    ) -> Mapping[str, Any]:
        code = TIMEOUT
        try:
            limits = aiohttp.ClientTimeout(total=seconds)
            async with await self._request(verb, path, body, limits) as response:
                code = response.status
                if code >= 300:
                    raise await _error(response)
                answer: dict[str, Any] = _decoded(await response.read())
                return answer
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise ApiError(TIMEOUT, type(error).__name__, f"{verb} {path}: {error}") from error
        finally:
            self._counted(verb, kind, code)

    async def _request(
        self, verb: str, path: str, body: Object | None, limits: aiohttp.ClientTimeout
    ) -> aiohttp.ClientResponse:
        headers: dict[str, str] = dict(self._client.default_headers)
        if verb == "PATCH":
            headers["Content-Type"] = "application/merge-patch+json"
        # Reads the service account's token again once a minute, and renews a kubeconfig's if it can expire.
        await self._client.update_params_for_auth(headers, [], ["BearerToken"], path, verb, body)
        answer = await self._client.rest_client.request(
            verb,
            self._client.configuration.host + path,
            headers=headers,
            body=body,
            _request_timeout=limits,
        )
        response: aiohttp.ClientResponse = answer.response
        return response


async def _error(response: aiohttp.ClientResponse) -> ApiError:
    """The ApiError for an answer of 300 or more."""
    wish = response.headers.get("Retry-After", "")
    text = await response.text()
    try:
        body: object = _decoded(text)
    except ValueError:
        body = text
    return ApiError.from_status(response.status, body, float(wish) if wish.isdigit() else None)


def _decoded(text: str | bytes) -> Any:
    """JSON in half the time of the standard library, and each short text once: the names and uids of objects
    are said by several others. Raises ValueError.
    """
    return from_json(text, cache_strings="all")


def _quoted(text: str) -> str:
    return text.replace("=", "%3D").replace("/", "%2F").replace(",", "%2C").replace("+", "%2B")
