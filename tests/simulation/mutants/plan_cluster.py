"""Mutants of plan/cluster."""

from tests.simulation.mutants.mutant import Mutant

MUTANTS = (
    Mutant(
        "defaults of today count for a cluster of yesterday",
        "plan/defaults.py",
        "    if begun or status.defaults or",
        "    if",
    ),
    Mutant(
        "a cluster is made without the defaults that were meant",
        "plan/cluster/life.py",
        "    defaults,  #",
        "    #",
    ),
    Mutant(
        "a cluster of a closed attempt gets a scheduler",
        "plan/cluster/view.py",
        """!= self.resource["metadata"]["name"]:\n            return """ + '""',
        """!= self.resource["metadata"]["name"]:\n            return self.resource["metadata"]["uid"]""",
    ),
    Mutant(
        "workers that have not registered are ready",
        "plan/cluster/view.py",
        "self._registered is not None and self._registered >= len(living)",
        "self._registered is not None",
        "tests/unit/plan/cluster/test_standby.py",
    ),
    Mutant(
        "a kubelet's word makes a cluster ready whose scheduler knows no worker",
        "plan/cluster/view.py",
        "if self._registered is None:",
        "if True:",
        "tests/unit/plan/cluster/test_standby.py",
    ),
    Mutant(
        "children stay as they were edited",
        "plan/cluster/life.py",
        " + mended(view) +",
        " +",
    ),
    Mutant(
        "the Secret is not asked for with new workers",
        "plan/cluster/making.py",
        "if view.status.scheduler is not None and plan.creates:",
        "if False:",
    ),
    Mutant(
        "a cluster's end that nobody wrote is believed",
        "plan/cluster/life.py",
        "    hand_edits,  #",
        "    #",
    ),
    Mutant(
        "a cluster without clients is taken for lost",
        "plan/cluster/ending.py",
        '"NoClientTimeout": (',
        '"NoClient": (',
    ),
    Mutant("no network policy", "plan/cluster/making.py", "if policy.enabled and", "if False and"),
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
        "plan/workers/backoff.py",
        " * doublings, LONGEST_WAIT",
        ", LONGEST_WAIT",
    ),
    Mutant("retired workers are kept", "plan/workers/backoff.py", ", *group.retired)", ",)"),
    Mutant(
        "too many workers stay", "plan/cluster/scaling.py", "GroupOrder(group.desired,", "GroupOrder(2000,"
    ),
    Mutant(
        "workers that never registered stay",
        "plan/cluster/workers.py",
        "for pod in group.unneeded)",
        "for pod in ())",
    ),
    Mutant(
        "workers go though their scheduler can be told",
        "plan/cluster/workers.py",
        "view.scaling is None or not view.scaling.lost or not group.surplus",
        "not group.surplus",
    ),
    Mutant(
        "a lost scheduler is waited for for ever",
        "plan/cluster/workers.py",
        "        if given_up_at is None:\n",
        "        if True:\n",
    ),
    Mutant(
        "retiring workers count as staying",
        "plan/workers/crew.py",
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
)
