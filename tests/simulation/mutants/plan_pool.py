"""Mutants of plan/pool, and of how runs claim what pools have made."""

from tests.simulation.mutants.mutant import Mutant

MUTANTS = (
    Mutant(
        "a claim does not ask whether the cluster is what it was",
        "plan/run/claim.py",
        '{"metadata": changes}, revision=revision)',
        '{"metadata": changes})',
    ),
    Mutant(
        "a cluster of another template is claimed",
        "plan/units.py",
        "unit.hash == wanted and not unit.deleting",
        "not unit.deleting",
    ),
    Mutant(
        "a pool deletes what a run has claimed meanwhile",
        "plan/units.py",
        'return Delete(key, self.uid, revision=str(meta["resourceVersion"]))',
        "return Delete(key, self.uid)",
    ),
    Mutant(
        "a cluster that is claimed is a leftover before its attempt is open",
        "plan/run/leftovers.py",
        "return _attempt_of(child) <= view.status.attempt",
        "return True",
    ),
    Mutant(
        "a cluster that is claimed is an earlier attempt's",
        "plan/run/leftovers.py",
        "if uid not in waiting",
        "if True",
    ),
    Mutant(
        "a claimed cluster's scheduler is told once",
        "plan/run/claim.py",
        "if not unsaid(tell, view.seen.told):",
        "if True:",
    ),
    Mutant(
        "an attempt is opened without what its pool gives",
        "plan/run/claim.py",
        "known = view.seen.pool is not None or bool(view.status.attempts)",
        "known = True",
        test="tests/unit/plan/run/test_claim.py",
    ),
    Mutant(
        "a cluster whose runner has ended goes on to wait",
        "plan/cluster/ending.py",
        "plan = _runner_ended(view) if",
        "plan = None if True or",
    ),
    Mutant(
        "a cluster that does not heal is not replaced",
        "plan/pool/view.py",
        "return at is not None and self.now >= at",
        "return False",
        "tests/unit/plan/pool/test_leaving.py",
    ),
    Mutant(
        "a cluster that was taken goes by an old view of its run",
        "plan/run/leftovers.py",
        "replace(each, unless_changed=True)",
        "each",
        "tests/unit/plan/run/test_leftovers.py",
    ),
    Mutant(
        "a claimed cluster that goes is charged to its run",
        "plan/run/attempts.py",
        "as_refused(view, replace(end, message=one_line(end.message)))",
        "replace(end, message=one_line(end.message))",
        "tests/unit/plan/run/test_lost_claim.py",
    ),
    Mutant(
        "a worker's taken name ends its run's attempt",
        "plan/run/name_conflict.py",
        "if not starts and not _is_runner(view, occupied.key):",
        "if False:",
        "tests/unit/plan/run/test_name_conflict.py",
    ),
    Mutant(
        "a pool does not make again what was claimed",
        "plan/pool/refill.py",
        "return max(0, min(wanted - len(view.fresh), AT_ONCE - len(view.starting)))",
        "return 0 if view.status.claimed else max(0, wanted - len(view.fresh))",
    ),
    Mutant(
        "a claim that nobody hears is not given up",
        "plan/run/stopping.py",
        "    not_told,\n)",
        ")",
    ),
    Mutant(
        "a claim that was not taken is charged as any failure",
        "plan/run/retries.py",
        'return end.reason is Reason.CLAIM_REFUSED and end.budget == "start"',
        "return False",
    ),
    Mutant(
        "a cluster whose pool is known later is never made",
        "controller/known/affected.py",
        "if attempt or (before is None and key.kind in (CLUSTER_POOL, FLOW_SCHEDULE)):",
        "if attempt:",
    ),
    Mutant(
        "children of a cluster are called after whoever controls it",
        "plan/cluster/view.py",
        "made = self.leased or ",
        "made = self._controller == FLOW_RUN or not self.leased and ",
    ),
)
