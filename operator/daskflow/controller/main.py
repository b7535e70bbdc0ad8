"""The operator's process: wires the parts, starts them in order, and stops them within seconds.

Order of a start: API, informers (children) and lists (custom resources), kopf, the lease; the queue begins to
work only when every kind has been listed once, since a plan from half a view could take a live attempt for a
lost one, and only while the lease is held.
"""

import asyncio
import logging
import signal
import sys
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from aiohttp import web

from daskflow import __version__
from daskflow.api.names import DASK_CLUSTER, FLOW_RUN, FLOW_SCHEDULE
from daskflow.controller.apply import Applier
from daskflow.controller.clock import ClockWatch, WallClock
from daskflow.controller.health import Health
from daskflow.controller.known.freshness import Refresher
from daskflow.controller.known.store import Store
from daskflow.controller.kubernetes import custom_resources
from daskflow.controller.kubernetes.definitions import outdated
from daskflow.controller.kubernetes.events import Recorder
from daskflow.controller.kubernetes.fenced import Fenced
from daskflow.controller.kubernetes.http import KubernetesApi, connect
from daskflow.controller.kubernetes.kinds import CHILDREN, CONFIG_MAPS, CUSTOM, OURS
from daskflow.controller.kubernetes.reach import Forbidden, until_it_changes, within_reach
from daskflow.controller.kubernetes.verbs import Api
from daskflow.controller.kubernetes.watch import Informer
from daskflow.controller.leading import Leading
from daskflow.controller.lease import Lease
from daskflow.controller.logs import set_up
from daskflow.controller.metrics import snapshot
from daskflow.controller.metrics.milestones import Milestones
from daskflow.controller.metrics.registry import Registry
from daskflow.controller.probes import serve
from daskflow.controller.queue import Queue
from daskflow.controller.reconcile import Planner, Reconciler
from daskflow.controller.schedulers.polling import Poller
from daskflow.controller.settings import ProcessSettings, load_settings, operator_namespace, process_settings
from daskflow.manifests.settings import Settings
from daskflow.plan.cluster import life as daskcluster
from daskflow.plan.run import life as flowrun
from daskflow.plan.schedule import life as flowschedule

log = logging.getLogger("daskflow")

PAUSE_SECONDS = 5.0
"""Between a watch that is refused and a new beginning."""


def planners(settings: Settings) -> dict[str, Planner]:
    """The table of lives: who plans which kind."""
    return {
        FLOW_RUN: partial(flowrun.plan, settings=settings),
        DASK_CLUSTER: partial(daskcluster.plan, settings=settings),
        FLOW_SCHEDULE: flowschedule.plan,
    }


def main() -> None:
    """Entry point of `daskflow-operator` and `python -m daskflow.controller`; returns on SIGTERM."""
    try:
        chosen = process_settings()
    except ValueError as error:
        sys.exit(str(error))
    set_up(chosen.log_level, chosen.log_format)
    asyncio.run(run(chosen))


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
    metrics: Registry
    health: Health
    ready: asyncio.Event
    server: web.AppRunner


async def wired(chosen: ProcessSettings) -> Parts:
    """All parts; its probes answer already, and the root key is there."""
    queue = Queue(limit=chosen.workers)
    metrics, clock, health = Registry(), WallClock(), Health(queue)
    leading = Leading(queue, metrics.took_over)
    milestones = Milestones(metrics, leading.works, clock.now)
    store = Store(changed=leading.changed, told=milestones.told)
    api, lease_api = [await _connected(metrics, clock, health) for _ in range(2)]
    lease = Lease(lease_api, operator_namespace(), chosen.lease, chosen.identity, clock.now)
    fenced = Fenced(api, lease.held, metrics.fenced)
    recorder = Recorder(fenced, clock.now, instance=chosen.identity)
    ready = asyncio.Event()
    sources = snapshot.Sources(store, queue, leading.works, clock.ahead)
    server = await serve(
        chosen.port,
        partial(_scraped, metrics, sources),
        health.ailment,
        lambda: metrics.blind() or ("" if ready.is_set() else "listing"),
    )
    settings = await load_settings(api, chosen.defaults)
    refresher = Refresher(api, store, chosen.namespaces or (None,), queue.heard)
    poller = Poller(store, settings.root_key, polled=metrics.polled, allowed=lease.held)
    sources.polled.append(poller)
    store.namespace_defaults.tell = recorder.tell
    applier = Applier(fenced, store, recorder, scale=poller.set_order, progressed=queue.progressed)
    lives, hear = planners(settings), (metrics.reconciled, metrics.failed)
    return Parts(
        leading=leading,
        store=store,
        lease=lease,
        connections=(api, lease_api),
        recorder=recorder,
        refresher=refresher,
        poller=poller,
        reconciler=Reconciler(lives, store, queue, applier, recorder, refresher, clock.now, *hear),
        informers=_informers(api, store, chosen.namespaces, leading, metrics, health),
        clock=clock,
        metrics=metrics,
        health=health,
        ready=ready,
        server=server,
    )


async def _connected(metrics: Registry, clock: WallClock, health: Health) -> KubernetesApi:
    """One of two connections: a renewal of the lease waits for no other call."""

    def counted(verb: str, kind: str, code: int, denied: str, seconds: float) -> None:
        metrics.requested(verb, kind, code, denied, seconds)
        if code:
            health.answered()

    return await connect(counted, clock.header, metrics.received)


def _scraped(metrics: Registry, sources: snapshot.Sources) -> bytes:
    snapshot.take(metrics, sources)
    return metrics.text()


async def run(chosen: ProcessSettings) -> None:
    """Operate; with a list of namespaces in those within reach, and anew when these are others."""
    stopping = asyncio.Event()
    if not chosen.namespaces:
        await operate(chosen, stopping, asyncio.Event().wait)
        return
    api = await connect()
    try:
        while not stopping.is_set():
            # Where it is none, the lists of all say what is wrong until there is one.
            served = await within_reach(api, chosen.namespaces) or chosen.namespaces
            changes = partial(until_it_changes, api, chosen.namespaces, served)
            await operate(replace(chosen, namespaces=served), stopping, changes)
    finally:
        await api.close()


async def operate(
    chosen: ProcessSettings, stopping: asyncio.Event, changes: Callable[[], Coroutine[Any, Any, object]]
) -> None:
    """Run until SIGTERM or SIGINT, which set `stopping`, or the end of `changes`.

    Raises what brought a part down, so that the process is started anew.
    """
    _on_signals(stopping)
    parts = await wired(chosen)
    kopf_stop = asyncio.Event()
    work = asyncio.create_task(_work(parts))
    running: set[asyncio.Task[Any]] = {work}
    try:
        running |= {asyncio.create_task(informer.run()) for informer in parts.informers}
        running |= {
            asyncio.create_task(part)
            for part in (
                _watch_custom_resources(parts, chosen.namespaces, stopping, kopf_stop),
                _tell_of_old_definitions(parts),
                ClockWatch(parts.clock.now, lambda: parts.leading.all_changed(parts.store)).run(),
                stopping.wait(),
                changes(),
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


def _informers(
    api: Api,
    store: Store,
    namespaces: tuple[str, ...],
    leading: Leading,
    metrics: Registry,
    health: Health,
) -> list[Informer]:
    def informer(kind: str, where: str | None) -> Informer:
        watching = kind not in CUSTOM
        return Informer(
            api,
            store.namespace_defaults if kind == CONFIG_MAPS else store,
            kind,
            where,
            selector=OURS if kind in CHILDREN else "",
            watching=watching,
            resting=lambda: not leading.works(),
            heard=health.listener(
                f"{'watch' if watching else 'list'} of {kind} in {where or 'all namespaces'}"
            ),
            restarted=metrics.restarted,
        )

    kinds = (*CUSTOM, *CHILDREN, CONFIG_MAPS)
    return [informer(kind, where) for where in namespaces or (None,) for kind in kinds]


async def _watch_custom_resources(
    parts: Parts, namespaces: tuple[str, ...], stopping: asyncio.Event, stop: asyncio.Event
) -> None:
    """kopf, until `stop` is set.

    It looks once which resources there are, and ignores for ever what is not there yet; so it starts when
    our own lists have succeeded, that is, when the CRDs are installed.
    """
    await _all_listed(parts.informers)
    heard = {kind: parts.health.listener(f"watch of {kind}") for kind in CUSTOM}
    try:
        await custom_resources.watch(
            parts.store,
            namespaces,
            stop,
            spawned=lambda: _on_signals(stopping),
            heard=lambda kind: heard[kind](),
        )
    except Forbidden:
        if not namespaces:
            raise
        log.warning("the API server refuses a watch: beginning anew in the namespaces within reach")
        await asyncio.sleep(PAUSE_SECONDS)


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
