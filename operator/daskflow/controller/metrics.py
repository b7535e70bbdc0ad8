"""What the operator tells Prometheus and the kubelet: `/metrics` and `/healthz` on one small server."""

import asyncio
from collections.abc import Callable, Iterable, Sized
from functools import partial

from aiohttp import web
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

from daskflow.controller.known.store import Store
from daskflow.controller.kubernetes.kinds import CHILDREN, CUSTOM
from daskflow.controller.queue import Queue

STUCK_SECONDS = 180.0
"""Every API call gives up after 10 s: a reconcile of which none was answered for longer than this hangs."""


class Metrics:
    """One registry a process; the methods are given to those who have something to count."""

    def __init__(self, store: Store, queue: Queue) -> None:
        self._queue = queue
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self._reconciles = Counter(
            "daskflow_reconciles",
            "Reconciles of one object, by result.",
            ["kind", "result"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "daskflow_reconcile_seconds",
            "How long a reconcile took, API calls included.",
            ["kind"],
            buckets=(0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60),
            registry=self.registry,
        )
        self._requests = Counter(
            "daskflow_api_requests",
            "Calls to the API server; code 0: no answer came.",
            ["verb", "kind", "code"],
            registry=self.registry,
        )
        self._denied = Counter(
            "daskflow_api_denied",
            "Calls for which the operator has no right, or that it made unknown (401).",
            ["verb", "kind"],
            registry=self.registry,
        )
        self._outdated = Gauge(
            "daskflow_definition_outdated",
            "1 if the CustomResourceDefinition is older than the operator.",
            ["kind"],
            registry=self.registry,
        )
        self._blind: dict[tuple[str, str], str] = {}
        """What may not be read at present, by verb and kind, and what the API server says of it."""
        self._polls = Counter(
            "daskflow_progress_polls",
            "Questions to the schedulers of running flows: news, nothing (no change), error.",
            ["result"],
            registry=self.registry,
        )
        self._followed = Gauge(
            "daskflow_progress_followed", "Schedulers that are polled.", registry=self.registry
        )
        depth = Gauge("daskflow_queue_depth", "Objects waiting to be reconciled.", registry=self.registry)
        depth.set_function(lambda: queue.depth)
        objects = Gauge("daskflow_objects", "Objects known.", ["kind"], registry=self.registry)
        for kind in (*CUSTOM, *CHILDREN):
            objects.labels(kind).set_function(partial(store.count, kind))

    def reconciled(self, kind: str, result: str, seconds: float) -> None:
        """A reconcile of an object of this kind ended; `result` is ok, error, unsettled or bug."""
        self._reconciles.labels(kind, result).inc()
        self._seconds.labels(kind).observe(seconds)

    def requested(self, verb: str, kind: str, code: int, denied: str = "") -> None:
        """The API server answered, or did not (0); `denied`: its words, if the operator has no right."""
        self._requests.labels(verb, kind, str(code)).inc()
        if denied:
            self._denied.labels(verb, kind).inc()
        if denied and (verb in ("LIST", "WATCH") or kind == "Lease"):
            self._blind[verb, kind] = denied
        elif 200 <= code < 300:
            self._blind.pop((verb, kind), None)

    def clock(self, ahead: Callable[[], float]) -> None:
        """By how many seconds this machine's clock is ahead of the API server's."""
        gauge = Gauge(
            "daskflow_clock_ahead_seconds",
            "This machine's clock against the API server's; beyond 60 either way the earlier one counts.",
            registry=self.registry,
        )
        gauge.set_function(ahead)

    def outdated(self, kinds: Iterable[str]) -> None:
        """Kinds whose definition (CRD) is older than this operator."""
        for kind in kinds:
            self._outdated.labels(kind).set(1)

    def unready(self, ready: asyncio.Event) -> str:
        """Why the operator is not ready; empty if it is."""
        if self._blind:
            (verb, kind), said = next(iter(self._blind.items()))
            return f"may not {verb.lower()} {kind}s: {said}"
        return "" if ready.is_set() else "listing"

    def polled(self, result: str) -> None:
        """A scheduler was asked how far its flow is: `result` is news, nothing or error."""
        self._polls.labels(result).inc()

    def polls(self, poller: Sized) -> None:
        """Its length is how many schedulers are polled."""
        self._followed.set_function(lambda: len(poller))

    async def serve(self, port: int, ready: asyncio.Event) -> web.AppRunner:
        """Answer on all addresses until the runner's `cleanup`. `ready`: everything was listed once."""

        async def metrics(_: web.Request) -> web.Response:
            return web.Response(
                body=generate_latest(self.registry), content_type="text/plain", charset="utf-8"
            )

        async def healthz(_: web.Request) -> web.Response:
            stuck = self._queue.longest(asyncio.get_running_loop().time())
            if stuck > STUCK_SECONDS:
                return web.Response(status=500, text=f"a worker has been at one object for {stuck:.0f} s\n")
            return web.Response(text="ok\n")

        async def readyz(_: web.Request) -> web.Response:
            why = self.unready(ready)
            return web.Response(status=503, text=f"{why}\n") if why else web.Response(text="ok\n")

        application = web.Application()
        application.router.add_get("/metrics", metrics)
        application.router.add_get("/healthz", healthz)
        application.router.add_get("/readyz", readyz)
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, port=port).start()
        return runner
