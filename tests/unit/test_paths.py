"""The test of a module of calendar/, plan/ or controller/ is found by its path; the rest is listed."""

from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
PACKAGE = REPOSITORY / "operator" / "daskflow"

ELSEWHERE = {
    "controller/known/deleted.py": "unit/controller/known/test_store.py",
    "controller/known/foreign_statuses.py": "simulation/test_simulation.py",
    "controller/known/indexes.py": "unit/controller/known/test_observe.py",
    "controller/known/pruned.py": "simulation/test_simulation.py",
    "controller/known/scheduler_reports.py": "unit/controller/schedulers/test_polling.py",
    "controller/kubernetes/custom_resources.py": "unit/controller/test_main.py",
    "controller/kubernetes/kinds.py": "unit/controller/kubernetes/test_http.py",
    "controller/schedulers/reporting.py": "unit/controller/schedulers/test_scale_orders.py",
    "controller/schedulers/retiring.py": "runtime/test_retiring.py",
    "plan/dask_kubernetes/cluster/status.py": "unit/plan/dask_kubernetes/cluster/test_making.py",
    "plan/dask_kubernetes/cluster/view.py": "unit/plan/dask_kubernetes/cluster/test_making.py",
    "plan/dask_kubernetes/owner.py": "unit/plan/dask_kubernetes/worker_group/test_workers.py",
    "plan/dask_kubernetes/words.py": "unit/plan/dask_kubernetes/cluster/test_making.py",
    "plan/dask_kubernetes/worker_group/status.py": "unit/plan/dask_kubernetes/worker_group/test_workers.py",
    "plan/dask_kubernetes/worker_group/view.py": "unit/plan/dask_kubernetes/worker_group/test_workers.py",
    "plan/cause.py": "unit/plan/run/test_diagnosis.py",
    "plan/cluster/life.py": "simulation/test_clusters.py",
    "plan/cluster/mending.py": "unit/plan/test_mending.py",
    "plan/model.py": "unit/plan/run/test_life.py",
    "plan/workers/backoff.py": "unit/plan/cluster/test_workers.py",
    "plan/workers/crew.py": "unit/plan/cluster/test_groups.py",
    "plan/workers/trouble.py": "unit/plan/cluster/test_workers.py",
    "plan/pod/nodes.py": "unit/plan/run/test_unreachable.py",
    "plan/pod/pods.py": "unit/plan/run/test_task_counts.py",
    "plan/refusals.py": "unit/controller/test_writes.py",
    "plan/run/end.py": "unit/plan/run/test_attempt_end.py",
    "plan/run/mending.py": "unit/plan/test_mending.py",
    "plan/run/progress.py": "unit/plan/run/test_task_counts.py",
    "plan/run/status.py": "unit/plan/run/test_life.py",
    "plan/schedule/life.py": "unit/plan/schedule/test_state.py",
    "plan/schedule/status.py": "unit/plan/schedule/test_state.py",
}
"""Modules without one at their path, and where they are tried. A new one has its own: this only shrinks."""


def test_a_module_has_its_test_at_its_path() -> None:
    rooms = (PACKAGE / "calendar", PACKAGE / "plan", PACKAGE / "controller")
    modules = {path.relative_to(PACKAGE) for room in rooms for path in room.rglob("[!_]*.py")}
    tests = REPOSITORY / "tests" / "unit"
    without = {str(each) for each in modules if not (tests / each.parent / f"test_{each.name}").exists()}
    assert without == set(ELSEWHERE)


def test_the_tests_that_are_listed_exist() -> None:
    assert all((REPOSITORY / "tests" / test).exists() for test in ELSEWHERE.values())
