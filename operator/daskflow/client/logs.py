"""Logs of a run's pods, line by line, over interruptions and from one attempt to the next."""

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from typing import Any, NamedTuple

from daskflow.api.flowrun_status import FlowRunStatus, status_of
from daskflow.api.names import FLOW_RUN, LABEL_ATTEMPT, LABEL_CLUSTER, LABEL_COMPONENT, LABEL_RUN
from daskflow.client.connection import Connection, Object
from daskflow.client.errors import NotFound, Refused, ServerFailed
from daskflow.client.known_run import KnownRun
from daskflow.client.watching import PATIENCE_SECONDS, watch

AGAIN_SECONDS = 0.5
"""Between two looks at a container whose log ended before it did."""
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(?P<zone>Z|[+-]\d\d:\d\d)")
"""RFC 3339, as kubelets put it before a line."""


class LogLine(NamedTuple):
    """A line, and the pod that printed it; its `str` is the line."""

    pod: str
    text: str

    def __str__(self) -> str:
        return self.text


async def written(
    run: KnownRun, component: str, attempt: int | None, *, tail: int | None = None
) -> AsyncGenerator[LogLine, None]:
    """What the pods of an attempt [the present one] have printed so far, pod by pod. Raises NotFound.

    `tail` is how many lines of each pod there are [all].
    """
    wanted = attempt or run.status.attempt
    of_run = selector(run.name, component, wanted)
    chosen = next(iter(_of_claimed(run.status, component, wanted)), of_run)
    pods = await run.connection.list("Pod", run.namespace, selector=chosen)
    if not pods:
        raise _gone(run, component, wanted)
    for pod in sorted(pods, key=lambda pod: str(pod["metadata"]["name"])):
        async with aclosing(_Log(run.connection, pod, component, tail).lines(follow=False)) as lines:
            async for line in lines:
                yield line


async def followed(
    run: KnownRun,
    component: str,
    attempt: int | None,
    ended: Callable[[], Awaitable[object]],
    *,
    tail: int | None = None,
    most: int | None = None,
) -> AsyncGenerator[LogLine, None]:
    """What the pods of an attempt, or of all, print, as they do, until `ended` returns and they have, too.

    `tail` is how many lines of each pod there are at first [all], `most` of how many pods [all].
    """
    async with aclosing(_Follower(run, component, attempt, ended, tail, most).lines()) as lines:
        async for line in lines:
            yield line


def selector(run: str, component: str = "", attempt: int | None = None) -> str:
    """That of a run's pods, as kubectl takes it."""
    labels = {LABEL_RUN: run, LABEL_COMPONENT: component, LABEL_ATTEMPT: attempt}
    return ",".join(f"{label}={value}" for label, value in labels.items() if value)


def _of_claimed(status: FlowRunStatus, component: str, attempt: int | None) -> list[str]:
    """Selectors of pods of clusters that had waited: some seconds long they do not say whose they are."""
    chosen = (each for each in status.attempts if each.claimed and attempt in (None, each.number))
    return [f"{LABEL_CLUSTER}={each.cluster},{LABEL_COMPONENT}={component}" for each in chosen]


def _gone(run: KnownRun, component: str, attempt: int | None) -> NotFound:
    of = f"attempt {attempt} of {run.name}" if attempt else run.name
    return NotFound(
        f"there is no pod of the {component} of {of}, or none any more; "
        "spec.retention says how long pods stay"
    )


class _Log:
    """The log of one container."""

    def __init__(self, connection: Connection, pod: Object, container: str, tail: int | None = None) -> None:
        self._connection, self._container, self._tail = connection, container, tail
        self._namespace, self._pod = pod["metadata"]["namespace"], pod["metadata"]["name"]
        self._uid = pod["metadata"]["uid"]
        self._shown = _Shown()

    async def lines(self, *, follow: bool) -> AsyncGenerator[LogLine, None]:
        """All of it, none if the pod is gone; with `follow` up to the container's end."""
        from daskflow.client.api_server import Unreachable

        away = 0.0
        while True:
            try:
                async with aclosing(self._request(follow)) as lines:
                    async for line in lines:
                        away = 0.0
                        yield line
                if not follow or await self._over():
                    return
            except NotFound:
                return
            except (Unreachable, ServerFailed):
                if not follow or away > PATIENCE_SECONDS:
                    raise
            except Refused:
                # The container has not started yet, or its log is gone with its node.
                if not follow or await self._over():
                    return
            away += AGAIN_SECONDS
            await asyncio.sleep(AGAIN_SECONDS)

    async def _request(self, follow: bool) -> AsyncGenerator[LogLine, None]:
        import httpx

        from daskflow.client.api_server import CONNECT_SECONDS

        query = {
            "container": self._container,
            "timestamps": "true",
            "follow": "true" if follow else "",
            "sinceTime": self._shown.since,
            "tailLines": None if self._shown.since else self._tail,
        }
        # A flow may be silent for hours.
        timeout = httpx.Timeout(None, connect=CONNECT_SECONDS)
        opened = self._connection.open(
            "GET", "Pod", self._pod, self._namespace, below="log", query=query, stream=True, timeout=timeout
        )
        async with opened as answer:
            self._shown.again()
            async for line in answer.aiter_lines():
                if (text := self._shown.news(line)) is not None:
                    yield LogLine(self._pod, text)

    async def _over(self) -> bool:
        pod = await self._connection.get("Pod", self._pod, self._namespace)
        return pod["metadata"]["uid"] != self._uid or "terminated" in _state(pod, self._container)


def _state(pod: Mapping[str, Any], container: str) -> Mapping[str, Any]:
    """Of our container: with `running`, `terminated`, or neither before it has started."""
    phase = (pod.get("status") or {}).get("phase")
    statuses = (pod.get("status") or {}).get("containerStatuses") or ()
    found: Mapping[str, Any] = next((each["state"] for each in statuses if each["name"] == container), {})
    if phase in ("Succeeded", "Failed") and not found.get("terminated"):
        return {"terminated": {}}
    return found


class _Shown:
    """How far a log was shown, by the timestamps of its lines; several lines may have the same."""

    def __init__(self) -> None:
        self._last, self._equal = "", 0
        """The latest timestamp, and how many lines had it."""
        self._until, self._skip = "", 0
        """What an answer repeats: lines from before `_until`, and as many with that very timestamp."""
        self._repeats = False

    @property
    def since(self) -> str:
        """The second from which on to ask, "" at first."""
        found = _TIMESTAMP.match(self._last)
        return f"{self._last[:19]}{found['zone']}" if found else ""

    def again(self) -> None:
        """An answer begins."""
        self._until, self._skip, self._repeats = self._last, self._equal, False

    def news(self, line: str) -> str | None:
        """A line's text, None of one that was shown before.

        One without a timestamp is the kubelet's own, or what follows a carriage return: it is shown whole,
        unless the line before it was left out.
        """
        at, _, text = line.partition(" ")
        if not _TIMESTAMP.fullmatch(at):
            return None if self._repeats else line
        self._repeats = at < self._until or (at == self._until and self._skip > 0)
        if self._repeats:
            self._skip -= at == self._until
            return None
        if at > self._last:
            self._last, self._equal = at, 0
        self._equal += at == self._last
        return text


class _Follower:
    """All pods of a run's component at once, as they come, until the run has ended."""

    def __init__(
        self,
        run: KnownRun,
        component: str,
        attempt: int | None,
        ended: Callable[[], Awaitable[object]],
        tail: int | None,
        most: int | None,
    ) -> None:
        self._run, self._component, self._attempt = run, component, attempt
        self._ended, self._tail, self._most = ended, tail, most
        self._selector = selector(run.name, component, attempt)
        self._lines: asyncio.Queue[LogLine | BaseException | None] = asyncio.Queue(1000)
        self._tasks: dict[str, asyncio.Task[None]] = {}
        """Of the logs that are read, by the pod's uid."""

    async def lines(self) -> AsyncGenerator[LogLine, None]:
        lead = asyncio.create_task(self._lead())
        try:
            while (line := await self._lines.get()) is not None:
                if isinstance(line, BaseException):
                    raise line
                yield line
        finally:
            tasks = [lead, *self._tasks.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _lead(self) -> None:
        """Follow pods until the run has ended, then whatever is left of them."""
        pods = [asyncio.create_task(self._pods()), asyncio.create_task(self._claimed())]
        end = asyncio.create_task(self._end())
        try:
            await asyncio.wait((*pods, end), return_when=asyncio.FIRST_COMPLETED)
            for each in pods:
                if each.done():
                    each.result()
            end.result()
            for pod in await self._run.connection.list("Pod", self._run.namespace, selector=self._selector):
                self._follow(pod)
            if not self._tasks:
                raise _gone(self._run, self._component, self._attempt)
            await asyncio.gather(*self._tasks.values())
            await self._lines.put(None)
        except Exception as error:
            await self._lines.put(error)
        finally:
            for each in (*pods, end):
                each.cancel()

    async def _end(self) -> None:
        try:
            await self._ended()
        except NotFound:
            return

    async def _pods(self) -> None:
        run = self._run
        async for event in watch(run.connection, "Pod", run.namespace, selector=self._selector):
            if event.type != "DELETED" and _state(event.object, self._component):
                self._follow(event.object)

    async def _claimed(self) -> None:
        run, known = self._run, set[str]()
        async for event in watch(run.connection, FLOW_RUN, run.namespace, fields=f"metadata.name={run.name}"):
            new = {*_of_claimed(status_of(event.object), self._component, self._attempt)} - known
            known |= new
            for each in new:
                for pod in await run.connection.list("Pod", run.namespace, selector=each):
                    self._follow(pod)

    def _follow(self, pod: Object) -> None:
        uid = pod["metadata"]["uid"]
        if uid not in self._tasks and (self._most is None or len(self._tasks) < self._most):
            log = _Log(self._run.connection, pod, self._component, self._tail)
            self._tasks[uid] = asyncio.create_task(self._read(log))

    async def _read(self, log: _Log) -> None:
        try:
            async for line in log.lines(follow=True):
                await self._lines.put(line)
        except Exception as error:
            # Said at once, and not only when the run has ended.
            await self._lines.put(error)
