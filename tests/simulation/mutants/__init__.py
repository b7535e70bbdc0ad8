"""Does the simulation notice? Small ways to break the package, one module for each room of it.

`plan_run` has those of operator/daskflow/plan/run, `controller_known` those of controller/known, and so on; a
room's mutant goes where its file is. `python -m tests.simulation.mutants` prints which case catches each;
`--only NAME` tries one.
"""

from tests.simulation.mutants import (
    controller,
    controller_known,
    controller_kubernetes,
    controller_schedulers,
    plan,
    plan_cluster,
    plan_dask_kubernetes,
    plan_pool,
    plan_run,
    plan_schedule,
)
from tests.simulation.mutants.mutant import Mutant

__all__ = ["MUTANTS", "Mutant"]

MUTANTS = (
    *plan_run.MUTANTS,
    *plan_cluster.MUTANTS,
    *plan_schedule.MUTANTS,
    *plan_pool.MUTANTS,
    *plan_dask_kubernetes.MUTANTS,
    *plan.MUTANTS,
    *controller.MUTANTS,
    *controller_known.MUTANTS,
    *controller_kubernetes.MUTANTS,
    *controller_schedulers.MUTANTS,
)
