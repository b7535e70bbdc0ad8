"""The operator's process: wires the parts, starts them in order, and stops them within seconds.

Order of a start: API, informers (children) and lists (custom resources), kopf, the lease; the queue begins to
work only when every kind has been listed once, since a plan from half a view could take a live attempt for a
lost one, and only while the lease is held.
"""

import asyncio
import logging
import os
import secrets
import signal
import socket
import sys
from dataclasses import dataclass
from functools import partial
from typing import Any

from aiohttp import web

from daskflow import __version__
from daskflow.api.names import DASK_CLUSTER, FLOW_RUN, FLOW_SCHEDULE
from daskflow.controller.apply import Applier
from daskflow.controller.clock import ClockWatch, WallClock
from daskflow.controller.known.freshness import Refresher
from daskflow.controller.known.store import Store
from daskflow.controller.kubernetes import custom_resources
from daskflow.controller.kubernetes.definitions import outdated
from daskflow.controller.kubernetes.events import Recorder
from daskflow.controller.kubernetes.fenced import Fenced
from daskflow.controller.kubernetes.http import KubernetesApi, connect
from daskflow.controller.kubernetes.kinds import CHILDREN, CUSTOM, OURS
from daskflow.controller.kubernetes.root_key import root_key
from daskflow.controller.kubernetes.verbs import Api
from daskflow.controller.kubernetes.watch import Informer
from daskflow.controller.leading import Leading
from daskflow.controller.lease import Lease
from daskflow.controller.metrics import Metrics
from daskflow.controller.queue import Queue
from daskflow.controller.reconcile import Planner, Reconciler
from daskflow.controller.schedulers.polling import Poller
from daskflow.manifests.settings import Settings
from daskflow.plan.cluster import life as daskcluster
from daskflow.plan.run import life as flowrun
from daskflow.plan.schedule import life as flowschedule
from daskflow.runtime.pack import pack

log = logging.getLogger("daskflow")


@dataclass(frozen=True)
class ProcessSettings:
    """How the process runs; what planners need to know comes from `load_settings`."""

    namespaces: tuple[str, ...]
    """Empty: the whole cluster."""
    port: int
    workers: int
    log_level: str
    lease: str
    """The name of the Lease by which one of several operators leads, in the operator's namespace."""
    identity: str
    """This process among them: a pod's name. Two at once never have the same."""


def process_settings() -> ProcessSettings:
    """From the environment: DASKFLOW_NAMESPACES (comma-separated), _METRICS_PORT, _WORKERS, _LOG_LEVEL,
    _LEASE and _IDENTITY."""
    names = os.environ.get("DASKFLOW_NAMESPACES", "").split(",")
    return ProcessSettings(
        namespaces=tuple(name.strip() for name in names if name.strip()),
        port=int(os.environ.get("DASKFLOW_METRICS_PORT", "8080")),
        workers=int(os.environ.get("DASKFLOW_WORKERS", "32")),
        log_level=os.environ.get("DASKFLOW_LOG_LEVEL", "INFO").upper(),
        lease=os.environ.get("DASKFLOW_LEASE") or "daskflow",
        identity=os.environ.get("DASKFLOW_IDENTITY") or f"{socket.gethostname()}_{secrets.token_hex(4)}",
    )


def operator_namespace() -> str:
    """Where the operator's own Secret and Lease are."""
    return os.environ.get("DASKFLOW_OPERATOR_NAMESPACE", "daskflow-system")


async def load_settings(api: Api) -> Settings:
    """What planners are given. The root key comes from a Secret in DASKFLOW_OPERATOR_NAMESPACE.

    DASKFLOW_OPERATOR_LABELS (name=value,…) are those of the operator's pods, DASKFLOW_INHERITED_PREFIXES
    (comma-separated) begin the names of labels and annotations that pods inherit.
    """
    namespace = operator_namespace()
    told = os.environ.get("DASKFLOW_OPERATOR_LABELS", "app.kubernetes.io/name=daskflow")
    labels = dict(pair.strip().split("=", 1) for pair in told.split(",") if "=" in pair)
    return Settings(
        root_key=await root_key(api, namespace),
        runtime=pack(),
        operator_namespace=namespace,
        operator_labels=labels,
        inherited_prefixes=tuple(
            prefix.strip()
            for prefix in os.environ.get("DASKFLOW_INHERITED_PREFIXES", "").split(",")
            if prefix.strip()
        ),
    )


def planners(settings: Settings) -> dict[str, Planner]:
    """The table of lives: who plans which kind."""
    return {
        FLOW_RUN: partial(flowrun.plan, settings=settings),
        DASK_CLUSTER: partial(daskcluster.plan, settings=settings),
        FLOW_SCHEDULE: flowschedule.plan,
    }


def main() -> None:
    """Entry point of `daskflow-operator` and `python -m daskflow.controller`; returns on SIGTERM."""
    chosen = process_settings()
    logging.basicConfig(
        level=chosen.log_level,
        stream=sys.stderr,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
    )
    # kopf logs each event that it hands over.
    logging.getLogger("kopf").setLevel(logging.WARNING)
    asyncio.run(operate(chosen))


@dataclass(frozen=True)
class Parts:
    """What runs, wired: `operate` begins and ends it."""

    leading: Leading
    store: Store
    lease: Lease
    connections: tuple[KubernetesApi, ...]
    recorder: Recorder
    refresher: Refresher
    poller: Poller
    reconciler: Reconciler
    informers: list[Informer]
    clock: WallClock
    metrics: Metrics
    ready: asyncio.Event
    server: web.AppRunner


async def wired(chosen: ProcessSettings) -> Parts:
    """All parts; its probes answer already, and the root key is there."""
    queue = Queue(limit=chosen.workers)
    leading = Leading(queue)
    store = Store(changed=leading.changed)
    metrics = Metrics(store, queue)
    clock = WallClock()
    metrics.clock(clock.ahead)
    api = await connect(metrics.requested, clock.header)
    # A connection of its own: a renewal waits for no other call.
    lease_api = await connect(metrics.requested, clock.header)
    lease = Lease(lease_api, operator_namespace(), chosen.lease, chosen.identity, clock.now)
    fenced = Fenced(api, lease.held)
    recorder = Recorder(fenced, clock.now, instance=chosen.identity)
    ready = asyncio.Event()
    server = await metrics.serve(chosen.port, ready)
    settings = await load_settings(api)
    refresher = Refresher(api, store, chosen.namespaces or (None,))
    poller = Poller(store, settings.root_key, polled=metrics.polled, allowed=lease.held)
    metrics.polls(poller)
    applier = Applier(fenced, store, recorder, scale=poller.set_order, progressed=queue.progressed)
    return Parts(
        leading=leading,
        store=store,
        lease=lease,
        connections=(api, lease_api),
        recorder=recorder,
        refresher=refresher,
        poller=poller,
        reconciler=Reconciler(
            planners(settings), store, queue, applier, recorder, refresher, clock.now, metrics.reconciled
        ),
        informers=_informers(api, store, chosen.namespaces, leading),
        clock=clock,
        metrics=metrics,
        ready=ready,
        server=server,
    )


async def operate(chosen: ProcessSettings) -> None:
    """Run until SIGTERM or SIGINT; raises what brought a part down, so that the process is started anew."""
    parts = await wired(chosen)
    stopping, kopf_stop = asyncio.Event(), asyncio.Event()
    work = asyncio.create_task(_work(parts))
    running: set[asyncio.Task[Any]] = {work}
    try:
        _on_signals(stopping)
        running |= {asyncio.create_task(informer.run()) for informer in parts.informers}
        running |= {
            asyncio.create_task(part)
            for part in (
                _watch_custom_resources(parts, chosen.namespaces, stopping, kopf_stop),
                _tell_of_old_definitions(parts),
                ClockWatch(parts.clock.now, lambda: parts.leading.all_changed(parts.store)).run(),
                stopping.wait(),
            )
        }
        where = ", ".join(chosen.namespaces) or "all namespaces"
        log.info("daskflow operator %s, %s, watches %s", __version__, chosen.identity, where)
        done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        for part in done:
            part.result()
        log.info("stopping")
    finally:
        work.cancel()
        await parts.leading.halt(parts.poller)
        await parts.recorder.stop(0.3)
        # Now nothing of this process writes any more: another may.
        await parts.lease.release()
        kopf_stop.set()
        await parts.server.cleanup()
        await _end(running)
        for connection in parts.connections:
            await connection.close()


async def _all_listed(informers: list[Informer]) -> None:
    for informer in informers:
        await informer.listed.wait()


async def _work(parts: Parts) -> None:
    """Lead or stand by, once everything has been listed: who does not know what there is takes no lease."""
    await _all_listed(parts.informers)
    parts.ready.set()
    handler = parts.poller.after(parts.reconciler.reconcile)
    await parts.leading.work(parts.lease, parts.store, parts.refresher, parts.poller, handler)


async def _tell_of_old_definitions(parts: Parts) -> None:
    """Who leads tells once of definitions that are older than the operator; then nothing more."""
    await parts.leading.began.wait()
    parts.metrics.outdated(await outdated(parts.connections[0], parts.recorder))
    await asyncio.Event().wait()


def _informers(api: Api, store: Store, namespaces: tuple[str, ...], leading: Leading) -> list[Informer]:
    def rests() -> bool:
        return leading.stands_by

    informers = []
    for where in namespaces or (None,):
        informers += [Informer(api, store, kind, where, watching=False, resting=rests) for kind in CUSTOM]
        informers += [Informer(api, store, kind, where, selector=OURS, resting=rests) for kind in CHILDREN]
    return informers


async def _watch_custom_resources(
    parts: Parts, namespaces: tuple[str, ...], stopping: asyncio.Event, stop: asyncio.Event
) -> None:
    """kopf, until `stop` is set.

    It looks once which resources there are, and ignores for ever what is not there yet; so it starts when
    our own lists have succeeded, that is, when the CRDs are installed.
    """
    await _all_listed(parts.informers)
    await custom_resources.watch(parts.store, namespaces, stop, spawned=lambda: _on_signals(stopping))


def _on_signals(stopping: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)


async def _end(parts: set[asyncio.Task[Any]]) -> None:
    """kopf gets a second to end by itself; everything else is cancelled at once."""
    await asyncio.wait(parts, timeout=1.0, return_when=asyncio.FIRST_COMPLETED)
    for part in parts:
        part.cancel()
    await asyncio.gather(*parts, return_exceptions=True)
