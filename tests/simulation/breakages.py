"""The mutants: small ways to break a policy or an invariant, as substitutions in the package's source."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """In `file` (below operator/daskflow; or beside it), `old`, which is there once, becomes `new`.

    `test`: the unit test that catches it, where the simulation would meet it too seldom.
    """

    name: str
    file: str
    old: str
    new: str
    test: str = ""


PLAN = (
    Mutant("nothing is done after the end", "plan/run/life.py", "    settled,  #", "    #"),
    Mutant("a failed run goes on", "plan/run/retention.py", "not in TERMINAL_PHASES or", '!= "Succeeded" or'),
    Mutant(
        "cancellation speaks before the outcome",
        "plan/run/life.py",
        "    outcome,  # the flow has spoken, or can no longer speak\n    cancellation,\n",
        "    cancellation,\n    outcome,\n",
    ),
    Mutant(
        "a cancellation can be undone",
        "plan/run/status.py",
        "old.cancel_requested or view.spec.cancel or None",
        "view.spec.cancel or None",
    ),
    Mutant(
        "a pod that does not heed its deadline is waited for",
        "plan/pod/termination.py",
        "if now < due:",
        "if True:",
    ),
    Mutant(
        "a dead node holds up every end",
        "plan/run/outcome.py",
        "return _abandoned(view, pod) or unreachable(view)",
        "return unreachable(view)",
    ),
    Mutant(
        "a cluster of a closed attempt gets a scheduler",
        "plan/cluster/view.py",
        """!= self.resource["metadata"]["name"]:\n            return """ + '""',
        """!= self.resource["metadata"]["name"]:\n            return self.resource["metadata"]["uid"]""",
    ),
    Mutant("a cluster that is gone is made again", "plan/run/outcome.py", "attempt.cluster_uid or ", ""),
    Mutant(
        "a run that was told to end has failed by itself",
        "plan/run/verdict.py",
        "    if reason is Reason.TERMINATED:\n",
        "    if False:\n",
    ),
    Mutant(
        "children stay as they were edited",
        "plan/cluster/life.py",
        " + mended_cluster(view) +",
        " +",
    ),
    Mutant(
        "a run's children stay as they were edited",
        "plan/run/life.py",
        " + mended_run(view)",
        "",
    ),
    Mutant(
        "a pod is what its label says",
        "plan/pod/pod.py",
        'last = self.name.rpartition("-")[2]',
        'last = ""',
    ),
    Mutant(
        "the Secret is not asked for with new workers",
        "plan/cluster/making.py",
        "if view.status.scheduler is not None and plan.creates:",
        "if False:",
    ),
    Mutant(
        "a status that contradicts itself is believed",
        "plan/run/life.py",
        "    edited,  #",
        "    #",
    ),
    Mutant(
        "a cluster's end that nobody wrote is believed",
        "plan/cluster/life.py",
        "    edited_cluster,  #",
        "    #",
    ),
    Mutant(
        "a phase is believed without its conditions",
        "plan/hand_edits.py",
        "if phases[0] != phases[1] and not",
        "if False and not",
    ),
    Mutant("no deadlines", "plan/run/life.py", "    deadlines,\n", ""),
    Mutant(
        "time suspended counts",
        "plan/run/view.py",
        "seconds(self.spec.deadlines.active) + (self.status.suspended_seconds or 0)",
        "seconds(self.spec.deadlines.active)",
    ),
    Mutant("what cannot be set up is awaited", "plan/pod/termination.py", " or pod.unset:", ":"),
    Mutant("no suspension", "plan/run/life.py", "    suspension,\n", ""),
    Mutant("the next attempt does not wait", "plan/run/retries.py", "still_there(view):", '"":'),
    Mutant("no backoff", "plan/run/retries.py", "if view.now < due:", "if False:"),
    Mutant(
        "one retry too many",
        "plan/run/retries.py",
        "failures.flow <= spec.limit",
        "failures.flow <= spec.limit + 1",
    ),
    Mutant("what is hopeless is tried again", "plan/run/retries.py", "return not hopeless and", "return"),
    Mutant(
        "a begun flow counts as not begun",
        "plan/run/verdict.py",
        '"infrastructure" if maybe else "start"',
        '"start"',
    ),
    Mutant(
        "a runner that is being ended is believed to have begun",
        "plan/run/view.py",
        " and not runner.told_to_end",
        "",
    ),
    Mutant(
        "the scheduler's copy is not read",
        "plan/run/verdict.py",
        'its two places."""\n    for pod in (view.runner, view.scheduler):',
        'its two places."""\n    for pod in (view.runner,):',
    ),
    Mutant(
        "a failed init container is nobody's fault",
        "plan/run/verdict.py",
        "if broken := failure(pod):",
        "if broken := None:",
    ),
    Mutant("no diagnosis", "plan/run/life.py", "    diagnosis,  #", "    #"),
    Mutant("conflicts are not noticed", "plan/run/life.py", "    conflict,  #", "    #"),
    Mutant("a live run is not scaled", "plan/run/life.py", "    scaling,  #", "    #"),
    Mutant(
        "logs go at once",
        "plan/run/retention.py",
        "return plan if now >= at else",
        "return plan if True else",
    ),
    Mutant(
        "the record stays for ever",
        "plan/run/retention.py",
        "    if record is not None and",
        "    if False and",
    ),
    Mutant(
        "leftovers stay",
        "plan/run/stopping.py",
        "for item in view.leftover_clusters\n            if",
        "for item in ()\n            if",
    ),
    Mutant(
        "what a flow made stays after the end",
        "plan/run/retention.py",
        "for item in view.seen.made\n            if",
        "for item in ()\n            if",
    ),
    Mutant(
        "what a flow made stays between attempts",
        "plan/run/view.py",
        "(*own, *self._abandoned)",
        "own",
    ),
    Mutant(
        "a runner alone has no gate",
        "plan/run/alone.py",
        "Plan(creates=(gated(pod),))",
        "Plan(creates=(pod,))",
    ),
    Mutant("a gate opens unjournaled", "plan/run/alone.py", "if attempt.runner.uid is None:", "if False:"),
    Mutant(
        "a gate opens without the Secret",
        "plan/run/alone.py",
        "if missing := _secret(view, runner):",
        "if False:",
    ),
    Mutant(
        "a runner alone that is lost had not begun",
        "plan/run/alone.py",
        'message, "infrastructure"',
        'message, "start"',
    ),
    Mutant(
        "a runner does not wait for the cluster it is to use",
        "plan/run/cluster_ref.py",
        "if status.phase not in USABLE or view.place is None:",
        "if view.place is None:",
    ),
    Mutant(
        "a cluster with another image is used",
        "plan/run/cluster_ref.py",
        "view.spec.image != theirs.image",
        "False",
    ),
    Mutant(
        "a run does not hear of the cluster it waits for",
        "controller/known/store.py",
        "(*owners, *self._indexes.users(key))",
        "owners",
    ),
    Mutant("a runner alone is not missed", "plan/run/outcome.py", "return lost(view)", "return None"),
    Mutant("messages without bound", "plan/run/attempts.py", "MESSAGE = 300", "MESSAGE = 300_000"),
    Mutant(
        "a deleted cluster is made again",
        "plan/run/outcome.py",
        " or _had_cluster(view)):",
        "):",
    ),
    Mutant(
        "templates are not looked at",
        "plan/run/start.py",
        "if message := in_run(run_fault(view.spec)):",
        'if message := "":',
    ),
    Mutant("no network policy", "plan/cluster/making.py", "if policy.enabled and", "if False and"),
    Mutant("any last words are taken", "plan/pod/last_words.py", "shape.model_validate(report)", "pass"),
)

CLUSTER = (
    Mutant("the scheduler is not written down", "plan/cluster/life.py", "    journal,  #", "    #"),
    Mutant("a cluster's conflicts are not noticed", "plan/cluster/life.py", "    conflict,  #", "    #"),
    Mutant("the scheduler's end is not noticed", "plan/cluster/life.py", "    ended,  #", "    #"),
    Mutant(
        "dead workers stay dead",
        "plan/cluster/workers.py",
        "if due is not None and view.now < due",
        "if due is not None",
    ),
    Mutant(
        "crash loops go on without pause",
        "plan/cluster/workers.py",
        " * doublings, LONGEST_WAIT",
        ", LONGEST_WAIT",
    ),
    Mutant("retired workers are kept", "plan/cluster/workers.py", ", *group.retired)", ",)"),
    Mutant(
        "too many workers stay", "plan/cluster/scaling.py", "GroupOrder(group.desired,", "GroupOrder(2000,"
    ),
    Mutant(
        "workers that never registered stay",
        "plan/cluster/scaling.py",
        "for pod in group.unneeded)",
        "for pod in ())",
    ),
    Mutant(
        "workers go though their scheduler can be told",
        "plan/cluster/scaling.py",
        "view.told is None or not view.told.lost or not group.surplus",
        "not group.surplus",
    ),
    Mutant(
        "a lost scheduler is waited for for ever",
        "plan/cluster/scaling.py",
        "elif due is not None:",
        "elif False:",
    ),
    Mutant(
        "retiring workers count as staying",
        "plan/cluster/groups.py",
        "if pod.name not in self.retiring",
        "if True",
    ),
    Mutant(
        "sidecars outlive their worker", "plan/cluster/life.py", "decided + outlived(view) +", "decided +"
    ),
    Mutant("demand is not heard", "plan/cluster/life.py", "    autoscaling,  #", "    #"),
    Mutant(
        "a restarted operator forgets the demand",
        "plan/cluster/groups.py",
        "self.said.desired if self.said else self.floor",
        "self.floor",
    ),
    Mutant("a cluster is not suspended", "plan/cluster/life.py", "    suspension,  #", "    #"),
    Mutant(
        "a resumed cluster does not wait for its pods",
        "plan/cluster/suspension.py",
        "    if pods:",
        "    if pods and view.spec.suspend:",
    ),
    Mutant(
        "schedulers are told nothing",
        "controller/reconcile.py",
        "                self._applier.order(key, plan)\n",
        "",
    ),
    Mutant(
        "an order is taken for delivered",
        "controller/schedulers/orders.py",
        "return order if order and self._taken.get(key) != _essence(order) else None",
        "return order if order and key not in self._taken else None",
    ),
    Mutant(
        "nobody hears that a scheduler is lost",
        "controller/schedulers/news.py",
        "if self._orders.active(known.key) and now >= self._silent_since + LOST_SECONDS:",
        "if False:",
    ),
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
        "elif any(_begins",
        "elif False and any(_begins",
    ),
    Mutant(
        "what a pod said last is forgotten with it",
        "controller/known/store.py",
        "            self.departed.remember(known)\n",
        "",
    ),
    Mutant(
        "a collision is taken for an object that is there",
        "controller/kubernetes/verbs.py",
        'self.status == 409 and self.reason == "AlreadyExists"',
        "self.status == 409",
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
        "controller/known/store.py",
        "version_of(body) <= (\n            self._newest",
        "version_of(body) == (\n            self._newest",
    ),
    Mutant(
        "pods without a cluster are forgotten",
        "controller/known/observe.py",
        "    grandchildren |= _orphans(store, key_of(resource), uids)\n",
        "",
    ),
    Mutant(
        "a restarted operator trusts its first lists",
        "controller/known/freshness.py",
        "*(self._list(namespace, False) for namespace in self._namespaces)",
        "",
    ),
    Mutant(
        "stale views are trusted", "controller/known/trust.py", "return key in self._unsure", "return False"
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
        "what was refused is never tried again",
        "controller/known/create_answers.py",
        "retry=each.until <= now",
        "retry=False",
    ),
    Mutant(
        "a child without its label is taken for gone",
        "controller/kubernetes/watch.py",
        'if KINDS[key.kind].seen == "child" and',
        "if False and",
    ),
    Mutant(
        "a status that was set back is believed",
        "controller/reconcile.py",
        "self._restored(key) or self._plan",
        "self._plan",
    ),
    Mutant(
        "no second list", "controller/kubernetes/watch.py", "RELIST_SECONDS = 300.0", "RELIST_SECONDS = 3e9"
    ),
    Mutant(
        "what a list lacks stays known",
        "controller/kubernetes/watch.py",
        "for body in store.missing(kind, namespace, listed, int(version)):",
        "for body in ():",
    ),
)

SCHEDULES = (
    Mutant(
        "a tick is settled before it has its run",
        "plan/schedule/catch_up.py",
        "if tick in chosen and not made:",
        "if tick in chosen and False:",
    ),
    Mutant(
        "a tick does not wait for the run before",
        "plan/schedule/concurrency.py",
        "return () if view.live else missing[:1]",
        "return missing[:1]",
    ),
    Mutant(
        "a tick that is settled is given a run again",
        "plan/schedule/view.py",
        "instant(each) for each in (self.status.settled_time",
        "instant(each) for each in () and (self.status.settled_time",
    ),
    Mutant(
        "a changed cron counts from its schedule's beginning",
        "plan/schedule/view.py",
        "known.append(self.now.replace(microsecond=0))",
        "known = known[:1]",
    ),
    Mutant(
        "nobody notices that the clock was set",
        "controller/clock_watch.py",
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
        "schedules do not hear of their runs",
        "controller/known/concerned.py",
        'if owner["kind"] == FLOW_SCHEDULE and not _another_phase(before, body):',
        'if owner["kind"] == FLOW_SCHEDULE:',
    ),
)

_TESTS = "tests/unit/controller/"
UPKEEP = (
    Mutant(
        "liveness never fails",
        "controller/metrics.py",
        "if stuck > STUCK_SECONDS:",
        "if False:",
        f"{_TESTS}test_upkeep.py",
    ),
    Mutant(
        "answers are never forgotten",
        "controller/known/store.py",
        "        self.answers.forget(uid)\n",
        "",
        f"{_TESTS}test_upkeep.py",
    ),
    Mutant(
        "no pause after 410",
        "controller/kubernetes/watch.py",
        "                await asyncio.sleep(wait)\n",
        "                await asyncio.sleep(0 if error.status == GONE else wait)\n",
        f"{_TESTS}test_mechanics.py",
    ),
    Mutant(
        "refusals are never tried later and later",
        "controller/known/create_answers.py",
        "2.0 ** min(times - 1, 20)",
        "1.0",
        f"{_TESTS}test_upkeep.py",
    ),
    Mutant(
        "Retry-After is ignored",
        "controller/queue.py",
        "if isinstance(error, ApiError) and error.retry_after is not None:",
        "if False:",
        f"{_TESTS}test_upkeep.py",
    ),
    Mutant(
        "nobody asks for tombstones",
        "controller/known/tombstones.py",
        "return uid in self._dead",
        "return False",
        f"{_TESTS}test_upkeep.py",
    ),
    Mutant(
        "a new generation is not noticed",
        "controller/reconcile.py",
        "if known is not None and known != generation:",
        "if False:",
        f"{_TESTS}test_upkeep.py",
    ),
    Mutant(
        "a plan is made again in the past",
        "controller/reconcile.py",
        "if plan.overdue(now):",
        "if False:",
        f"{_TESTS}test_mechanics.py",
    ),
    Mutant(
        "one object takes all slots",
        "controller/fairness.py",
        "and self._taken[key] < self._each",
        "",
        f"{_TESTS}test_turns.py",
    ),
    Mutant(
        "answers in any number of pieces",
        "controller/schedulers/wire.py",
        "self._reads -= 1",
        "pass",
        f"{_TESTS}test_control.py",
    ),
)

MUTANTS = (*PLAN, *CLUSTER, *CONTROLLER, *SCHEDULES, *UPKEEP)
