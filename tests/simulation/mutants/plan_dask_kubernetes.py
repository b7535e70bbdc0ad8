"""Mutants of plan/dask_kubernetes."""

from tests.simulation.mutants.mutant import Mutant

_JOBS = "tests/simulation/test_jobs.py"

MUTANTS = (
    Mutant(
        "a runner may start before it is written down",
        "plan/dask_kubernetes/job/making.py",
        "if runner is None or not runner.gated or view.runner_uid != runner.uid:",
        "if runner is None or not runner.gated:",
        "tests/unit/plan/dask_kubernetes/job/test_making.py",
    ),
    Mutant(
        "a runner that is gone is made again",
        "plan/dask_kubernetes/job/view.py",
        "if self.runner_uid or self.word in BEGUN:",
        "if False:",
        _JOBS,
    ),
    Mutant(
        "any pod of the runner's name is the runner",
        "plan/dask_kubernetes/job/view.py",
        'if pod.name == name and self.runner_uid in ("", pod.uid))',
        "if pod.name == name)",
        "tests/unit/plan/dask_kubernetes/job/test_ending.py",
    ),
    Mutant(
        "a pod that was running when it went tells how the program ended",
        "plan/dask_kubernetes/job/view.py",
        "return last if last and last.ended and",
        "return last if last and",
        _JOBS,
    ),
    Mutant(
        "a job ends before its cluster is told to go",
        "plan/dask_kubernetes/job/ending.py",
        "    if first.deletes:\n        return first\n",
        "",
        _JOBS,
    ),
    Mutant(
        "what is left of an ended job stays",
        "plan/dask_kubernetes/job/ending.py",
        "return _without_cluster(view) + (Plan() if view.runner is None else end(view.runner, view.now))",
        "return Plan()",
        "tests/unit/plan/dask_kubernetes/job/test_ending.py",
    ),
    Mutant(
        "a runner without a cluster may go on for ever",
        "plan/dask_kubernetes/job/ending.py",
        '{"spec": {"activeDeadlineSeconds": seconds}}',
        '{"spec": {}}',
        _JOBS,
    ),
    Mutant(
        "an evicted runner is waited for",
        "plan/dask_kubernetes/job/ending.py",
        'if runner.phase == "Failed":',
        'if runner.phase == "Failed" and not runner.disrupted:',
        _JOBS,
    ),
    Mutant(
        "nobody looks for a runner whose node is silent",
        "plan/dask_kubernetes/job/ending.py",
        "if late((runner,), view.now):",
        "if False:",
        "tests/unit/plan/dask_kubernetes/job/test_ending.py",
    ),
    Mutant(
        "a status that goes back is believed",
        "plan/hand_edits.py",
        'return before.get("jobStatus") not in JOB_ENDS or now == before',
        "return True",
        "tests/unit/plan/test_hand_edits.py",
    ),
)
