"""Prefect 3 made ready for flows: patched in the flow's process, imported early where their tasks will run.

On workers it is as installed, so that any cluster can serve.
"""

from __future__ import annotations

import os
from typing import Any

from .. import sigterm
from ..flow import Invalid
from ..settings import say
from . import engine_states, three_cluster, three_failures, three_unread_futures

_patched: list[bool] = []


def patch(gently: bool = True) -> None:
    """Patch Prefect once, before a flow runs. Raises Invalid without prefect-dask if there is a cluster.

    `gently`: whether SIGTERM cancels an event loop's main task; Prefect's own engine deals with it otherwise.
    """
    if _patched:
        return
    from prefect import task_runners

    clustered = bool(os.environ.get("DASK_SCHEDULER_ADDRESS"))
    if clustered:
        try:
            import prefect_dask
        except ImportError as error:
            raise Invalid(
                "EntrypointInvalid",
                "The image has no package prefect-dask, without which Prefect's tasks cannot run on the"
                f" cluster ({error}): install it, or set workers.replicas to 0 to run the flow alone.",
            ) from error
        from prefect_dask.task_runners import PrefectDaskFuture

        three_cluster.send(task_runners, prefect_dask.DaskTaskRunner)
        three_unread_futures.watch(prefect_dask.DaskTaskRunner, PrefectDaskFuture)
        three_failures.report()
    else:
        from prefect.futures import PrefectConcurrentFuture

        three_unread_futures.watch(task_runners.ThreadPoolTaskRunner, PrefectConcurrentFuture)
    three_unread_futures.fail_flows()
    if gently:
        _end_gently()
    else:
        engine_states.tell_states()
    _patched.append(True)


def _end_gently() -> None:
    """On SIGTERM Prefect raises an exception in whatever runs then, and asyncio may keep it for itself."""
    from prefect.utilities import engine

    raising: Any = getattr(engine, "_prefect_sigterm_handler", None)

    def handle(*args: Any) -> None:
        if not sigterm.cancelled():
            raising(*args)

    if raising is not None:  # of earlier versions it cannot be had
        engine._prefect_sigterm_handler = handle


def prepare(client: Any, gently: bool = True) -> None:
    """For code that speaks of Prefect. What is missing is said, and matters only if it runs a flow.

    Workers import Prefect while the runner does the rest; in their event loop, so that no task does at the
    same time, which Prefect's circular imports do not bear. The scheduler, which reads graphs, does so too;
    in the thread where it reads them, since its event loop must answer.
    """

    def load() -> None:
        import prefect.main  # noqa: F401
        import prefect_dask  # noqa: F401

    async def warm() -> None:
        load()

    async def warm_scheduler() -> None:
        from distributed.utils import offload

        await offload(load)

    try:
        patch(gently)
        if client is not None:
            client.run(warm, wait=False)
            client.run_on_scheduler(warm_scheduler, wait=False)
    except Invalid as error:
        say(str(error))
        three_cluster.refuse(error)
    except Exception as error:
        say(str(error))
