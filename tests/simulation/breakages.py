"""The mutants: small ways to break a policy or an invariant, as substitutions in the package's source."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """In `file` (below operator/daskflow; or beside it), `old`, which is there once, becomes `new`."""

    name: str
    file: str
    old: str
    new: str


PLAN = (
    Mutant("nothing is done after the end", "plan/flowrun.py", "    settled,  #", "    #"),
    Mutant("a failed run goes on", "plan/retention.py", "not in TERMINAL_PHASES or", '!= "Succeeded" or'),
    Mutant(
        "cancellation speaks before the outcome",
        "plan/flowrun.py",
        "    outcome,  # the flow has spoken, or can no longer speak\n    cancellation,\n",
        "    cancellation,\n    outcome,\n",
    ),
    Mutant(
        "a cancellation can be undone",
        "plan/status.py",
        "old.cancel_requested or sight.spec.cancel or None",
        "sight.spec.cancel or None",
    ),
    Mutant("no deadlines", "plan/flowrun.py", "    deadlines,\n", ""),
    Mutant(
        "time suspended counts",
        "plan/sight.py",
        "seconds(self.spec.deadlines.active) + (self.status.suspended_seconds or 0)",
        "seconds(self.spec.deadlines.active)",
    ),
    Mutant("no suspension", "plan/flowrun.py", "    suspension,\n", ""),
    Mutant("the next attempt does not wait", "plan/retries.py", "still_there(sight):", '"":'),
    Mutant("no backoff", "plan/retries.py", "if sight.now < due:", "if False:"),
    Mutant(
        "one retry too many",
        "plan/retries.py",
        "failures.flow <= spec.limit",
        "failures.flow <= spec.limit + 1",
    ),
    Mutant("what is hopeless is tried again", "plan/retries.py", "return not hopeless and", "return"),
    Mutant(
        "a begun flow counts as not begun",
        "plan/verdict.py",
        '"infrastructure" if maybe else "start"',
        '"start"',
    ),
    Mutant(
        "the scheduler's copy is not read",
        "plan/verdict.py",
        'its two places."""\n    for pod in (sight.runner, sight.scheduler):',
        'its two places."""\n    for pod in (sight.runner,):',
    ),
    Mutant("no diagnosis", "plan/flowrun.py", "    diagnosis,  #", "    #"),
    Mutant("conflicts are not noticed", "plan/flowrun.py", "    conflict,  #", "    #"),
    Mutant("a live run is not scaled", "plan/flowrun.py", "    scaling,  #", "    #"),
    Mutant(
        "logs go at once", "plan/retention.py", "return plan if now >= at else", "return plan if True else"
    ),
    Mutant("the record stays for ever", "plan/retention.py", "    if record is not None:", "    if False:"),
    Mutant(
        "leftovers stay",
        "plan/stopping.py",
        "for item in sight.leftover_clusters\n            if",
        "for item in ()\n            if",
    ),
    Mutant("messages without bound", "plan/attempts.py", "MESSAGE = 300", "MESSAGE = 300_000"),
    Mutant("the scheduler is not written down", "plan/daskcluster.py", "    journal,  #", "    #"),
    Mutant("a cluster's conflicts are not noticed", "plan/daskcluster.py", "    conflict,  #", "    #"),
    Mutant("the scheduler's end is not noticed", "plan/daskcluster.py", "    ended,  #", "    #"),
    Mutant(
        "dead workers stay dead",
        "plan/workers.py",
        "due is not None and sight.now < due:",
        "due is not None:",
    ),
    Mutant(
        "a deleted cluster is made again",
        "plan/outcome.py",
        " or _was_deleted(sight)):",
        "):",
    ),
    Mutant("too many workers stay", "plan/workers.py", "if missing < 0:", "if False:"),
)

CONTROLLER = (
    Mutant(
        "status writes without a precondition",
        "controller/apply.py",
        '{**resource, "status": status}',
        '{**resource, "status": status, "metadata": {**resource["metadata"], "resourceVersion": None}}',
    ),
    Mutant(
        "a cluster is made from an old view",
        "controller/apply.py",
        "elif any(body",
        "elif False and any(body",
    ),
    Mutant(
        "a plan goes on after its status was refused",
        "controller/apply.py",
        "if written is not Applied.DONE:",
        "if written is Applied.OVER:",
    ),
    Mutant(
        "any object of the right name is ours", "controller/apply.py", 'reference.get("uid") == owner', "True"
    ),
    Mutant(
        "the store goes back",
        "controller/store.py",
        "version_of(body) <= self._newest(key, known)",
        "version_of(body) == self._newest(key, known)",
    ),
    Mutant(
        "pods without a cluster are forgotten",
        "controller/store.py",
        "        grandchildren |= self._orphans(key_of(resource), uids)\n",
        "",
    ),
    Mutant(
        "a restarted operator trusts its first lists",
        "controller/refresh.py",
        "*(self._list(namespace) for namespace in self._namespaces)",
        "",
    ),
    Mutant("stale views are trusted", "controller/store.py", "return key in self._unsure", "return False"),
    Mutant(
        "things are made for what is being deleted",
        "controller/reconcile.py",
        'resource is None or "deletionTimestamp" in resource["metadata"]',
        "resource is None",
    ),
    Mutant(
        "nobody wakes up",
        "controller/reconcile.py",
        "        if plan.requeue_at is not None:",
        "        if False:",
    ),
    Mutant(
        "a look that failed is not repeated",
        "controller/queue.py",
        "seconds = self._backoff(key, error)",
        "seconds = self._backoff(key, error) * 0 or None",
    ),
    Mutant(
        "what was refused is never tried again",
        "controller/answers.py",
        "retry=refused.until <= now",
        "retry=False",
    ),
    Mutant("no second list", "controller/watch.py", "RELIST_SECONDS = 300.0", "RELIST_SECONDS = 3e9"),
    Mutant(
        "what a list lacks stays known",
        "controller/watch.py",
        "for body in store.missing(kind, namespace, listed, int(listing.version)):",
        "for body in ():",
    ),
)

MUTANTS = (*PLAN, *CONTROLLER)
