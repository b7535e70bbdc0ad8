"""Whom a program talks with, and as whom: the verbs of the API over plain JSON, with faults as sentences."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from daskflow.client.answers import TRANSIENT, fault, foreign, is_page
from daskflow.client.errors import AlreadyExists, DaskflowError, NotFound, Refused, ServerFailed
from daskflow.client.field_manager import made_by, own_manager
from daskflow.client.kinds import ACCEPT, KINDS, Form, Kind, segment
from daskflow.client.kubeconfig import Access, access

if TYPE_CHECKING:
    import httpx

    from daskflow.client.api_server import ApiServer

ALL = ""
"""As a namespace: all of them."""
PAGE = 500
"""Objects a request of a list, as kubectl has it."""
FIRST_SECONDS = 3.0
"""How long a server is tried that has never answered: it is rather not there than about to be."""
RESTART_SECONDS = 60.0
"""How long one is tried that has answered before."""

Object = dict[str, Any]


class Connection:
    """A cluster, a namespace and a user, found as kubectl finds them.

    Nothing is read or sent before the first request. May be used by any thread and event loop: each
    loop has its own client, which lives as long as the loop.
    """

    def __init__(
        self,
        *,
        kubeconfig: str | None = None,
        context: str | None = None,
        namespace: str | None = None,
        as_user: str | None = None,
        as_groups: Sequence[str] = (),
    ) -> None:
        """`as_user` and `as_groups` are kubectl's --as and --as-group."""
        self._kubeconfig, self._context, self._namespace = kubeconfig, context, namespace
        self._as_user, self._as_groups = as_user, as_groups
        self._headers: dict[str, str | list[str]] = {}
        if as_user:
            self._headers["Impersonate-User"] = as_user
        if as_groups:
            self._headers["Impersonate-Group"] = list(as_groups)
        self._servers: WeakKeyDictionary[asyncio.AbstractEventLoop, ApiServer] = WeakKeyDictionary()
        self._answered = False

    def anew(self) -> "Connection":
        """The same, in the same context, with the kubeconfig read once more, for credentials of now."""
        known: Access | None = self.__dict__.get("access")
        return Connection(
            kubeconfig=self._kubeconfig,
            context=(known.context if known else self._context) or None,
            namespace=self._namespace,
            as_user=self._as_user,
            as_groups=self._as_groups,
        )

    @cached_property
    def access(self) -> Access:
        """Server and context. Raises ConnectionFailed."""
        return access(self._kubeconfig, self._context)

    @property
    def chosen_namespace(self) -> str | None:
        """The one that was given, None if none was: it goes over a manifest's."""
        return self._namespace

    @property
    def namespace(self) -> str:
        """The one that was given, else the context's, else `default`. Raises ConnectionFailed."""
        return self._namespace or self.access.namespace

    async def server(self) -> "ApiServer":
        """kr8s' client for the running loop: port-forwards and exec are not here. Raises ConnectionFailed."""
        loop = asyncio.get_running_loop()
        server = self._servers.get(loop)
        if server is None:
            from daskflow.client.api_server import ApiServer

            known = self.access
            again = partial(access, self._kubeconfig, known.context or None)
            server = self._servers[loop] = ApiServer(known, self._headers, again)
        await server.ready()
        return server

    async def get(self, kind: str, name: str, namespace: str | None = None) -> Object:
        """One object. Raises NotFound and the errors of a connection."""
        return await self.send("GET", kind, name, namespace)

    async def pages(
        self,
        kind: str,
        namespace: str | None = None,
        *,
        selector: str = "",
        fields: str = "",
        limit: int = PAGE,
        form: Form = "objects",
    ) -> AsyncIterator[Object]:
        """A list in pages of at most `limit`, each as it comes; `selector` and `fields` are kubectl's.

        A server may know whole objects only, whatever the `form`. With `table` those of one namespace come
        without their metadata.
        """
        query: dict[str, Any] = {"labelSelector": selector, "fieldSelector": fields, "limit": limit}
        if form == "table" and namespace != ALL:
            query["includeObject"] = "None"
        headers = {"Accept": ACCEPT[form]}
        while True:
            page = await self.send("GET", kind, "", namespace, query=query, headers=headers)
            yield page
            query["continue"] = (page.get("metadata") or {}).get("continue")
            if not query["continue"]:
                return

    async def list(
        self,
        kind: str,
        namespace: str | None = None,
        *,
        selector: str = "",
        fields: str = "",
        limit: int = PAGE,
    ) -> list[Object]:
        """All objects of a kind. The items have neither kind nor apiVersion, as API servers list them."""
        pages = self.pages(kind, namespace, selector=selector, fields=fields, limit=limit)
        return [item async for page in pages for item in page["items"]]

    async def create(
        self,
        kind: str,
        content: Object,
        namespace: str | None = None,
        *,
        dry_run: bool = False,
        manager: str = "",
    ) -> Object:
        """A new object; unknown fields are refused. Raises AlreadyExists and Refused.

        Where the answer was lost the object may be there all the same: then it has this field manager.
        """
        manager = manager or own_manager()
        query = {"fieldValidation": "Strict", "fieldManager": manager, "dryRun": "All" if dry_run else None}
        try:
            return await self.send("POST", kind, "", namespace, query=query, content=content)
        except AlreadyExists:
            there = await self.get(kind, content["metadata"]["name"], namespace)
            if made_by(manager, there):
                return there
            raise

    async def patch(self, kind: str, name: str, change: Object, namespace: str | None = None) -> Object:
        """A JSON merge patch."""
        query = {"fieldValidation": "Strict"}
        merge = "application/merge-patch+json"
        return await self.send(
            "PATCH", kind, name, namespace, query=query, content=change, content_type=merge
        )

    async def delete(self, kind: str, name: str, namespace: str | None = None, *, uid: str = "") -> None:
        """Ask for an object's deletion; with `uid` of that very one, which may be gone already.

        What it owns goes after it. Without `uid` raises NotFound.
        """
        options: Object = {"propagationPolicy": "Background"}
        if uid:
            options["preconditions"] = {"uid": uid}
        try:
            await self.send("DELETE", kind, name, namespace, content=options)
        except NotFound:
            if not uid:
                raise
        except Refused as error:
            if not uid or "UID in precondition" not in str(error):
                raise

    async def send(
        self,
        method: str,
        kind: str,
        name: str = "",
        namespace: str | None = None,
        *,
        query: Mapping[str, Any] | None = None,
        content: Object | None = None,
        content_type: str = "application/json",
        headers: Mapping[str, str] | None = None,
    ) -> Object:
        """One request, again as long as an API server may take to restart. Raises what `errors.py` has."""
        from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_random_exponential

        from daskflow.client.api_server import Unreachable

        request: dict[str, Any] = {"query": query, "headers": dict(headers or {})}
        if content is not None:
            request["content"] = json.dumps(content)
            request["headers"]["Content-Type"] = content_type
        tries = AsyncRetrying(
            stop=stop_after_delay(RESTART_SECONDS if self._answered else FIRST_SECONDS),
            wait=wait_random_exponential(0.2, 5),
            retry=retry_if_exception_type((Unreachable, ServerFailed)),
            reraise=True,
        )
        async for attempt in tries:
            with attempt:
                try:
                    async with self.open(method, kind, name, namespace, **request) as answer:
                        found = await self._read(answer, listed=method == "GET" and not name)
                except NotFound:
                    if method != "DELETE" or attempt.retry_state.attempt_number == 1:
                        raise
                    found = {}  # deleted by an earlier try, whose answer was lost
        return found

    async def _read(self, answer: "httpx.Response", *, listed: bool) -> Object:
        """The object that an answer is. Raises ConnectionFailed where it is none."""
        text = await answer.aread()
        try:
            found = json.loads(text)
        except ValueError:
            found = None
        whole = isinstance(found, dict) and found.keys() & {"metadata", "status"}
        if whole and listed:  # of metadata alone an empty list is null
            found = {**found, **{part: found[part] or [] for part in ("items", "rows") if part in found}}
        if whole and (not listed or isinstance(found.get("rows", found.get("items")), list)):
            return dict(found)
        where = (await self.server()).where
        raise foreign(where, answer.status_code, _media(answer), text.decode(errors="replace"))

    @asynccontextmanager
    async def open(
        self,
        method: str,
        kind: str,
        name: str = "",
        namespace: str | None = None,
        *,
        below: str = "",
        query: Mapping[str, Any] | None = None,
        stream: bool = False,
        **request: Any,
    ) -> AsyncIterator["httpx.Response"]:
        """One request, once, to an object's path or one `below` it. Raises what `errors.py` has."""
        of = KINDS[kind]
        within = (self.namespace if namespace is None else namespace) if of.namespaced else ""
        server = await self.server()
        asked = server.ask(
            method,
            version=of.version,
            namespace=segment(within) or None,
            url="/".join(part for part in (of.plural, segment(name), below) if part),
            params={key: value for key, value in (query or {}).items() if value not in ("", None)},
            stream=stream,
            **request,
        )
        async with asked as answer:
            self._answered = True
            if not answer.is_success:
                raise await refusal(answer, of, name, within, server.where)
            yield answer


async def refusal(
    answer: "httpx.Response", kind: Kind, name: str, namespace: str, where: str = ""
) -> DaskflowError:
    """The error that an answer is; `where` is the URL of a server that may be no API server."""
    text = (await answer.aread()).decode(errors="replace")
    try:
        status = json.loads(text)
    except ValueError:
        status = {}
    status = status if isinstance(status, dict) else {}
    media, code = _media(answer), answer.status_code
    page = is_page(media, text)
    if where and not status and (page or code not in (403, 404)) and code not in TRANSIENT:
        return foreign(where, code, media, text)
    return fault(code, "" if page else text, kind, name=name, namespace=namespace, body=status)


def _media(answer: "httpx.Response") -> str:
    return str(answer.headers.get("Content-Type", "")).partition(";")[0]


default = Connection()
"""Of all who name none."""
