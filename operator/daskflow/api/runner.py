"""The runner: the pod in which a flow's own process runs."""

from pydantic import Field

from daskflow.api.model import Model, PodTemplate
from daskflow.api.resources import Resources


class Runner(Model):
    """The pod in which the flow's own process runs."""

    resources: Resources = Field(default_factory=Resources, description="Of the runner's container.")
    forward_logs: bool = Field(
        default=False, description="Show what workers print and log in the runner's log, too [false]."
    )
    template: PodTemplate = Field(
        default_factory=dict, description="A pod template merged over the shared one."
    )
