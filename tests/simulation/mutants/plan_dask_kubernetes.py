"""Mutants of plan/dask_kubernetes."""

from tests.simulation.mutants.mutant import Mutant

_JOBS = "tests/simulation/test_jobs.py"
_AUTOSCALER = "tests/unit/plan/dask_kubernetes/autoscaler/test_life.py"

CLUSTERS = "tests/simulation/test_dask_kubernetes.py"
GROUPS = "tests/unit/plan/dask_kubernetes/worker_group/test_workers.py"
MUTANTS = (
    Mutant(
        "a runner may start at once",
        "plan/dask_kubernetes/job/making.py",
        "creates.append(_gated(runner))",
        "creates.append(runner)",
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
        "workers that are not wanted go at once",
        "plan/dask_kubernetes/autoscaler/steps.py",
        "replicas - max(1, replicas // SHARE)), pause)",
        "0), pause)",
        _AUTOSCALER,
    ),
    Mutant(
        "a moment without work costs workers",
        "plan/dask_kubernetes/autoscaler/steps.py",
        "if wanted == replicas or at < cooldown <= pause:",
        "if wanted == replicas:",
        _AUTOSCALER,
    ),
    Mutant(
        "two autoscalers of one cluster both set its number",
        "plan/dask_kubernetes/autoscaler/view.py",
        "return first if _age(first) < _age(self.resource) else None",
        "return None",
        _AUTOSCALER,
    ),
    Mutant(
        "a number of another scheduler is followed",
        "plan/dask_kubernetes/autoscaler/life.py",
        "answer.scheduler != pod.uid or ",
        "",
        _AUTOSCALER,
    ),
    Mutant(
        "a status that goes back is believed",
        "plan/hand_edits.py",
        'return before.get("jobStatus") not in JOB_ENDS or now == before',
        "return True",
        "tests/unit/plan/test_hand_edits.py",
    ),
    Mutant(
        "the number of a cluster is copied at each look",
        "plan/dask_kubernetes/cluster/scaling.py",
        "    if last == wanted:\n",
        "    if False:\n",
        CLUSTERS,
    ),
    Mutant(
        "the number of a cluster is never copied",
        "plan/dask_kubernetes/cluster/scaling.py",
        "    if last is not None:\n",
        "    if False:\n",
        CLUSTERS,
    ),
    Mutant(
        "workers go though their scheduler was not asked",
        "plan/dask_kubernetes/worker_group/workers.py",
        "        if view.now < at:\n",
        "        if False:\n",
        GROUPS,
    ),
    Mutant(
        "workers that have retired stay",
        "plan/dask_kubernetes/worker_group/workers.py",
        "for pod in group.present if pod.name in group.retiring)",
        "for pod in ())",
        CLUSTERS,
    ),
    Mutant(
        "one that begins to run is deleted for not running",
        "plan/dask_kubernetes/worker_group/workers.py",
        "replace(pod.deletion(), revision=_version(pod))",
        "pod.deletion()",
        CLUSTERS,
    ),
    Mutant(
        "a scheduler that has ended is kept",
        "plan/dask_kubernetes/cluster/making.py",
        "    if pod is None or not pod.ended or pod.deleting:\n",
        "    if True:\n",
        CLUSTERS,
    ),
    Mutant(
        "groups of clients are nobody's",
        "plan/dask_kubernetes/owner.py",
        "    if cluster is None or deleting(cluster) or deleting(resource):\n",
        "    if True:\n",
        CLUSTERS,
    ),
    Mutant(
        "Dask's clock is all that an idle cluster is judged by",
        "plan/dask_kubernetes/cluster/idle.py",
        " or answer.holds:",
        ":",
        "tests/unit/plan/dask_kubernetes/cluster/test_idle.py",
    ),
)
