"""Mutants of controller/kubernetes."""

from tests.simulation.mutants.mutant import Mutant

MUTANTS = (
    Mutant(
        "a write does not look at the lease",
        "controller/kubernetes/fenced.py",
        "if not self._allowed():",
        "if False:",
        "tests/unit/controller/kubernetes/test_fenced.py",
    ),
    Mutant(
        "what is only told waits for nobody",
        "controller/kubernetes/events.py",
        "await self._at_leisure(due)",
        "await asyncio.sleep(0)",
        "tests/unit/controller/kubernetes/test_events.py",
    ),
    Mutant(
        "warnings wait as well",
        "controller/kubernetes/events.py",
        "if ordinary else 0.0",
        "if True else 0.0",
        "tests/unit/controller/kubernetes/test_events.py",
    ),
    Mutant(
        "a collision is taken for an object that is there",
        "controller/kubernetes/verbs.py",
        'self.status == 409 and self.reason == "AlreadyExists"',
        "self.status == 409",
    ),
    Mutant(
        "a child without its label is taken for gone",
        "controller/kubernetes/watch.py",
        'if KINDS[key.kind].seen == "child" and',
        "if False and",
    ),
    Mutant(
        "no second list", "controller/kubernetes/watch.py", "RELIST_SECONDS = 300.0", "RELIST_SECONDS = 3e9"
    ),
    Mutant(
        "what a list lacks stays known",
        "controller/kubernetes/watch.py",
        "for body in cache.missing(kind, namespace, listed, int(version)):",
        "for body in ():",
    ),
    Mutant(
        "no pause after 410",
        "controller/kubernetes/watch.py",
        "                await asyncio.sleep(wait)\n",
        "                await asyncio.sleep(0 if error.status == GONE else wait)\n",
        "tests/unit/controller/kubernetes/test_watch.py",
    ),
)
