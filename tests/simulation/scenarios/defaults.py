"""Scenarios of defaults that the platform gives: each restart brings others, and nothing begun changes."""

from collections.abc import Mapping
from typing import Any

from daskflow.api.names import DASK_CLUSTER, WORKER

from tests.simulation.actions.defaults import expect_team, namespace_gives
from tests.simulation.actions.expectations import expect_message
from tests.simulation.actions.nodes import each
from tests.simulation.actions.operator import absent
from tests.simulation.actions.user import change
from tests.simulation.scenarios.ingredients import FAILED, LONG, RETRY
from tests.simulation.scenarios.scenario import Scenario


def of_team(name: str, **more: Any) -> Mapping[str, Any]:
    """Defaults that give pods this label."""
    return {"template": {"metadata": {"labels": {"team": name}}}, **more}


OTHERS = (of_team("red"), of_team("blue", cluster={"workers": {"drainTimeout": "5s"}}), {})
IN_YAML = "template: {metadata: {labels: {team: %s}}}"
BROKEN = "deadlines: {strat: 1h}"
RESTART = absent(3.0)

DEFAULTS = (
    Scenario(
        "defaults change under a run",
        ("Succeeded",),
        flows=LONG,
        defaults=OTHERS,
        actions=((18.0, RESTART), (24.0, each(WORKER, "kill")), (34.0, expect_team("red"))),
        attempts=1,
    ),
    Scenario(
        "each operator gives a run other defaults",
        ("Succeeded",),
        flows=LONG,
        defaults=OTHERS,
        actions=((24.0, each(WORKER, "kill")),),
        attempts=1,
        core=True,
    ),
    Scenario(
        "defaults change between attempts",
        ("Succeeded",),
        RETRY,
        (FAILED, {}),
        ((10.0, RESTART),),
        defaults=OTHERS,
    ),
    Scenario(
        "defaults change while a run is suspended",
        ("Succeeded",),
        flows=LONG,
        defaults=OTHERS,
        actions=((18.0, change(suspend=True)), (40.0, RESTART), (60.0, change(suspend=False))),
    ),
    Scenario(
        "defaults change under a cluster",
        ("Ready",),
        {},
        kind=DASK_CLUSTER,
        defaults=OTHERS,
        workers=2,
        actions=(
            (18.0, RESTART),
            (24.0, each(WORKER, "kill")),
            (40.0, change(suspend=True)),
            (80.0, change(suspend=False)),
            (100.0, expect_team("red")),
        ),
    ),
    Scenario(
        "each operator gives a cluster other defaults",
        ("Ready",),
        {},
        kind=DASK_CLUSTER,
        defaults=OTHERS,
        workers=2,
        actions=((24.0, each(WORKER, "kill")),),
        core=True,
    ),
    Scenario(
        "defaults of the namespace change under a run",
        ("Succeeded",),
        flows=LONG,
        defaults=OTHERS,
        namespace_defaults=True,
        actions=(
            (0.0, namespace_gives(IN_YAML % "green")),
            (15.0, namespace_gives(IN_YAML % "black")),
            (18.0, each(WORKER, "kill")),
            (24.0, namespace_gives(BROKEN)),
            (30.0, expect_team("green")),
            (100.0, namespace_gives(IN_YAML % "green")),  # for a run that begins late
        ),
        attempts=1,
    ),
    Scenario(
        "defaults that cannot be understood",
        ("Succeeded",),
        namespace_defaults=True,
        defaults=OTHERS,
        actions=(
            (0.0, namespace_gives(BROKEN)),
            (30.0, expect_message("did you mean deadlines.start?")),
            (40.0, namespace_gives(IN_YAML % "green")),
            (43.0, expect_team("green")),
        ),
        attempts=1,
        core=True,
    ),
    Scenario(
        "a cluster waits for defaults",
        ("Ready",),
        {},
        kind=DASK_CLUSTER,
        namespace_defaults=True,
        actions=(
            (0.0, namespace_gives(BROKEN)),
            (30.0, expect_message("deadlines.start")),
            (40.0, namespace_gives("")),
        ),
        workers=2,
    ),
)
