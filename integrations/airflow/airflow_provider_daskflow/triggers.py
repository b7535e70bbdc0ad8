"""Waits for the end of a FlowRun in the triggerer."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import ClientError
from airflow.triggers.base import BaseTrigger, TriggerEvent
from kubernetes_asyncio.client import ApiException, CustomObjectsApi

from airflow_provider_daskflow.hook import CANCEL, RESOURCE, AsyncDaskflowHook, Patience, message_of
from airflow_provider_daskflow.outcome import NOT_READABLE, Ended, Run, described, ended, gone, lost, outcome

_WATCH = 300
"""Seconds of one watch; then the run is read anew, with fresh credentials."""
_SLACK = 30
"""Seconds beyond which an answer that was due does not come: the client itself would wait for ever."""
_KILL_PAUSE = 2.0
_UNREACHABLE = (ClientError, TimeoutError, asyncio.TimeoutError, OSError)


class FlowRunTrigger(BaseTrigger):
    """Fires once, with the `Ended` of the run. It keeps nothing: whichever triggerer runs it says the same.

    A run that is not there fires, too, unless `may_come` says that it may yet be made; one of the same name
    with another `uid` counts as not there. While the API server does not answer it goes on asking.
    """

    def __init__(
        self,
        name: str,
        namespace: str,
        uid: str | None = None,
        may_come: bool = False,
        poll_interval: float = 5.0,
        kubernetes_conn_id: str | None = None,
        in_cluster: bool | None = None,
        config_file: str | None = None,
        cluster_context: str | None = None,
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.name, self.namespace, self.uid = name, namespace, uid
        self.may_come, self.poll_interval = may_come, poll_interval
        self.kubernetes_conn_id, self.in_cluster = kubernetes_conn_id, in_cluster
        self.config_file, self.cluster_context = config_file, cluster_context
        self._said = ""

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """What it takes to make it again elsewhere."""
        names = ["name", "namespace", "uid", "may_come", "poll_interval"]
        names += ["kubernetes_conn_id", "in_cluster", "config_file", "cluster_context"]
        return f"{type(self).__module__}.{type(self).__qualname__}", {
            name: getattr(self, name) for name in names
        }

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """One event, at the run's end."""
        yield TriggerEvent(dict(await self._end()))

    async def on_kill(self) -> None:
        """Cancels the run: somebody marked or cleared the task. Airflow gives half a minute to do so."""
        while True:
            try:
                await self._cancel()
            except ApiException as error:
                if error.status in (404, 410):
                    return
                self.log.warning("The run is not cancelled yet: %s", message_of(error))
            except _UNREACHABLE as error:
                self.log.warning("The run is not cancelled yet: %s", error)
            else:
                self.log.info("FlowRun %s/%s is told to end", self.namespace, self.name)
                return
            await asyncio.sleep(_KILL_PAUSE)

    async def _cancel(self) -> None:
        where: dict[str, Any] = {**RESOURCE, "namespace": self.namespace, "name": self.name}
        where["_content_type"] = "application/merge-patch+json"
        async with self._hook().get_conn() as api:
            objects = CustomObjectsApi(api)
            await objects.patch_namespaced_custom_object(body=CANCEL, _request_timeout=_SLACK, **where)

    def _hook(self) -> AsyncDaskflowHook:
        return AsyncDaskflowHook(
            conn_id=self.kubernetes_conn_id,
            in_cluster=self.in_cluster,
            config_file=self.config_file,
            cluster_context=self.cluster_context,
        )

    async def _end(self) -> Ended:
        patience, hook = Patience(), self._hook()
        while True:
            try:
                async with hook.get_conn() as api:
                    if end := await self._look(CustomObjectsApi(api), patience):
                        return end
                pause: float | None = self.poll_interval
            except ApiException as error:
                pause, said = patience.pause(error.status), message_of(error)
                if pause is None:
                    return self._not_readable(f"the API server answers {error.status}: {said}")
                hook = self._hook()  # its credentials may be old ones
                self._say(f"the API server answers {error.status}: {said}; asked again")
            except _UNREACHABLE as error:
                pause = patience.pause(None)
                self._say(f"the API server cannot be reached; asked again: {error!r}")
            except (
                Exception
            ) as error:  # a connection or kubeconfig that this machine does not have, above all
                return self._not_readable(f"{type(error).__name__}: {error}")
            await asyncio.sleep(pause or self.poll_interval)

    def _not_readable(self, why: str) -> Ended:
        return lost(self.name, self.namespace, NOT_READABLE, f"the triggerer cannot follow it: {why}")

    async def _look(self, objects: CustomObjectsApi, patience: Patience) -> Ended | None:
        """Read the run, then follow it for a while; None: it goes on, as far as is known."""
        where = {**RESOURCE, "namespace": self.namespace, "field_selector": f"metadata.name={self.name}"}
        listed = await objects.list_namespaced_custom_object(_request_timeout=_SLACK, **where)
        patience.answered()
        end = self._seen(listed["items"][0] if listed["items"] else None)
        if end:
            return end
        version = listed["metadata"]["resourceVersion"]
        where |= {"watch": True, "resource_version": version, "timeout_seconds": _WATCH}
        answer = await objects.list_namespaced_custom_object(
            _preload_content=False, _request_timeout=_WATCH + _SLACK, **where
        )
        try:
            async for event in _events(answer):
                if event["type"] == "ERROR":  # too old a version, mostly: read it anew
                    return None
                end = self._seen(None if event["type"] == "DELETED" else event["object"])
                if end:
                    return end
        finally:
            answer.close()
        return None

    def _seen(self, run: Run | None) -> Ended | None:
        if run is None or (self.uid and run["metadata"]["uid"] != self.uid):
            self._say("it is not there")
            return None if self.may_come else gone(self.name, self.namespace)
        self._say(described(run))
        return outcome(run) if ended(run) else None

    def _say(self, text: str) -> None:
        if text != self._said:
            self._said = text
            self.log.info("FlowRun %s/%s: %s", self.namespace, self.name, text)


async def _events(answer: Any) -> AsyncIterator[dict[str, Any]]:
    """Those of a watch. The client's own reader takes no line beyond 128 KiB; runs may be longer."""
    begun = b""
    async for piece in answer.content.iter_any():
        *lines, begun = (begun + piece).split(b"\n")
        for line in filter(None, lines):
            yield json.loads(line)
