"""The operator's process: wires the parts, starts them in order, and stops them within seconds.

Order of a start: API, informers (children) and lists (custom resources), kopf; the queue begins to work only
when every kind has been listed once, since a plan from half a view could take a live attempt for a lost one.
"""

import asyncio
import logging
import os
import signal
import sys
from dataclasses import dataclass
from functools import partial
from typing import Any

from daskflow import __version__
from daskflow.api.names import DASK_CLUSTER, FLOW_RUN, FLOW_SCHEDULE
from daskflow.controller.apply import Applier
from daskflow.controller.clock import ClockWatch, WallClock
from daskflow.controller.known.freshness import Refresher
from daskflow.controller.known.store import Store
from daskflow.controller.kubernetes import custom_resources
from daskflow.controller.kubernetes.definitions import outdated
from daskflow.controller.kubernetes.events import Recorder
from daskflow.controller.kubernetes.http import connect
from daskflow.controller.kubernetes.kinds import CHILDREN, CUSTOM, OURS
from daskflow.controller.kubernetes.root_key import root_key
from daskflow.controller.kubernetes.verbs import Api
from daskflow.controller.kubernetes.watch import Informer
from daskflow.controller.metrics import Metrics
from daskflow.controller.queue import Handler, Queue
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


def process_settings() -> ProcessSettings:
    """From the environment: DASKFLOW_NAMESPACES (comma-separated), _METRICS_PORT, _WORKERS, _LOG_LEVEL."""
    names = os.environ.get("DASKFLOW_NAMESPACES", "").split(",")
    return ProcessSettings(
        namespaces=tuple(name.strip() for name in names if name.strip()),
        port=int(os.environ.get("DASKFLOW_METRICS_PORT", "8080")),
        workers=int(os.environ.get("DASKFLOW_WORKERS", "32")),
        log_level=os.environ.get("DASKFLOW_LOG_LEVEL", "INFO").upper(),
    )


async def load_settings(api: Api) -> Settings:
    """What planners are given. The root key comes from a Secret in DASKFLOW_OPERATOR_NAMESPACE.

    DASKFLOW_OPERATOR_LABELS (name=value,…) are those of the operator's pods, DASKFLOW_INHERITED_PREFIXES
    (comma-separated) begin the names of labels and annotations that pods inherit.
    """
    namespace = os.environ.get("DASKFLOW_OPERATOR_NAMESPACE", "daskflow-system")
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


async def operate(chosen: ProcessSettings) -> None:
    """Run until SIGTERM or SIGINT; raises what brought a part down, so that the process is started anew."""
    queue = Queue(limit=chosen.workers)
    store = Store(changed=queue.add)
    metrics = Metrics(store, queue)
    clock = WallClock()
    metrics.clock(clock.ahead)
    api = await connect(metrics.requested, clock.header)
    recorder = Recorder(api, clock.now, instance=os.environ.get("HOSTNAME", "daskflow-operator"))
    ready, stopping, kopf_stop = asyncio.Event(), asyncio.Event(), asyncio.Event()
    server = await metrics.serve(chosen.port, ready)
    settings = await load_settings(api)
    lives = planners(settings)
    refresher = Refresher(api, store, chosen.namespaces or (None,))
    poller = Poller(store, settings.root_key, polled=metrics.polled)
    applier = Applier(api, store, recorder, scale=poller.set_order, progressed=queue.progressed)
    reconciler = Reconciler(lives, store, queue, applier, recorder, refresher, clock.now, metrics.reconciled)
    metrics.polls(poller)
    informers = _informers(api, store, chosen.namespaces)
    parts: set[asyncio.Task[Any]] = {asyncio.create_task(informer.run()) for informer in informers}
    try:
        _on_signals(stopping)
        parts.add(
            asyncio.create_task(
                _watch_custom_resources(informers, store, chosen.namespaces, stopping, kopf_stop)
            )
        )
        handler = poller.after(reconciler.reconcile)
        parts.add(asyncio.create_task(_work(informers, refresher, queue, handler, ready)))
        parts.add(asyncio.create_task(_tell_of_old_definitions(informers, api, recorder, metrics)))
        parts.add(asyncio.create_task(ClockWatch(clock.now, lambda: queue.add_all(store.custom())).run()))
        parts.add(asyncio.create_task(stopping.wait()))
        where = ", ".join(chosen.namespaces) or "all namespaces"
        log.info("daskflow operator %s watches %s", __version__, where)
        done, _ = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
        for part in done:
            part.result()
        log.info("stopping")
    finally:
        await queue.stop(2.0)
        await poller.stop()
        await recorder.stop(0.5)
        kopf_stop.set()
        await server.cleanup()
        await _end(parts)
        await api.close()


async def _all_listed(informers: list[Informer]) -> None:
    for informer in informers:
        await informer.listed.wait()


async def _work(
    informers: list[Informer],
    refresher: Refresher,
    queue: Queue,
    handler: Handler,
    ready: asyncio.Event,
) -> None:
    """Start the queue's work once everything has been listed, and stay for as long as it works."""
    await _all_listed(informers)
    await refresher.refresh_all()
    ready.set()
    queue.start(handler)
    await asyncio.Event().wait()


async def _tell_of_old_definitions(
    informers: list[Informer], api: Api, recorder: Recorder, metrics: Metrics
) -> None:
    """Tell of definitions that are older than the operator, once they are there; then nothing more."""
    await _all_listed(informers)
    metrics.outdated(await outdated(api, recorder))
    await asyncio.Event().wait()


def _informers(api: Api, store: Store, namespaces: tuple[str, ...]) -> list[Informer]:
    informers = []
    for where in namespaces or (None,):
        informers += [Informer(api, store, kind, where, watching=False) for kind in CUSTOM]
        informers += [Informer(api, store, kind, where, selector=OURS) for kind in CHILDREN]
    return informers


async def _watch_custom_resources(
    informers: list[Informer],
    store: Store,
    namespaces: tuple[str, ...],
    stopping: asyncio.Event,
    stop: asyncio.Event,
) -> None:
    """kopf, until `stop` is set.

    It looks once which resources there are, and ignores for ever what is not there yet; so it starts when
    our own lists have succeeded, that is, when the CRDs are installed.
    """
    await _all_listed(informers)
    await custom_resources.watch(store, namespaces, stop, spawned=lambda: _on_signals(stopping))


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
