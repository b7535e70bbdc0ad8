"""FlowRuns and what belongs to them, as they are read and written in Kubernetes."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import httpx
from kubernetes_asyncio import client, config, watch
from kubernetes_asyncio.client.exceptions import ApiException
from tenacity import AsyncRetrying, retry_if_exception, stop_after_delay, wait_random_exponential

from prefect_daskflow import names
from prefect_daskflow.flowrun import GROUP, PLURAL, VERSION
from prefect_daskflow.settings import Settings, own_namespace

Object = dict[str, Any]

AWAY = (aiohttp.ClientError, OSError, TimeoutError)
"""What is raised when the API server cannot be reached."""
PAGE = 500
WATCH_SECONDS = 240
TAIL_LINES = 50
TAIL_BYTES = 65536
_TOO_LARGE = ("request is too large", "larger than max")
"""What etcd says of a write, and what its client in the API server does; both answered as 500."""
REQUEST_SECONDS = 60.0
"""For an answer; without it the client waits for ever on a connection whose other end is gone."""


class Refused(RuntimeError):
    """The API server does not take it; the text says why, and what to do."""


def passing(error: BaseException) -> bool:
    """Whether the same call may go well later; also of one to Prefect's server."""
    if isinstance(error, ApiException):
        again = error.status in (0, 408, 429) or (error.status or 0) >= 500
        return again and not _too_large(error)
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code in (408, 429) or error.response.status_code >= 500
    return isinstance(error, (httpx.HTTPError, *AWAY))


class Kubernetes:
    """One API server."""

    def __init__(self, api: client.ApiClient, settings: Settings, namespace: str) -> None:
        self.namespace = namespace
        """The worker's own."""
        self._runs = client.CustomObjectsApi(api)
        self._core = client.CoreV1Api(api)
        self._patience = settings.patience
        self._identities: dict[str, str] = {}

    def _retrying(self) -> AsyncRetrying:
        return AsyncRetrying(
            retry=retry_if_exception(passing),
            stop=stop_after_delay(self._patience),
            wait=wait_random_exponential(multiplier=0.5, max=15),
            reraise=True,
        )

    async def create(self, manifest: Object) -> Object:
        """The FlowRun, made or there already. Raises Refused."""
        metadata = manifest["metadata"]
        where = (GROUP, VERSION, metadata["namespace"], PLURAL)
        try:
            async for attempt in self._retrying():
                with attempt:
                    made = await self._runs.create_namespaced_custom_object(
                        *where, manifest, _request_timeout=REQUEST_SECONDS
                    )
                    return dict(made)
        except ApiException as error:
            if error.status != 409:
                raise Refused(
                    _sentence(error, f"FlowRun {metadata['name']}", metadata["namespace"])
                ) from error
        found = await self.get(metadata["namespace"], metadata["name"])
        ours = metadata["labels"][names.FLOW_RUN]
        if found is None or (found["metadata"].get("labels") or {}).get(names.FLOW_RUN) != ours:
            raise Refused(f"There is a FlowRun {metadata['name']} that belongs to another flow run.")
        return found

    async def create_secret(self, run: Object, values: Mapping[str, str]) -> None:
        """The FlowRun's Secret, which goes with it; one that is there is left. Raises Refused."""
        metadata = run["metadata"]
        owner = {key: run[key] for key in ("apiVersion", "kind")}
        owner |= {key: metadata[key] for key in ("name", "uid")}
        body = {
            "metadata": {"name": names.secret_name(metadata["name"]), "ownerReferences": [owner]},
            "stringData": dict(values),
        }
        create: Any = self._core.create_namespaced_secret
        try:
            async for attempt in self._retrying():
                with attempt:
                    await create(metadata["namespace"], body, _request_timeout=REQUEST_SECONDS)
        except ApiException as error:
            if error.status != 409:
                what = f"the Secret of FlowRun {metadata['name']}"
                raise Refused(_sentence(error, what, metadata["namespace"])) from error

    async def get(self, namespace: str, name: str) -> Object | None:
        """The FlowRun, None if there is none."""
        try:
            async for attempt in self._retrying():
                with attempt:
                    found = await self._runs.get_namespaced_custom_object(
                        GROUP, VERSION, namespace, PLURAL, name, _request_timeout=REQUEST_SECONDS
                    )
                    return dict(found)
        except ApiException as error:
            if error.status != 404:
                raise
        return None

    async def patch(self, namespace: str, name: str, body: Object) -> bool:
        """A merge patch; False if the FlowRun is not there, or not as it was (metadata.resourceVersion)."""
        patch: Any = self._runs.patch_namespaced_custom_object
        how = {"_content_type": "application/merge-patch+json", "_request_timeout": REQUEST_SECONDS}
        try:
            await patch(GROUP, VERSION, namespace, PLURAL, name, body, **how)
        except ApiException as error:
            if error.status in (404, 409):
                return False
            raise
        return True

    async def cancel(self, namespace: str, name: str) -> bool:
        """Have it end; False if it is not there."""
        return await self.patch(namespace, name, {"spec": {"cancel": True}})

    async def identity(self, namespace: str) -> str:
        """What tells this namespace from another cluster's of its name; - where that is not to be read."""
        if namespace not in self._identities:
            read: Any = self._core.read_namespace
            try:
                async for attempt in self._retrying():
                    with attempt:
                        found = await read(namespace, _request_timeout=REQUEST_SECONDS)
            except ApiException as error:
                if passing(error):
                    raise
                return "-"
            self._identities[namespace] = str(found.metadata.uid)
        return self._identities[namespace]

    async def log_tail(self, namespace: str, name: str) -> list[str]:
        """The last lines of its runner, as far as they are to be had."""
        selector = f"{GROUP}/run={name},{GROUP}/component=runner"
        patience: Any = {"_request_timeout": REQUEST_SECONDS}
        try:
            pods = await self._core.list_namespaced_pod(namespace, label_selector=selector, **patience)
            newest = max(pods.items, key=lambda pod: pod.metadata.creation_timestamp, default=None)
            if newest is None:
                return []
            text = await self._core.read_namespaced_pod_log(
                newest.metadata.name,
                namespace,
                container="runner",
                tail_lines=TAIL_LINES,
                limit_bytes=TAIL_BYTES,
                **patience,
            )
        except (ApiException, *AWAY):
            return []
        return str(text or "").splitlines()

    async def follow(self, namespace: str, selector: str) -> AsyncIterator[tuple[str, Object]]:
        """What there is as LISTED, all of it in one list; then each ADDED, MODIFIED or DELETED one.

        Ends now and then, or raises ApiException, or one of AWAY: then it is to be called again.
        """
        items, version = await self._list(namespace, selector)
        yield "LISTED", {"items": items}
        function, where = self._listing(namespace)
        stream = watch.Watch().stream(
            function,
            *where,
            label_selector=selector,
            resource_version=version,
            timeout_seconds=WATCH_SECONDS,
            _request_timeout=WATCH_SECONDS + 30,
        )
        async with stream as events:
            async for event in events:
                yield event["type"], event["raw_object"]

    def _listing(self, namespace: str) -> tuple[Any, tuple[str, ...]]:
        if namespace:
            return self._runs.list_namespaced_custom_object, (GROUP, VERSION, namespace, PLURAL)
        return self._runs.list_cluster_custom_object, (GROUP, VERSION, PLURAL)

    async def _list(self, namespace: str, selector: str) -> tuple[list[Object], str]:
        function, where = self._listing(namespace)
        items: list[Object] = []
        more: dict[str, Any] = {"_request_timeout": REQUEST_SECONDS}
        while True:
            page = await function(*where, label_selector=selector, limit=PAGE, **more)
            items += page["items"]
            if not (following := page["metadata"].get("continue")):
                return items, page["metadata"]["resourceVersion"]
            more["_continue"] = following


@asynccontextmanager
async def connected(settings: Settings) -> AsyncIterator[Kubernetes]:
    """The cluster that the worker runs in, else that of its kubeconfig."""
    configuration = client.Configuration()
    own: str | None = None
    in_cluster: Any = config.load_incluster_config
    try:
        in_cluster(client_configuration=configuration)
    except config.ConfigException:
        await config.load_kube_config(context=settings.context, client_configuration=configuration)
        listed: Any = config.list_kube_config_contexts()
        contexts, current = listed
        chosen = next((each for each in contexts if each["name"] == settings.context), current)
        own = chosen["context"].get("namespace")
    async with client.ApiClient(configuration) as api:
        yield Kubernetes(api, settings, own_namespace(own))


def said_by(error: ApiException) -> str:
    """The API server's own sentence."""
    try:
        return str(json.loads(error.body or "")["message"])
    except (TypeError, ValueError, LookupError):
        return str(error.body or error.reason)


def _too_large(error: ApiException) -> bool:
    said = str(error.body or error.reason)
    return error.status == 413 or ((error.status or 0) >= 500 and any(words in said for words in _TOO_LARGE))


def _sentence(error: ApiException, what: str, namespace: str) -> str:
    """Why it was not made, and what to do about it."""
    if _too_large(error):
        return (
            f"Kubernetes does not make {what}: it is larger than its store takes, 1.5 MiB as a rule; put what"
            " is large in the job variables (env, template, dask_config) into a ConfigMap, a Secret or"
            " storage, and name that."
        )
    said = said_by(error)
    remedy = {
        403: f"give the worker the rights of `python -m prefect_daskflow rights.yaml` in {namespace}, or mend"
        " what refuses it",
        404: f"create the namespace {namespace}, and install daskflow in the cluster",
        422: "correct the job variables or the pool's template",
        400: "correct the job variables or the pool's template",
    }.get(error.status or 0, "try again")
    return f"Kubernetes does not make {what}: {said.rstrip('.')}; {remedy}."
