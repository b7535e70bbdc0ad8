"""What of a FlowRun stays for how long once it has ended."""

from pydantic import Field

from daskflow.api.model import Model
from daskflow.api.quantities import Duration


class PodRetention(Model):
    """How long stopped pods stay for their logs."""

    on_success: Duration = Field(default="0s", description="After success [0s].")
    on_failure: Duration = Field(default="1h", description="After failure or cancellation [1h].")


class RunnerRetention(Model):
    """How long the runner's stopped pod stays: `kubectl logs` works as long as it is there."""

    on_success: Duration = Field(default="1d", description="After success [1d].")
    on_failure: Duration = Field(default="7d", description="After failure or cancellation [7d].")


class RecordRetention(Model):
    """When the FlowRun itself goes. By default never, so that a GitOps tool does not run it again."""

    on_success: Duration | None = Field(default=None, description="After success [never].")
    on_failure: Duration | None = Field(default=None, description="After failure or cancellation [never].")


class Retention(Model):
    """What stays for how long once the run has ended."""

    pods: PodRetention = Field(default_factory=PodRetention, description="Stopped scheduler and workers.")
    runner: RunnerRetention = Field(default_factory=RunnerRetention, description="The runner's stopped pod.")
    record: RecordRetention = Field(default_factory=RecordRetention, description="The FlowRun itself.")
