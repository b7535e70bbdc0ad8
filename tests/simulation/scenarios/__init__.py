"""The scenarios: what is tried, with every crash point, stale restart and dropped event.

`scenario` says what one is. `python -m tests.simulation.run --seeds` goes by their order.
"""

from tests.simulation.scenarios import alone, pools, shared
from tests.simulation.scenarios.clusters import CLUSTER_SCENARIOS
from tests.simulation.scenarios.containers import CONTAINERS
from tests.simulation.scenarios.defaults import DEFAULTS
from tests.simulation.scenarios.faults import FAULTS
from tests.simulation.scenarios.hands import HANDS
from tests.simulation.scenarios.kept import KEPT
from tests.simulation.scenarios.many import MANY
from tests.simulation.scenarios.obstacles import OBSTACLES
from tests.simulation.scenarios.quiet_hours import QUIET_HOURS
from tests.simulation.scenarios.reports import REPORTS
from tests.simulation.scenarios.runs import RUNS
from tests.simulation.scenarios.scenario import RUN, Scenario
from tests.simulation.scenarios.schedules import SCHEDULES

__all__ = ["RUN", "SCENARIOS", "Scenario"]

SCENARIOS: dict[str, Scenario] = {
    scenario.name: scenario
    for scenario in (
        *RUNS,
        *QUIET_HOURS,
        *OBSTACLES,
        *FAULTS,
        *CONTAINERS,
        *KEPT,
        *HANDS,
        MANY,
        *CLUSTER_SCENARIOS,
        *alone.SCENARIOS,
        *SCHEDULES,
        *shared.SCENARIOS,
        *DEFAULTS,
        *REPORTS,
        *pools.SCENARIOS,
    )
}
