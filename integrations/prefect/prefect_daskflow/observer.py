"""Looks after the FlowRuns of a work pool and the flow runs that they are for, until both have ended.

In each worker of the pool, and without memory: what it knows it has read, so that another worker, or the same
after its death, goes on. All that it does may be done twice. Watches wake it; it looks anyway now and then.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import httpx
from kubernetes_asyncio.client.exceptions import ApiException
from prefect.logging.loggers import flow_run_logger
from pydantic import ValidationError

from prefect_daskflow import names
from prefect_daskflow.agreement import ENDED, Run, Step, seconds, steps, told
from prefect_daskflow.flowrun import FlowRunStatus
from prefect_daskflow.kubernetes_side import AWAY, Kubernetes, Object, passing, said_by
from prefect_daskflow.prefect_side import Prefect
from prefect_daskflow.settings import Settings

if TYPE_CHECKING:
    from prefect.client.schemas.objects import FlowRun
    from prefect.client.schemas.objects import State as PrefectState

SETTLE_SECONDS = 0.3
"""Events come in bunches: one look serves them all."""
SWEEP_SECONDS = 20.0
"""Between two looks for flow runs that have no FlowRun."""
_PAUSES = (1.0, 30.0)
"""Seconds before an API that is away is asked again, at first and at most."""


class Observer:
    """`submit_again` makes the FlowRun of a flow run that a worker died over, and answers its pid."""

    def __init__(
        self,
        kubernetes: Kubernetes,
        prefect: Prefect,
        pool: UUID,
        settings: Settings,
        submit_again: "Callable[[FlowRun], Awaitable[None]]",
        logger: "logging.Logger | logging.LoggerAdapter[logging.Logger]",
    ) -> None:
        self._kubernetes, self._prefect, self._pool, self._settings = kubernetes, prefect, pool, settings
        self._submit_again = submit_again
        self._logger = logger
        self._runs: dict[str, Object] = {}
        """By uid, those that are not settled."""
        self._listed: set[str] = set()
        """Namespaces of which all FlowRuns are known."""
        self._wake = asyncio.Event()
        self._swept = float("-inf")
        self._said = ""
        self._unsettled: Exception | None = None
        """What a server has answered over one of many, which is tried again."""

    async def run(self) -> None:
        """For ever."""
        places = self._settings.observed(self._kubernetes.namespace) or ("",)
        watches = [asyncio.create_task(self._watch(each)) for each in places]
        try:
            pause = self._settings.period
            while True:
                try:
                    self._unsettled = None
                    await self._look()
                    if time.monotonic() > self._swept + SWEEP_SECONDS and len(self._listed) == len(places):
                        await self._sweep()
                        self._swept = time.monotonic()
                    if self._unsettled is not None:
                        raise self._unsettled
                    self._said, pause = "", self._settings.period
                except (ApiException, httpx.HTTPError, *AWAY) as error:
                    self._away(error)
                    pause = min(pause * 2, _PAUSES[1])
                except Exception:
                    self._logger.exception("The FlowRuns of the pool could not be looked at; trying again")
                await self._until_woken(pause)
        finally:
            for each in watches:
                each.cancel()
            await asyncio.gather(*watches, return_exceptions=True)

    async def _until_woken(self, seconds: float) -> None:
        waiting = asyncio.ensure_future(self._wake.wait())
        await asyncio.wait({waiting}, timeout=seconds)
        if waiting.cancel():
            return
        await asyncio.sleep(SETTLE_SECONDS)
        self._wake.clear()

    def _away(self, error: Exception) -> None:
        words = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
        if isinstance(error, ApiException) and error.status in (401, 403):
            words = f"{said_by(error)}; give the worker's account the rights of rights.yaml"
        if words != self._said:
            self._said = words
            self._logger.warning("An API server does not answer as it should, it is asked again: %s", words)

    async def _watch(self, namespace: str) -> None:
        pause = _PAUSES[0]
        selector = f"{names.WORK_POOL}={self._pool}"
        while True:
            try:
                async for kind, found in self._kubernetes.follow(namespace, selector):
                    pause = _PAUSES[0]
                    if kind == "LISTED":
                        self._relist(namespace, found["items"])
                    elif kind != "BOOKMARK":
                        self._take(found, gone=kind == "DELETED")
                    self._wake.set()
            except (ApiException, *AWAY) as error:
                if getattr(error, "status", None) != 410:
                    self._away(error)
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, _PAUSES[1])
            except Exception:
                self._logger.exception("The watch of FlowRuns ended; trying again")
                await asyncio.sleep(_PAUSES[1])

    def _relist(self, namespace: str, items: list[Object]) -> None:
        """All there is: what was known and is not among them was deleted while nobody watched."""
        there = {each["metadata"]["uid"] for each in items}
        for uid, known in list(self._runs.items()):
            if uid not in there and namespace in ("", known["metadata"]["namespace"]):
                known["gone"] = True
        for each in items:
            self._take(each, gone=False)
        self._listed.add(namespace)

    def _take(self, found: Object, gone: bool) -> None:
        metadata = found["metadata"]
        if names.SETTLED in (metadata.get("annotations") or {}) or not _flow_run(found):
            self._runs.pop(metadata["uid"], None)
        else:
            self._runs[metadata["uid"]] = {**found, "gone": gone}

    async def _look(self) -> None:
        """One look at all that is not settled."""
        known = dict(self._runs)
        flow_runs = await self._prefect.flow_runs({_flow_run(each) for each in known.values()})
        for uid, found in known.items():
            what = f"FlowRun {found['metadata']['name']}"
            await self._one(what, self._see_to(uid, found, flow_runs.get(_flow_run(found))))

    async def _one(self, what: str, doing: Awaitable[None]) -> None:
        """Of many: what goes wrong with it holds up no other, unless a server does not answer at all."""
        try:
            await doing
        except (ApiException, httpx.HTTPStatusError) as error:
            if passing(error):
                self._unsettled = error
            else:
                self._logger.warning("%s could not be seen to: %s", what, error)
        except (httpx.HTTPError, *AWAY):
            raise
        except Exception:
            self._logger.exception("%s could not be seen to", what)

    async def _see_to(self, uid: str, found: Object, flow_run: "FlowRun | None") -> None:
        if flow_run is None and await self._prefect.exists(_flow_run(found)):
            return  # of a moment ago
        state = await self._prefect.state(flow_run) if flow_run else None
        for step in steps(parsed(found), state, now()):
            await self._do(step, uid, found, flow_run)

    async def _do(self, step: Step, uid: str, found: Object, flow_run: "FlowRun | None") -> None:
        metadata = found["metadata"]
        where = (metadata["namespace"], metadata["name"])
        if step.what == "crash" and flow_run is not None:
            lines = (
                await self._kubernetes.log_tail(*where)
                if flow_run.state and flow_run.state.is_pending()
                else []
            )
            state = await self._prefect.crash(str(flow_run.id), step.message)
            if state == "Crashed":
                self._tell(flow_run, logging.ERROR, step.message, lines)
        elif step.what == "cancelled" and flow_run is not None:
            await self._prefect.cancelled(str(flow_run.id), step.message)
        elif step.what == "cancel":
            self._logger.info(step.message)
            await self._kubernetes.cancel(*where)
        elif step.what == "tell" and flow_run is not None:
            # Of several workers the one whose write goes through tells.
            seen = {
                "resourceVersion": metadata["resourceVersion"],
                "annotations": {names.TOLD: told(parsed(found))},
            }
            if await self._kubernetes.patch(*where, {"metadata": seen}):
                self._tell(flow_run, logging.WARNING, step.message)
        elif step.what == "settle":
            if not found["gone"]:
                settled = {"metadata": {"uid": uid, "annotations": {names.SETTLED: step.message}}}
                await self._kubernetes.patch(*where, settled)
            self._runs.pop(uid, None)
            self._prefect.forget([_flow_run(found)])
            return
        if step.what in ("crash", "cancelled"):
            self._wake.set()  # it is settled by the next look

    def _tell(self, flow_run: "FlowRun", level: int, message: str, lines: list[str] | None = None) -> None:
        logger = flow_run_logger(flow_run).getChild("daskflow")
        logger.log(level, message)
        if lines:
            logger.log(level, "The last lines of the runner's pod:\n%s", "\n".join(lines))

    async def _sweep(self) -> None:
        """Flow runs that are to have a FlowRun and have none: a worker died over one, or it was deleted while
        nobody watched."""
        flow_runs = await self._prefect.open(self._pool)
        known = {_flow_run(each): each for each in self._runs.values()}
        late = now() - timedelta(seconds=self._settings.rescue)
        for flow_run in flow_runs:
            state = flow_run.state
            if state is None or state.timestamp > late:
                continue
            rescue = self._rescue(flow_run, state, known.get(str(flow_run.id)))
            await self._one(f"Flow run {flow_run.name}", rescue)

    async def _rescue(self, flow_run: "FlowRun", state: "PrefectState", found: Object | None) -> None:
        submission = await self._prefect.submission(flow_run)
        made = names.Place.of(flow_run.infrastructure_pid)
        if found and (run := parsed(found)).submission == submission:
            over = run.gone or run.phase in ENDED
            if state.is_pending() and (made is None or made.name != run.name) and not over:
                await self._submit_again(flow_run)  # its worker died before the FlowRun's Secret was made
            return
        if made:
            if made.cluster != await self._kubernetes.identity(made.namespace):
                return  # of another cluster
            expected = await self._kubernetes.get(made.namespace, made.name)
            if expected:
                if parsed(expected).submission == submission:
                    return  # settled, or of a moment ago
            elif made.name.endswith(names.flow_run_name("", str(flow_run.id), submission)[-10:]):
                gone = Run(name=made.name, submission=submission, gone=True)
                for step in steps(gone, await self._prefect.state(flow_run), now()):
                    message = f"FlowRun {made.name} of namespace {made.namespace} is gone."
                    if step.what == "crash":
                        await self._prefect.crash(str(flow_run.id), message)
                    elif step.what == "cancelled":
                        await self._prefect.cancelled(str(flow_run.id), message)
                return
        if state.is_pending():
            await self._submit_again(flow_run)
        elif state.is_cancelling():
            await self._prefect.cancelled(str(flow_run.id), "It was cancelled before it had a FlowRun.")


def now() -> datetime:
    """With its offset from UTC, as Prefect's times are."""
    return datetime.now().astimezone()


def _flow_run(found: Object) -> str:
    """The id of its flow run; empty where somebody has written something else there."""
    try:
        return str(UUID((found["metadata"].get("labels") or {}).get(names.FLOW_RUN, "")))
    except ValueError:
        return ""


def parsed(found: Object) -> Run:
    """What agreement.steps wants of a FlowRun."""
    metadata, spec = found["metadata"], found.get("spec") or {}
    annotations = metadata.get("annotations") or {}
    try:
        status = FlowRunStatus.model_validate(found.get("status") or {})
    except ValidationError:  # nobody's but a stranger's
        status = FlowRunStatus()
    return Run(
        name=metadata["name"],
        submission=annotations.get(names.SUBMISSION, ""),
        phase=status.phase or "",
        reason=status.reason or "",
        message=status.message or "",
        begun=bool(status.flow_start_time),
        cancel=spec.get("cancel") is True,
        grace=seconds(spec.get("cancelGracePeriod") or "30s"),
        gone=bool(found.get("gone")) or (bool(metadata.get("deletionTimestamp")) and status.phase in ENDED),
        told=annotations.get(names.TOLD, ""),
    )
