"""The operator's process: starts its parts in order, and stops them within seconds.

Order of a start: API, informers (children) and lists (custom resources), kopf, the lease; the queue begins to
work only when every kind has been listed once, since a plan from half a view could take a live attempt for a
lost one, and only while the lease is held.
"""

import asyncio
import gc
import logging
import signal
import sys
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from daskflow import __version__
from daskflow.api.crd import KINDS
from daskflow.api.dask_kubernetes.crd import KINDS as THEIRS
from daskflow.controller.clock import ClockWatch
from daskflow.controller.dask_kubernetes import obstacle
from daskflow.controller.kubernetes import custom_resources
from daskflow.controller.kubernetes.definitions import Defined, outdated
from daskflow.controller.kubernetes.http import connect
from daskflow.controller.kubernetes.reach import Forbidden, until_it_changes, within_reach
from daskflow.controller.kubernetes.verbs import Api
from daskflow.controller.kubernetes.watch import Informer
from daskflow.controller.logs import set_up
from daskflow.controller.parts import Parts, wired
from daskflow.controller.settings import ProcessSettings, process_settings

log = logging.getLogger("daskflow")

COLLECTED_FROM = 20_000
"""So many containers more than went, until those are looked for that only hold each other."""
PAUSE_SECONDS = 5.0
"""Between a watch that is refused and a new beginning."""


def main() -> None:
    """Entry point of `daskflow-operator` and `python -m daskflow.controller`; returns on SIGTERM."""
    try:
        chosen = process_settings()
    except ValueError as error:
        sys.exit(str(error))
    set_up(chosen.log_level, chosen.log_format)
    asyncio.run(run(chosen))


async def run(chosen: ProcessSettings) -> None:
    """Operate; with a list of namespaces in those within reach, and anew when these are others."""
    stopping = asyncio.Event()
    if not chosen.namespaces:
        await operate(chosen, stopping, asyncio.Event().wait)
        return
    _on_signals(stopping)
    api = await connect()
    try:
        while (reached := await _reached(api, chosen, stopping)) is not None:
            # Where it is none, the lists of all say what is wrong until there is one.
            served = reached or chosen.namespaces
            changes = partial(until_it_changes, api, chosen.namespaces, served, chosen.watched)
            await operate(replace(chosen, namespaces=served), stopping, changes)
    finally:
        await api.close()


async def _reached(api: Api, chosen: ProcessSettings, stopping: asyncio.Event) -> tuple[str, ...] | None:
    """Those within reach; None at once when the process is to stop."""
    looking = asyncio.create_task(within_reach(api, chosen.namespaces, chosen.watched))
    told = asyncio.create_task(stopping.wait())
    try:
        await asyncio.wait((looking, told), return_when=asyncio.FIRST_COMPLETED)
        return None if told.done() else looking.result()
    finally:
        looking.cancel()
        told.cancel()


async def operate(
    chosen: ProcessSettings, stopping: asyncio.Event, changes: Callable[[], Coroutine[Any, Any, object]]
) -> None:
    """Run until SIGTERM or SIGINT, which set `stopping`, or the end of `changes`.

    Raises what brought a part down, so that the process is started anew.
    """
    _on_signals(stopping)
    if chosen.dask_kubernetes:
        await _not_beside_another(chosen)
    parts = await wired(chosen)
    kopf_stop = asyncio.Event()
    work = asyncio.create_task(_work(parts))
    kopf = asyncio.create_task(_watch_custom_resources(parts, chosen, stopping, kopf_stop))
    running: set[asyncio.Task[Any]] = {work, kopf}
    try:
        running |= {asyncio.create_task(informer.run()) for informer in parts.informers}
        running |= {
            asyncio.create_task(part)
            for part in (
                _tell_of_old_definitions(parts, (*KINDS, *(THEIRS if chosen.dask_kubernetes else ()))),
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
        await parts.recorder.stop()
        # Now nothing of this process writes any more: another may.
        await parts.lease.release()
        kopf_stop.set()
        await parts.server.cleanup()
        await _end(kopf, running)
        for connection in parts.connections:
            await connection.close()


async def _not_beside_another(chosen: ProcessSettings) -> None:
    """Ends the process with a sentence, which is then in the pod's status: a rollout stops with it, and the
    operator that was there before goes on."""
    api = await connect()
    try:
        if found := await obstacle(api, chosen.namespaces, datetime.now(UTC)):
            sys.exit(found)
    finally:
        await api.close()


async def _all_listed(informers: list[Informer]) -> None:
    for informer in informers:
        await informer.listed.wait()


async def _work(parts: Parts) -> None:
    """Lead or stand by, once everything has been listed: who does not know what there is takes no lease."""
    await _all_listed(parts.informers)
    parts.ready.set()
    _spare_collections()
    handler = parts.poller.after(parts.reconciler.reconcile)
    await parts.leading.work(parts.lease, parts.store, parts.refresher, parts.poller, handler)


def _spare_collections() -> None:
    """Modules, models and what was listed stay: nobody need look through them for garbage again and again.

    Objects come by the hundred with each answer, and go by counting; Python's 700 are 5 % of the processor.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECTED_FROM, *gc.get_threshold()[1:])


async def _tell_of_old_definitions(parts: Parts, kinds: Sequence[Defined]) -> None:
    """Who leads tells once of definitions that are older than the operator; then nothing more."""
    await parts.leading.began.wait()
    parts.metrics.outdated(await outdated(parts.connections[0], parts.recorder, kinds))
    await asyncio.Event().wait()


async def _watch_custom_resources(
    parts: Parts, chosen: ProcessSettings, stopping: asyncio.Event, stop: asyncio.Event
) -> None:
    """kopf, until `stop` is set.

    It looks once which resources there are, and ignores for ever what is not there yet; so it starts when
    our own lists have succeeded, that is, when the CRDs are installed.
    """
    await _all_listed(parts.informers)
    heard = {kind: parts.health.listener(f"watch of {kind}") for kind in chosen.custom}
    try:
        await custom_resources.watch(
            parts.store,
            chosen.namespaces,
            stop,
            spawned=lambda: _on_signals(stopping),
            heard=lambda kind: heard[kind](),
            kinds=chosen.custom,
        )
    except Forbidden:
        if not chosen.namespaces:
            raise
        log.warning("the API server refuses a watch: beginning anew in the namespaces within reach")
        await asyncio.sleep(PAUSE_SECONDS)


def _on_signals(stopping: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)


async def _end(kopf: "asyncio.Task[None]", parts: set[asyncio.Task[Any]]) -> None:
    """kopf, which has been told, gets a second to end by itself; everything else is cancelled at once."""
    for part in parts - {kopf}:
        part.cancel()
    await asyncio.wait((kopf,), timeout=1.0)
    kopf.cancel()
    await asyncio.gather(*parts, return_exceptions=True)
