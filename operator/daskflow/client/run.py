"""A FlowRun in the hands of a program, async; `sync.py` has the same without `await`."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from typing import Any

from daskflow.api.flowrun_status import FlowRunStatus
from daskflow.api.names import FLOW_RUN
from daskflow.client.code.config_maps import create_run
from daskflow.client.code.functions import Code
from daskflow.client.connection import PAGE, Connection, Object, default
from daskflow.client.errors import Cancelled, Deleted, FlowFailed, NotFinished, NotFound, Refused, WrongUse
from daskflow.client.known_run import KnownRun
from daskflow.client.logs import LogLine, followed, written
from daskflow.client.manifest import again
from daskflow.client.names import checked, checked_namespace
from daskflow.client.near_names import not_found
from daskflow.client.notebook.display import updating
from daskflow.client.submitting import Flow, prepared
from daskflow.client.watching import watch


class AsyncRun(KnownRun):
    """One FlowRun; programs have them by `submit`, `get` and `list`."""

    def __init__(self, resource: Object, connection: Connection | None = None) -> None:
        """`resource` as the API server has it."""
        self._resource = resource
        self._connection = connection or default

    @property
    def resource(self) -> Object:
        return self._resource

    @property
    def connection(self) -> Connection:
        return self._connection

    async def refresh(self) -> FlowRunStatus:
        """Ask for it anew. Raises NotFound, also where its name is another run's by now."""
        found = await self.connection.get(FLOW_RUN, self.name, self.namespace)
        if found["metadata"]["uid"] != self.uid:
            raise NotFound(f"this run {self.name} was deleted, and another has its name; get that one anew")
        self._take(found)
        return self.status

    async def watch(self) -> AsyncGenerator[FlowRunStatus, None]:
        """Its status, at once and after every change, up to its end. Raises Deleted."""
        fields = f"metadata.name={self.name}"
        last: FlowRunStatus | None = None
        async with aclosing(watch(self.connection, FLOW_RUN, self.namespace, fields=fields)) as events:
            async for event in events:
                if event.type == "DELETED" or event.object["metadata"]["uid"] != self.uid:
                    raise Deleted(f"the run {self.name} was deleted before it had ended; submit it anew")
                self._take(event.object)
                if self.status != last:
                    last = self.status
                    yield last
                if self.done:
                    return

    async def wait(self, timeout: float | None = None) -> FlowRunStatus:
        """Its status once it has ended, however it did; until then a notebook's cell shows how it is.

        Raises NotFinished after `timeout` seconds.
        """
        if self.done:
            return self.status
        try:
            return await asyncio.wait_for(self._ended(updating), timeout)
        except asyncio.TimeoutError:
            waited = f"after {timeout:g} s" if timeout else "yet"
            said = f"the run {self.name} has not ended {waited}: {self.phase}"
            because = f", {self.status.message.rstrip('.')}" if self.status.message else ""
            raise NotFinished(f"{said}{because}; it goes on", run=self.name, status=self.status) from None

    async def _ended(self, shown: Callable[[object], Callable[[], None]] | None = None) -> FlowRunStatus:
        """As `wait`, without a timeout; `shown` shows the run, and what it returns shows it again."""
        await self.refresh()
        if not self.done:
            show = shown(self) if shown else None
            async with aclosing(self.watch()) as states:
                async for _ in states:
                    if show:
                        show()
        return self.status

    async def result(self, timeout: float | None = None) -> Any:
        """What the flow returned, once it has ended; None if that is nothing JSON could hold.

        Raises FlowFailed, Cancelled, and NotFinished after `timeout` seconds; with 0 it asks once.
        """
        if timeout == 0 and not self.done:
            await self.refresh()
        status = await self.wait(timeout)
        if status.phase == "Succeeded":
            return status.result
        failed = Cancelled if status.phase == "Cancelled" else FlowFailed
        what = (
            f"{failure.exception}: {failure.message}"
            if (failure := status.failure) and failure.exception
            else ""
        )
        sentence = what or status.message or str(status.phase)
        raise failed(f"the run {self.name} has no result: {sentence}", run=self.name, status=status)

    async def logs(
        self, *, follow: bool = False, component: str = "runner", attempt: int | None = None
    ) -> AsyncGenerator[LogLine, None]:
        """What its pods have printed, line by line; with `follow`, what they print until the run has ended.

        `component` is runner, worker or scheduler, `attempt` its number [the present one; with `follow` all
        that there are]. Raises NotFound where there is no such pod, or none any more.
        """
        await self.refresh()
        lines = (
            followed(self, component, attempt, self._ended) if follow else written(self, component, attempt)
        )
        async with aclosing(lines):
            async for line in lines:
                yield line

    async def cancel(self) -> None:
        """Ask its flow to end: SIGTERM, then the grace period of its spec. Cannot be undone."""
        await self._patch({"spec": {"cancel": True}})

    async def suspend(self) -> None:
        """Stop all that runs; the attempt is lost."""
        await self._patch({"spec": {"suspend": True}})

    async def resume(self) -> None:
        """Go on, with a new attempt."""
        await self._patch({"spec": {"suspend": False}})

    async def retry(self, **overrides: Any) -> "AsyncRun":
        """A new run like this one; `overrides` are those of `submit`."""
        return await AsyncRun.submit(again(self.resource), connection=self.connection, **overrides)

    async def delete(self) -> None:
        """Remove it and all that it owns; what runs is ended."""
        await self.connection.delete(FLOW_RUN, self.name, self.namespace, uid=self.uid)

    async def _patch(self, change: Object) -> None:
        # An API server changes no object of another uid.
        change = {**change, "metadata": {"uid": self.uid}}
        try:
            changed = await self.connection.patch(FLOW_RUN, self.name, change, self.namespace)
        except Refused:
            await self.refresh()
            raise
        self._take(changed)

    def _take(self, resource: Object) -> None:
        self._resource = resource

    @staticmethod
    async def submit(
        flow: Flow,
        *,
        name: str | None = None,
        namespace: str | None = None,
        image: str | None = None,
        workers: int | None = None,
        threads: int | None = None,
        memory: str | None = None,
        parameters: Mapping[str, Any] | None = None,
        files: Mapping[str, Any] | None = None,
        code: Code = None,
        force: bool = False,
        spec: Mapping[str, Any] | None = None,
        generate_name: bool = False,
        dry_run: bool = False,
        connection: Connection | None = None,
    ) -> "AsyncRun":
        """A new run.

        `flow` is a manifest (a model, an object, its file's path, or YAML text), a script's path, an
        entrypoint (`module:attr` or `path.py:attr`, found in `image`), or a function, which goes along as it
        is, or with the files of its project (docs/sdk.md). What else is given goes over what the manifest
        says: `parameters` one by one, `memory` as request and limit of a worker, `files` as spec.flow.files,
        and `spec`, in the words of the reference, over all. `code` is the folder of a project whose files go
        along (docs/flows.md), False: nothing does; those that look like secrets only with `force`. With
        `dry_run` the API server checks it and makes nothing.

        Raises WrongUse, Refused, AlreadyExists, and the errors of a connection.
        """
        connection = _through(connection)
        overrides = {
            "name": name,
            "generate_name": generate_name,
            "image": image,
            "workers": workers,
            "threads": threads,
            "memory": memory,
            "parameters": parameters,
            "files": files,
            "spec": spec,
        }
        made, archive = await prepared(flow, code=code, force=force, overrides=overrides)
        within = checked_namespace(namespace or made["metadata"].get("namespace") or connection.namespace)
        made["metadata"]["namespace"] = within
        created = await create_run(connection, made, within, archive, dry_run=dry_run)
        return AsyncRun(created, connection)

    @staticmethod
    async def get(
        name: str, *, namespace: str | None = None, connection: Connection | None = None
    ) -> "AsyncRun":
        """The run of this name. Raises NotFound, which names those that are called alike."""
        connection = _through(connection)
        within = checked_namespace(namespace or connection.namespace)
        try:
            return AsyncRun(await connection.get(FLOW_RUN, checked(name), within), connection)
        except NotFound as error:
            raise await not_found(connection, FLOW_RUN, name, within) from error

    @staticmethod
    async def list(
        selector: str = "",
        *,
        namespace: str | None = None,
        limit: int | None = None,
        connection: Connection | None = None,
    ) -> "list[AsyncRun]":
        """The runs of a namespace ("": of all), by name, at most `limit`; `selector` is one of labels."""
        connection = _through(connection)
        if namespace:
            checked_namespace(namespace)
        found: list[AsyncRun] = []
        size = min(limit or PAGE, PAGE)
        async for page in connection.pages(FLOW_RUN, namespace, selector=selector, limit=size):
            found += [AsyncRun(item, connection) for item in page["items"]]
            if limit and len(found) >= limit:
                break
        return found[:limit]


def _through(connection: Connection | None) -> Connection:
    """Raises WrongUse for what is none."""
    if connection is not None and not isinstance(connection, Connection):
        raise WrongUse(f"connection is {connection!r:.80}; give a daskflow.Connection(context=…)")
    return connection or default
