"""Who makes runs: the operator, or somebody by hand who knows before what to make."""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from daskflow.api.names import LABEL_MANAGED_BY, MANAGED_BY

from benchmarks import audit
from benchmarks.processes import operator
from benchmarks.scale.moments import Book
from benchmarks.scale.objects import PODS, Object, by_hand, flow_run, owned
from benchmarks.scale.place import namespace, said
from benchmarks.scale.watching import collection, watch
from tests.fire.upstream import Upstream

AT_ONCE = 32
"""Runs that are being made at a time, by either: what the operator's queue works on at once."""
AGENT = "daskflow-operator"
AUDIT_SECONDS = 2.5
"""After which the audit log has what was answered before: the API server writes it each second."""
SAID_SECONDS = 15.0
STILL_SECONDS = 180.0
"""Without another run that is complete: then something is wrong, and all of it ends."""
CHILDREN = {"Service": "v1", "Secret": "v1", "NetworkPolicy": "networking.k8s.io/v1", "Pod": "v1"}


@dataclass(frozen=True)
class Stream:
    """What to measure: so many runs, so many a second (0: as fast as it goes)."""

    runs: int
    rate: float
    lasts: str
    secure: bool


@dataclass(frozen=True)
class Cost:
    """Of the operator's process, for all runs."""

    cpu: float
    """Seconds."""
    base: float
    """Megabytes before the first run."""
    peak: float
    writes: Counter[tuple[str, str]]


@dataclass(frozen=True)
class Result:
    """`seconds` from the first run's creation until the last is complete."""

    book: Book
    seconds: float
    cost: Cost | None = None


async def sample(upstream: Upstream, secure: bool, log: Path) -> list[Object]:
    """The children of a run, as the operator makes them: what `bare` makes.

    They are gone when this is over: a garbage collector knows new definitions only after half a minute.
    """
    where = await namespace(upstream)
    selector, expected = f"{LABEL_MANAGED_BY}={MANAGED_BY}", PODS + (3 if secure else 2)
    with operator(log):
        await upstream.call("POST", collection("FlowRun", where), flow_run("sample", "1h", secure))
        found: list[Object] = []
        until = time.monotonic() + STILL_SECONDS
        while len(found) < expected and time.monotonic() < until:
            await asyncio.sleep(0.2)
            found = await _children(upstream, where, selector)
        await upstream.call("DELETE", f"{collection('FlowRun', where)}/sample", {})
        left = found
        while left and time.monotonic() < until:
            await asyncio.sleep(0.5)
            left = await _children(upstream, where, selector)
    return found


async def _children(upstream: Upstream, where: str, selector: str) -> list[Object]:
    found: list[Object] = []
    for kind, version in CHILDREN.items():
        answer = await upstream.call("GET", collection(kind, where), labelSelector=selector)
        found += [{"apiVersion": version, "kind": kind, **body} for body in answer["items"]]
    return found


async def with_operator(upstream: Upstream, stream: Stream, log: Path, sources: Path | None = None) -> Result:
    """Runs as FlowRuns; `sources` is the folder `operator` of another version, which then is the operator."""
    where = await namespace(upstream)

    async def make(name: str) -> None:
        body = flow_run(name, stream.lasts, stream.secure)
        await upstream.call("POST", collection("FlowRun", where), body)

    with operator(log, sources=sources) as process:
        cpu, base, begun = process.cpu, process.memory, audit.end(audit.log_file())
        book, seconds = await _played(upstream, where, stream, make, None)
        cpu = process.cpu - cpu
        await asyncio.sleep(AUDIT_SECONDS)
        written = audit.writes(audit.log_file(), begun, AGENT, where)
        return Result(book, seconds, Cost(cpu, base, process.peak, written))


async def bare(upstream: Upstream, stream: Stream, children: Sequence[Object]) -> Result:
    """The same objects without anybody who watches over them."""
    where = await namespace(upstream)
    services: dict[str, str] = {}

    async def create(body: Object) -> Object:
        made: Object = await upstream.call("POST", collection(body["kind"], where), body)
        return made

    async def make(name: str) -> None:
        first, *others = by_hand(children, name, stream.lasts)
        service = {"kind": "Service", **await create(first)}
        services[name] = first["metadata"]["name"]
        await asyncio.gather(*(create(owned(body, service)) for body in others))

    async def take_down(name: str) -> None:
        path = f"{collection('Service', where)}/{services[name]}"
        await upstream.call("DELETE", path, {"propagationPolicy": "Background"})

    return Result(*await _played(upstream, where, stream, make, take_down))


async def _played(
    upstream: Upstream,
    where: str,
    stream: Stream,
    make: Callable[[str], Coroutine[Any, Any, None]],
    take_down: Callable[[str], Coroutine[Any, Any, None]] | None,
) -> tuple[Book, float]:
    """Makes all runs, AT_ONCE at a time or at the stream's rate, and waits until all are complete."""
    complete, tasks, failed = 0, set[asyncio.Task[None]](), list[BaseException]()
    finished = asyncio.Event()

    def done() -> None:
        nonlocal complete
        complete += 1
        if complete == stream.runs:
            finished.set()

    def ended(task: "asyncio.Task[None]") -> None:
        tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            failed.append(error)
            finished.set()

    def begin(call: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(call)
        tasks.add(task)
        task.add_done_callback(ended)

    book = Book(
        done, by_hand=take_down is not None, ended=lambda name: begin(take_down(name)) if take_down else None
    )
    begin(watch(upstream, collection("Pod", where), book.pod))
    if take_down is None:
        begin(watch(upstream, collection("FlowRun", where), book.run))
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(name: str) -> None:
        async with slots:
            await make(name)
            book.of(name).accepted = time.monotonic()

    async def all_of_them() -> None:
        began = time.monotonic()
        for number in range(stream.runs):
            if stream.rate:
                await asyncio.sleep(max(0.0, began + number / stream.rate - time.monotonic()))
            begin(one(f"r{number:05}"))

    began = moved = time.monotonic()
    before = 0
    begin(all_of_them())
    while not finished.is_set():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(finished.wait(), SAID_SECONDS)
        now = time.monotonic()
        said(f"{complete} of {stream.runs} after {now - began:.0f} s")
        moved, before = (moved if before == complete else now), complete
        if now - moved > STILL_SECONDS:
            raise RuntimeError(f"only {complete} of {stream.runs} runs are complete")
    seconds = time.monotonic() - began
    if failed:
        raise failed[0]
    for task in tuple(tasks):
        task.cancel()
    return book, seconds
