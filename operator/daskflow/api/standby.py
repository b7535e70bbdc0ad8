"""What makes a DaskCluster wait for a run: a runner's pod that is there before anybody needs it."""

from typing import Annotated

from pydantic import Field

from daskflow.api.model import Model, rule, rules
from daskflow.api.quantities import Duration
from daskflow.api.runner import Runner

MAX_MODULES = 32

Modules = Annotated[
    tuple[
        Annotated[
            str,
            Field(
                max_length=200,
                json_schema_extra=rules(
                    rule(
                        "self.matches('^[A-Za-z_][A-Za-z0-9_]*([.][A-Za-z_][A-Za-z0-9_]*)*$')",
                        "='\"' + self + '\" is no name of a module; write it as in an import, "
                        "for example pandas or sklearn.linear_model'",
                    )
                ),
            ),
        ],
        ...,
    ],
    Field(max_length=MAX_MODULES),
]

PRELOAD = "Modules that the waiting runner has imported; their top level runs before any run exists [none]."
PREFECT = "Prefect 3's server is up while the runner waits; flows of Prefect then begin at once, too [false]."


class Standby(Model):
    """A runner that waits with the cluster. Clusters of a ClusterPool have it; it is of no use elsewhere."""

    preload: Modules = Field(default=(), description=PRELOAD)
    prefect: bool = Field(default=False, description=PREFECT)
    max_age: Duration = Field(
        default="12h", description="Ten minutes beyond it a scheduler that no run has claimed ends [12h]."
    )
    runner: Runner = Field(default_factory=Runner, description="The waiting runner's pod.")
    cancel_grace_period: Duration = Field(
        default="30s", description="From SIGTERM to SIGKILL of whatever flow it will run [30s]."
    )


class StandbyStatus(Model):
    """What the cluster's scheduler said of the runner that waits."""

    parked: bool = Field(
        default=False,
        description="It waits, with all wanted workers seen, and no run has the cluster; as it was when one "
        "claimed it.",
    )
    waited: bool = Field(default=False, description="It has waited, whatever became of it since.")
    note: str = Field(default="", description="What it could not prepare, in one sentence.")
