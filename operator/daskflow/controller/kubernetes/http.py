"""The real API server, through `kubernetes.aio`'s client: its login and connections, none of its models.

A typed call costs 2.2 ms of CPU (pydantic), a raw one 0.75 ms, and the operator's speed is how many calls
it can make.
"""

import logging
import os
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any
from urllib.request import getproxies

import aiohttp
from kubernetes.aio.client import ApiClient, Configuration
from kubernetes.aio.config import load_incluster_config, load_kube_config

from daskflow import __version__
from daskflow.api.dask_kubernetes.names import LABEL_CLUSTER
from daskflow.api.names import kind_of
from daskflow.controller.kubernetes.bounded_reads import MOST_BYTES, TooLong, read_all, read_lines
from daskflow.controller.kubernetes.decoding import strict
from daskflow.controller.kubernetes.kinds import KINDS
from daskflow.controller.kubernetes.objects import event_from, identified, object_from, page_from
from daskflow.controller.kubernetes.verbs import TIMEOUT, ApiError, Listing, WatchEvent
from daskflow.plan.model import Key, Object

log = logging.getLogger(__name__)

CALL_SECONDS = 10.0
CREATE_SECONDS = 15.0
"""The API server gives each admission webhook 10 s by default, and then says which one did not answer."""
LIST_SECONDS = 60.0
"""For a page of 200 objects from a busy API server."""
PAGES = (200, 10, 1)
"""How many objects a page has: fewer where a page of more has more than PAGE_BYTES. 200 finished runs have
1.2 MB; one object has 1.5 MiB at most, unless etcd was told otherwise."""
PAGE_BYTES = 16 << 20
QUIET_SECONDS = 90.0
"""API servers send a bookmark about once a minute: a watch that says nothing for longer is broken."""

Counted = Callable[[str, str, int, str, float], None]
"""Verb (of lists LIST), kind, code (0: no answer), the API server's words if the operator has no right, and
the seconds that it took (of watches: until they began)."""
Received = Callable[[str, str, int], None]
"""Verb (LIST or WATCH), kind, and how many objects or events came."""


async def connect(
    counted: Counted = lambda verb, kind, code, denied, seconds: None,
    dated: Callable[[str | None], None] = lambda date: None,
    received: Received = lambda verb, kind, objects: None,
) -> "KubernetesApi":
    """Log in as the pod's service account, else by KUBECONFIG or ~/.kube/config.

    `counted` hears of calls, `dated` the `Date` of their answers, `received` what lists and watches bring.
    """
    configuration = Configuration()
    if os.environ.get("KUBERNETES_SERVICE_HOST") and not os.environ.get("KUBECONFIG"):
        load_incluster_config(client_configuration=configuration)
    else:
        await load_kube_config(client_configuration=configuration)
    # Each watch keeps a connection, three for each namespace of a list: with the client's own bound of 100
    # forty namespaces would leave none for anything else. What may be under way at once is bounded elsewhere.
    configuration.connection_pool_maxsize = 0
    # aiohttp else asks for proxies and ~/.netrc in a thread, twice for every request.
    configuration.client_session_kwargs = {"trust_env": bool(getproxies())}
    client = ApiClient(configuration)
    client.user_agent = f"daskflow-operator/{__version__}"
    return KubernetesApi(client, counted, dated, received)


class KubernetesApi:
    """Implements `verbs.Api`. Close it once; calls in flight then fail."""

    def __init__(
        self, client: ApiClient, counted: Counted, dated: Callable[[str | None], None], received: Received
    ) -> None:
        self._client = client
        self._counted = counted
        self._dated = dated
        self._received = received
        self._steps: dict[tuple[str, str | None], int] = {}
        """By kind and namespace: where in PAGES its next list begins."""

    async def close(self) -> None:
        """Close all connections, also those that watches are reading from."""
        await self._client.close()

    async def get(self, key: Key) -> Object:
        return await self._call("GET", key.kind, KINDS[key.kind].path(key.namespace, key.name))

    async def pages(
        self, kind: str, namespace: str | None = None, selector: str = "", name: str = ""
    ) -> AsyncGenerator[Listing, None]:
        # Smaller pages begin a new list: a token to continue with is for the same question only.
        for step, limit in list(enumerate(PAGES))[self._steps.get((kind, namespace), 0) :]:
            path = f"{KINDS[kind].path(namespace)}?limit={limit}&{_selected(kind, selector, name)}"
            most = MOST_BYTES if limit == 1 else PAGE_BYTES
            token, total, largest = "", 0, 0
            try:
                while True:
                    asked = path + (f"&continue={_quoted(token)}" if token else "")
                    text = await self._text("GET", kind, asked, seconds=LIST_SECONDS, most=most)
                    items, version, token = page_from(text, kind)
                    total, largest = total + len(text), max(largest, len(text))
                    del text  # before the next one is there
                    self._received("LIST", kind, len(items))
                    yield Listing(tuple(items), version)
                    del items
                    if not token:
                        more = PAGES[max(0, step - 1)]
                        fits = min(total, largest * more // limit) < PAGE_BYTES
                        self._steps[kind, namespace] = max(0, step - 1) if fits else step
                        return
            except TooLong:
                log.info("a page of %d objects of %s has more than %d bytes", limit, kind, most)
            except ValueError as error:
                raise ApiError(TIMEOUT, type(error).__name__, f"GET {path}: {error}") from error
        raise ApiError(TIMEOUT, "TooLong", f"one {kind} has more than {MOST_BYTES} bytes")

    async def watch(
        self, kind: str, namespace: str | None, selector: str, version: str
    ) -> AsyncGenerator[WatchEvent, None]:
        path = (
            f"{KINDS[kind].path(namespace)}?watch=1&allowWatchBookmarks=true"
            f"&resourceVersion={version}&{_selected(kind, selector)}"
        )
        limits = aiohttp.ClientTimeout(total=None, sock_connect=CALL_SECONDS, sock_read=QUIET_SECONDS)
        began = time.monotonic()
        try:
            async with await self._request("GET", path, None, limits) as response:
                failed = await _error(response) if response.status != 200 else None
                self._counted("WATCH", kind, response.status, _denied(failed), time.monotonic() - began)
                if failed is not None:
                    raise failed
                async with aclosing(read_lines(response.content)) as told:
                    async for line in told:
                        type_, body = event_from(line, kind)
                        if type_ == "ERROR":
                            raise ApiError.from_status(int(body.get("code", 500)), body)
                        self._received("WATCH", kind, 1)
                        yield WatchEvent(type_, body)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            # ValueError: a line cut off.
            raise ApiError(TIMEOUT, type(error).__name__, str(error)) from error

    async def create(self, body: Object) -> Object:
        kind = kind_of(body)
        path = f"{KINDS[kind].path(body['metadata']['namespace'])}?fieldValidation={_validation(body)}"
        return await self._call("POST", kind, path, body, CREATE_SECONDS)

    async def replace_status(self, body: Object) -> Object:
        kind, meta = kind_of(body), body["metadata"]
        path = KINDS[kind].path(meta["namespace"], meta["name"]) + "/status"
        # The server takes everything else from what it has, so a spec need not travel, and cannot be hurt.
        fences = {name: meta[name] for name in ("namespace", "name", "uid", "resourceVersion")}
        bare = {name: body[name] for name in ("apiVersion", "kind", "status")} | {"metadata": fences}
        return await self._call("PUT", kind, path, bare)

    async def patch(
        self, key: Key, uid: str, body: Object, revision: str = "", subresource: str = ""
    ) -> Object:
        # One in the patch that differs from the object's own is answered with 409: a precondition.
        fences = {"uid": uid, **({"resourceVersion": revision} if revision else {})}
        fenced = {**body, "metadata": {**body.get("metadata", {}), **fences}}
        path = KINDS[key.kind].path(key.namespace, key.name) + (f"/{subresource}" if subresource else "")
        return await self._call("PATCH", key.kind, path, fenced)

    async def delete(self, key: Key, uid: str, grace: int | None = None, revision: str = "") -> Object:
        options: dict[str, Any] = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "preconditions": {"uid": uid, **({"resourceVersion": revision} if revision else {})},
            "propagationPolicy": "Background",
        }
        if grace is not None:
            options["gracePeriodSeconds"] = grace
        return await self._call("DELETE", key.kind, KINDS[key.kind].path(key.namespace, key.name), options)

    async def _call(
        self, verb: str, kind: str, path: str, body: Object | None = None, seconds: float = CALL_SECONDS
    ) -> Object:
        try:
            answer = object_from(await self._text(verb, kind, path, body, seconds=seconds), kind)
            return answer if answer.get("kind") == "Status" else identified(answer)
        except (TooLong, ValueError) as error:
            raise ApiError(TIMEOUT, type(error).__name__, f"{verb} {path}: {error}") from error

    async def _text(
        self,
        verb: str,
        kind: str,
        path: str,
        body: Object | None = None,
        *,
        seconds: float = CALL_SECONDS,
        most: int = MOST_BYTES,
    ) -> bytearray:
        """The answer's body. Raises TooLong if it has more than so many bytes."""
        code, failed, began = TIMEOUT, None, time.monotonic()
        try:
            limits = aiohttp.ClientTimeout(total=seconds)
            async with await self._request(verb, path, body, limits) as response:
                code = response.status
                if code >= 300:
                    failed = await _error(response)
                    raise failed
                return await read_all(response.content, most)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise ApiError(TIMEOUT, type(error).__name__, f"{verb} {path}: {error}") from error
        finally:
            verb = "LIST" if "?limit=" in path else verb
            self._counted(verb, kind, code, _denied(failed), time.monotonic() - began)

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
        self._dated(response.headers.get("Date"))
        return response


async def _error(response: aiohttp.ClientResponse) -> ApiError:
    """The ApiError for an answer of 300 or more."""
    wish = response.headers.get("Retry-After", "")
    text = await response.text(errors="replace")
    try:
        body: object = strict(text)
    except ValueError:
        body = text
    return ApiError.from_status(response.status, body, float(wish) if wish.isdigit() else None)


def _denied(error: ApiError | None) -> str:
    return (error.message or error.reason) if error is not None and error.rightless else ""


def _validation(body: Object) -> str:
    """Specs of dask-kubernetes' users are taken as its definitions have always taken them: what is unknown in
    them is dropped. Of ours there is nothing unknown."""
    return "Ignore" if LABEL_CLUSTER in (body["metadata"].get("labels") or {}) else "Strict"


def _selected(kind: str, selector: str, name: str = "") -> str:
    """What a list or watch is to tell of: by label or name, or of a kind with but one name by that."""
    only = KINDS[kind].only or name
    return (
        f"fieldSelector={_quoted(f'metadata.name={only}')}" if only else f"labelSelector={_quoted(selector)}"
    )


def _quoted(text: str) -> str:
    return text.replace("=", "%3D").replace("/", "%2F").replace(",", "%2C").replace("+", "%2B")
