"""Mutants of the modules of plan/ that several lives share, and of plan/pod."""

from tests.simulation.mutants.mutant import Mutant

MUTANTS = (
    Mutant(
        "what another of the name has left stays",
        "plan/namesakes.py",
        "    return Plan(deletes=wanted)",
        "    return Plan()",
    ),
    Mutant(
        "a lease that somebody else renews is taken",
        "plan/lease.py",
        "since=before.since if same and before is not None else now,",
        "since=before.since if before is not None else now,",
        "tests/unit/plan/test_lease.py",
    ),
    Mutant(
        "a pod that does not heed its deadline is waited for",
        "plan/pod/termination.py",
        "if now < due:",
        "if True:",
    ),
    Mutant(
        "a pod is what its label says",
        "plan/pod/pod.py",
        'last = self.name.rpartition("-")[2]',
        'last = ""',
    ),
    Mutant(
        "a phase is believed without its conditions",
        "plan/hand_edits.py",
        "if phases[0] != phases[1] and not",
        "if False and not",
    ),
    Mutant(
        "a Secret that pods wait for is not made again",
        "plan/pod/mounted_secret.py",
        "else Plan(creates=(secret(),))",
        "else Plan(requeue_at=now + LONG)",
    ),
    Mutant(
        "a Secret that pods wait for is asked for at each look",
        "plan/pod/mounted_secret.py",
        "refused or key in seen.created",
        "refused",
    ),
    Mutant("what cannot be set up is awaited", "plan/pod/termination.py", " or pod.unset:", ":"),
    Mutant("any last words are taken", "plan/pod/last_words.py", "shape.model_validate(report)", "pass"),
    Mutant(
        "a report that is wrong takes the outcome with it",
        "plan/pod/last_words.py",
        'report.pop("report", None)',
        'report.get("report")',
        "tests/unit/plan/run/test_run_report.py",
    ),
    Mutant(
        "a report is believed as it comes",
        "api/flowrun_report.py",
        "        given = {name: value for name, value in given.items() if name not in wrong}\n",
        "",
        "tests/unit/api/test_flowrun_report.py",
    ),
)
