"""The parts of the operator's process, wired: which hears and asks which."""

import asyncio
from dataclasses import dataclass
from functools import partial

from aiohttp import web

from daskflow.api.dask_kubernetes.names import AUTOSCALER, CLUSTER, JOB, WORKER_GROUP
from daskflow.api.names import CLUSTER_POOL, DASK_CLUSTER, FLOW_RUN, FLOW_SCHEDULE
from daskflow.controller.apply import Applier
from daskflow.controller.clock import WallClock
from daskflow.controller.fairness import Slots
from daskflow.controller.health import Health
from daskflow.controller.known.freshness import Refresher
from daskflow.controller.known.store import Store
from daskflow.controller.kubernetes.events import Recorder
from daskflow.controller.kubernetes.fenced import Fenced
from daskflow.controller.kubernetes.http import KubernetesApi, connect
from daskflow.controller.kubernetes.kinds import CONFIG_MAPS, SELECTORS
from daskflow.controller.kubernetes.verbs import Api
from daskflow.controller.kubernetes.watch import Informer
from daskflow.controller.leading import Leading
from daskflow.controller.lease import Lease
from daskflow.controller.metrics import snapshot
from daskflow.controller.metrics.milestones import Milestones
from daskflow.controller.metrics.registry import Registry
from daskflow.controller.probes import serve
from daskflow.controller.queue import Queue
from daskflow.controller.reconcile import Planner, Reconciler
from daskflow.controller.schedulers.polling import Poller
from daskflow.controller.schedulers.tells import Tells
from daskflow.controller.settings import ProcessSettings, load_settings, operator_namespace
from daskflow.manifests.settings import Settings
from daskflow.plan.cluster import life as daskcluster
from daskflow.plan.dask_kubernetes.autoscaler import life as autoscaler
from daskflow.plan.dask_kubernetes.cluster import life as their_cluster
from daskflow.plan.dask_kubernetes.job import life as job
from daskflow.plan.dask_kubernetes.worker_group import life as worker_group
from daskflow.plan.pool import life as clusterpool
from daskflow.plan.run import life as flowrun
from daskflow.plan.schedule import life as flowschedule


def planners(settings: Settings) -> dict[str, Planner]:
    """The table of lives: who plans which kind."""
    return {
        FLOW_RUN: partial(flowrun.plan, settings=settings),
        DASK_CLUSTER: partial(daskcluster.plan, settings=settings),
        FLOW_SCHEDULE: partial(flowschedule.plan, settings=settings),
        CLUSTER_POOL: partial(clusterpool.plan, settings=settings),
        CLUSTER: partial(their_cluster.plan, settings=settings),
        WORKER_GROUP: partial(worker_group.plan, settings=settings),
        JOB: partial(job.plan, settings=settings),
        AUTOSCALER: partial(autoscaler.plan, settings=settings),
    }


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
    refresher = Refresher(api, store, chosen.namespaces or (None,), queue.heard, chosen.custom)
    # Two of some megabytes are read at a time; namespaces take turns.
    turn = Slots(2, 1).slot
    poller = Poller(
        store, settings.root_key, polled=metrics.polled, allowed=lease.held, turn=turn, now=clock.now
    )
    sources.polled.append(poller)
    store.namespace_defaults.tell = recorder.tell
    tells = Tells(store, settings.root_key, clock.now, api.get, allowed=lease.held)
    applier = Applier(
        fenced,
        store,
        recorder,
        scale=poller.set_order,
        progressed=queue.progressed,
        ask=poller.questions.ask,
        tell=tells.tell,
    )
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
        informers=_informers(api, store, chosen, leading, metrics, health),
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


def _informers(
    api: Api,
    store: Store,
    chosen: ProcessSettings,
    leading: Leading,
    metrics: Registry,
    health: Health,
) -> list[Informer]:
    def informer(kind: str, where: str | None) -> Informer:
        watching = kind not in chosen.custom
        return Informer(
            api,
            store.namespace_defaults if kind == CONFIG_MAPS else store,
            kind,
            where,
            selector=SELECTORS.get(kind, ""),
            watching=watching,
            resting=lambda: not leading.works(),
            heard=health.listener(
                f"{'watch' if watching else 'list'} of {kind} in {where or 'all namespaces'}"
            ),
            restarted=metrics.restarted,
        )

    return [informer(kind, where) for where in chosen.namespaces or (None,) for kind in chosen.watched]
