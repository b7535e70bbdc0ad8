"""One look at one key: plan, apply, and plan again until there is nothing left to do.

Staging falls out of planning again: the first plan holds what nothing depends on, the API's answers to it
go into the store, and the next plan can hold what needed them.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import datetime

from daskflow.api.names import kind_of
from daskflow.api.reasons import Reason
from daskflow.controller import logs
from daskflow.controller.apply import Applier
from daskflow.controller.known.freshness import Refresher
from daskflow.controller.known.observe import observe, wake_at
from daskflow.controller.known.store import Store
from daskflow.controller.kubernetes.events import Recorder
from daskflow.controller.kubernetes.objects import unpacked
from daskflow.controller.kubernetes.verbs import key_of
from daskflow.controller.queue import Queue
from daskflow.controller.writes import Applied
from daskflow.plan.deletion import deleting, leaving
from daskflow.plan.model import Event, Key, Object, Observed, Plan
from daskflow.plan.namesakes import left_behind
from daskflow.plan.old_definitions import held
from daskflow.plan.refusals import heeded

log = logging.getLogger(__name__)

Planner = Callable[[Object, Observed, datetime], Plan]
Measured = Callable[[str, str, float], None]
"""Hears of each look: kind, result (a word), seconds."""

ROUNDS = 12
"""Plans that may act in one look. Real ones need three or four, and one more for each cluster of a pool that
another run has claimed in the same moment; one that never rests is a fault, and is slowed down like one."""
_EDITED = Event(
    "Warning",
    Reason.RESTORED.value,
    "The status was edited by hand, and is as it was again.",
)
OVER_AGAIN_SECONDS = 60.0
"""Until a resource is looked at again whose namespace was ending. Normally it is gone by then."""
OVERDUE_SECONDS = 1.0
"""Until a plan is made again that did nothing and wanted to be made again at once."""


class Unsettled(Exception):
    """Every plan of a look wanted to act, the last one too."""


class PlanFailed(Exception):
    """A planner raised: a bug of ours, met by one object. The rest goes on."""


class Reconciler:
    """Called by the queue with one key at a time, and never twice at once with the same.

    `now` is the wall clock: planners and users think in it. Expiries inside are on the loop's clock.
    """

    def __init__(
        self,
        planners: Mapping[str, Planner],
        store: Store,
        queue: Queue,
        applier: Applier,
        recorder: Recorder,
        refresher: Refresher,
        now: Callable[[], datetime],
        measured: Measured = lambda kind, result, seconds: None,
        failed: Callable[[str, Exception], None] = lambda kind, error: None,
    ) -> None:
        self._planners = planners
        self._store = store
        self._queue = queue
        self._applier = applier
        self._recorder = recorder
        self._refresher = refresher
        self._now = now
        self._measured = measured
        self._failed = failed
        self._generations: OrderedDict[str, int] = OrderedDict()

    async def reconcile(self, key: Key) -> float | None:
        """Bring one resource as far as it goes now. Answers in how many seconds to look again, if at all.

        Raises PlanFailed, Unsettled, or the ApiError that only time can mend.
        """
        loop = asyncio.get_running_loop()
        began, result = loop.time(), "error"
        try:
            seconds = await self._settle(key)
            result = "ok"
            return seconds
        except Exception as error:
            result = {Unsettled: "unsettled", PlanFailed: "bug"}.get(type(error), result)
            self._failed(key.kind, error)
            raise
        finally:
            self._measured(key.kind, result, loop.time() - began)

    async def _settle(self, key: Key) -> float | None:
        loop = asyncio.get_running_loop()
        for _ in range(ROUNDS):
            self._queue.absorb(key)
            resource = self._store.get(key)
            logs.about(key, resource)
            if resource is None or leaving(resource):
                # Owner references take care of what it leaves behind, with or without us.
                self._queue.forget(key)
                return None
            if pause := self._recorder.terminating.pause(resource):
                return pause
            if self._store.foreign.needs_list(key):
                await self._refresher.refresh(key)
                continue
            self._notice_change(resource)
            resource = self._store.pruned.whole(unpacked(resource))
            seen, now = observe(self._store, resource, loop.time()), self._now()
            plan = self._restored(key) or self._plan(resource, seen, now)
            if deleting(resource):
                plan = plan.holding(creates=())
            if not plan.acts:
                self._applier.scale(key, plan)
                return self._delay(resource, plan, now)
            applied = await self._applier.apply(resource, plan)
            if applied is Applied.OVER:
                return OVER_AGAIN_SECONDS if self._store.get(key) is not None else None
        # The answers to our own writes are no reason to try again sooner.
        self._queue.absorb(key)
        raise Unsettled(f"{key.kind} {key.namespace}/{key.name} wants to act after {ROUNDS} plans")

    def _restored(self, key: Key) -> Plan | None:
        """Undoes what somebody has written into a status that operators would not have."""
        status = self._store.hand_edits.before(key)
        return None if status is None else Plan(status=status, events=(_EDITED,))

    def _plan(self, resource: Object, seen: Observed, now: datetime) -> Plan:
        try:
            plan = self._planners[kind_of(resource)](resource, seen, now)
            orphans = {key_of(each) for each in seen.orphans}
            refused = tuple(each for each in seen.refused_writes if each.key not in orphans)
            plan = heeded(plan, resource, refused, now)
            plan = held(plan, resource, now) if self._store.pruned.unfenced(resource) else plan
            return plan if plan.acts else plan + left_behind(resource, seen, now)
        except Exception as error:
            meta = resource["metadata"]
            log.exception("planning %s %s/%s failed", resource["kind"], meta["namespace"], meta["name"])
            sentence = (
                f"The operator cannot plan this object ({type(error).__name__}: {error}). Others are not"
                " affected; please report it with the object's manifest and the operator's log."
            )
            self._recorder.tell(resource, Event("Warning", "InternalError", sentence))
            raise PlanFailed(f"planning failed: {error}") from error

    def _notice_change(self, resource: Object) -> None:
        """A new generation is a new wish: what was refused for the old one is tried again at once."""
        uid, generation = resource["metadata"]["uid"], resource["metadata"].get("generation", 0)
        known = self._generations.get(uid)
        if known is not None and known != generation:
            self._store.answers.forget_refusals(uid)
        self._generations[uid] = generation
        self._generations.move_to_end(uid)
        while len(self._generations) > 20_000:
            self._generations.popitem(last=False)

    def _delay(self, resource: Object, plan: Plan, now: datetime) -> float | None:
        """Seconds until the plan's own wake-up, or until an answer it was made from expires.

        `now` is what the plan was made with: a wake-up before it is a fault of ours, and no busy loop.
        """
        wishes = []
        if plan.overdue(now):
            log.error("%s %s/%s wants to be planned in the past", *key_of(resource))
            wishes.append(OVERDUE_SECONDS)
        elif plan.requeue_at is not None:
            wishes.append((plan.requeue_at - self._now()).total_seconds())
        at = asyncio.get_running_loop().time()
        expiry = wake_at(self._store, resource, at)
        if expiry is not None:
            wishes.append(expiry - at)
        return min(wishes, default=None)
