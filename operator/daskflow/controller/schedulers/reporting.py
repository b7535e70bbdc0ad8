"""What of one scheduler's answers is reported to the store, and when it is reported as lost.

That it gives no answer, or none that can be used, is told by `conversation`; both count alike.
"""

import asyncio

from daskflow.controller.known.scheduler_reports import SchedulerReports
from daskflow.controller.schedulers.answers import Answer
from daskflow.controller.schedulers.pacing import Pace
from daskflow.controller.schedulers.scale_orders import ScaleOrders
from daskflow.controller.schedulers.targets import Target
from daskflow.plan.model import Counts, Scaling

LOST_SECONDS = 30.0
"""A cluster's scheduler that has given no usable answer for so long is reported as lost."""


class Reporter:
    """Remembers what was told from one answer, or failure, to the next.

    `delivered` is set by who asks: whether the answer to come is one to an order. `counted_at` is when
    (loop's clock) counts were told last, None if never.
    """

    def __init__(self, target: Target, reports: SchedulerReports, orders: ScaleOrders, pace: Pace) -> None:
        self.delivered = False
        self.counted_at: float | None = None
        self._target = target
        self._reports = reports
        self._orders = orders
        self._pace = pace
        self._counts: Counts | None = None
        self._no_answer_since: float | None = None

    def report(self, answer: Answer) -> bool:
        """Whether the store had not heard of this."""
        self._no_answer_since = None
        return self._report_counts(answer) | self._report_scaling(answer)

    def no_usable_answer(self) -> None:
        """The scheduler gave none, or one that is not what the contract says."""
        known, now = self._target, asyncio.get_running_loop().time()
        self._no_answer_since = now if self._no_answer_since is None else self._no_answer_since
        if self._orders.active(known.key) and now >= self._no_answer_since + LOST_SECONDS:
            self._reports.report_scaling(known.key, known.uid, Scaling(known.scheduler_uid, lost=True))

    def _report_counts(self, answer: Answer) -> bool:
        known = self._target
        if known.run is None or self._pace.too_soon(self.counted_at):
            return False
        counts = Counts(answer.done, answer.total, known.scheduler_uid, answer.distributed, answer.trouble)
        worth = counts.total > 0 or len(counts.distributed) > 1 or counts.trouble is not None
        if counts == self._counts or not worth:
            return False
        self._counts, self.counted_at = counts, asyncio.get_running_loop().time()
        self._reports.report_counts(known.run, known.run_uid, counts)
        return True

    def _report_scaling(self, answer: Answer) -> bool:
        known = self._target
        if not self._orders.active(known.key) and not self.delivered:
            return False
        self.delivered = False
        scaling = Scaling(
            known.scheduler_uid,
            answer.demand,
            answer.retiring,
            answer.held,
            answer.begun,
            self._orders.taken(known.key, known.scheduler_uid),
            standby=answer.standby,
        )
        return self._reports.report_scaling(known.key, known.uid, scaling)
