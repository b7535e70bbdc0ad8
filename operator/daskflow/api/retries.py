"""When a failed FlowRun is tried again, and how long after."""

from typing import Annotated, Literal

from pydantic import Field

from daskflow.api.model import Model
from daskflow.api.quantities import Duration

Budget = Literal["flow", "infrastructure", "start", "none"]
"""What a failed attempt is charged to; `none` is never tried again.

`flow` (`limit`) is a failure of the flow itself. Where something was lost, it is `infrastructure`
(`infrastructureLimit`) after the flow's first line, and `start` (`startLimit`) before it.
"""


class Backoff(Model):
    """How long to wait before the next attempt: initial · factor^(failures-1), at most `maximum`."""

    initial: Duration = Field(default="10s", description="Before the second attempt [10s].")
    factor: Annotated[int, Field(ge=1, le=100)] = Field(default=2, description="From one to the next [2].")
    maximum: Duration = Field(default="5m", description="At most [5m].")


class Never(Model):
    """Failures of the flow that no further attempt can mend."""

    exit_codes: Annotated[tuple[int, ...], Field(max_length=64)] = Field(
        default=(), description="Exit codes."
    )
    exceptions: Annotated[tuple[Annotated[str, Field(max_length=200)], ...], Field(max_length=64)] = Field(
        default=(),
        description="Names of exception classes, subclasses included; also of what is in an exception group, "
        "or led to the failure.",
    )


Limit = Annotated[int, Field(ge=0, le=100)]


class Retries(Model):
    """When a failed run is tried again, on a fresh cluster. By default user code never runs twice."""

    limit: Limit = Field(default=0, description="Further attempts after a failure of the flow [0].")
    infrastructure_limit: Limit | None = Field(
        default=None,
        description="The same after lost nodes, evictions or a dead scheduler, counted apart [as limit].",
    )
    start_limit: Limit = Field(
        default=3,
        description="Further attempts after faults before the flow's first line [3].",
    )
    backoff: Backoff = Field(default_factory=Backoff, description="The wait between attempts.")
    never: Never = Field(default_factory=Never, description="Failures that end the run at once.")
