"""Mutants of controller/known."""

from tests.simulation.mutants.mutant import Mutant

MUTANTS = (
    Mutant(
        "nobody hears that defaults were corrected",
        "controller/known/store.py",
        "if key.namespace == namespace and status",
        "if key.namespace != namespace and status",
    ),
    Mutant(
        "a run does not hear of the cluster it waits for",
        "controller/known/affected.py",
        "    yield from indexes.users(key)\n",
        "",
    ),
    Mutant(
        "an orphan is whatever another of the name owns, too",
        "controller/known/store.py",
        '    return all(\n        each["uid"]',
        '    return any(\n        each["uid"]',
        "tests/unit/controller/known/test_store.py",
    ),
    Mutant(
        "pods of a claimed cluster that is gone are forgotten",
        "controller/known/observe.py",
        "    return found | dict(_of_claimed(store, resource, known))\n",
        "    return found\n",
    ),
    Mutant(
        "what a pod said last is forgotten with it",
        "controller/known/store.py",
        "            self.last_pods.remember(known)\n",
        "",
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
        "    grandchildren |= _without_cluster(store, resource, uids)\n",
        "",
    ),
    Mutant(
        "a restarted operator trusts its first lists",
        "controller/known/freshness.py",
        "*(self._list(namespace, False) for namespace in self._namespaces)",
        "",
    ),
    Mutant(
        "stale views are trusted",
        "controller/known/foreign_statuses.py",
        "return key in self._unlisted",
        "return False",
    ),
    Mutant(
        "what was refused is never tried again",
        "controller/known/write_answers.py",
        "retry=each.until <= now",
        "retry=False",
    ),
    Mutant(
        "schedules do not hear of their runs",
        "controller/known/affected.py",
        'if owner["kind"] == FLOW_SCHEDULE and (above or not _got_on(before, body)):',
        'if owner["kind"] == FLOW_SCHEDULE:',
    ),
    Mutant(
        "answers are never forgotten",
        "controller/known/store.py",
        "        self.answers.forget(uid)\n",
        "",
        "tests/unit/controller/known/test_store.py",
    ),
    Mutant(
        "refusals are never tried later and later",
        "controller/known/write_answers.py",
        "2.0 ** min(times - 1, 20)",
        "1.0",
        "tests/unit/controller/known/test_write_answers.py",
    ),
    Mutant(
        "nobody asks for tombstones",
        "controller/known/deleted.py",
        "return uid in self._dead",
        "return False",
        "tests/unit/controller/known/test_store.py",
    ),
)
