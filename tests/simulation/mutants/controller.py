"""Mutants of the modules of controller/ itself."""

from tests.simulation.mutants.mutant import Mutant

MUTANTS = (
    Mutant(
        "schedulers are told nothing",
        "controller/reconcile.py",
        "                self._applier.scale(key, plan)\n",
        "",
    ),
    Mutant(
        "status writes without a precondition",
        "controller/writes.py",
        '{**resource, "status": status}',
        '{**resource, "status": status, "metadata": {**resource["metadata"], "resourceVersion": None}}',
    ),
    Mutant(
        "a cluster is made from an old view",
        "controller/apply.py",
        "elif any(_begins",
        "elif False and any(_begins",
    ),
    Mutant(
        "a plan goes on after its status was refused",
        "controller/apply.py",
        "if written is not Applied.DONE:",
        "if written is Applied.OVER:",
    ),
    Mutant(
        "any object of the right name is ours",
        "controller/writes.py",
        'reference.get("uid") == owner',
        "True",
    ),
    Mutant(
        "what somebody's finalizer keeps goes on",
        "controller/reconcile.py",
        "resource is None or leaving(resource)",
        "resource is None or deleting(resource)",
    ),
    Mutant(
        "nobody wakes up",
        "controller/reconcile.py",
        "        elif plan.requeue_at is not None:",
        "        elif False:",
    ),
    Mutant(
        "a look that failed is not repeated",
        "controller/queue.py",
        "seconds = self._backoff(key, error)",
        "seconds = self._backoff(key, error) * 0 or None",
    ),
    Mutant(
        "a status that was set back is believed",
        "controller/reconcile.py",
        "self._restored(key) or self._plan",
        "self._plan",
    ),
    Mutant(
        "nobody notices that the clock was set",
        "controller/clock.py",
        "                self._wake()\n",
        "",
    ),
    Mutant(
        "a clock that is ahead is believed",
        "controller/clock.py",
        "if ahead > TOLERANCE_SECONDS else",
        "if False else",
    ),
    Mutant(
        "liveness never fails",
        "controller/metrics.py",
        "if stuck > STUCK_SECONDS:",
        "if False:",
        "tests/unit/controller/test_metrics.py",
    ),
    Mutant(
        "what came during a look that was halted is lost",
        "controller/queue.py",
        """            if key in self._queued:
                self._append(key)
        if self._handler""",
        "        if self._handler",
        "tests/unit/controller/test_queue.py",
    ),
    Mutant(
        "who stands by remembers every key",
        "controller/leading.py",
        "if not self.stands_by:",
        "if True:",
        "tests/unit/controller/test_leading.py",
    ),
    Mutant(
        "who takes over remembers edits that it took for some",
        "controller/leading.py",
        "        store.begin_anew()\n",
        "",
        "tests/unit/controller/test_leading.py",
    ),
    Mutant(
        "the lease is not given back",
        "controller/lease.py",
        "if self.holder == self._me:",
        "if False:",
        "tests/unit/controller/test_lease.py",
    ),
    Mutant(
        "a renewal counts from its answer",
        "controller/lease.py",
        "self._renewed, self._said = sent, ",
        "self._renewed, self._said = self._clock(), ",
        "tests/unit/controller/test_lease.py",
    ),
    Mutant(
        "Retry-After is ignored",
        "controller/queue.py",
        "if isinstance(error, ApiError) and error.retry_after is not None:",
        "if False:",
        "tests/unit/controller/test_queue.py",
    ),
    Mutant(
        "a new generation is not noticed",
        "controller/reconcile.py",
        "if known is not None and known != generation:",
        "if False:",
        "tests/unit/controller/test_reconcile.py",
    ),
    Mutant(
        "a plan is made again in the past",
        "controller/reconcile.py",
        "if plan.overdue(now):",
        "if False:",
        "tests/unit/controller/test_reconcile.py",
    ),
    Mutant(
        "one object takes all slots",
        "controller/fairness.py",
        "and self._taken[key] < self._each",
        "",
        "tests/unit/controller/test_fairness.py",
    ),
)
