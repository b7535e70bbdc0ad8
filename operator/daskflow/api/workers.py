"""Groups of workers: how many, how large, and what they offer."""

import math
from collections.abc import Mapping
from typing import Annotated

from pydantic import ConfigDict, Field, model_validator
from typing_extensions import Self

from daskflow.api.model import Model, PodTemplate, rule, rules
from daskflow.api.quantities import Duration, Size, quantity, whole
from daskflow.api.resources import Resources

DEFAULT_GROUP = "default"
MAX_WORKERS = 2000
"""Above this one Dask scheduler, not Kubernetes, is the bottleneck."""

MAX_GROUPS = 16

Args = Annotated[tuple[Annotated[str, Field(max_length=4096)], ...], Field(max_length=64)]


Count = Annotated[int, Field(ge=0, le=MAX_WORKERS)]


class Autoscale(Model):
    """As many workers as the scheduler's tasks ask for, between two bounds."""

    model_config = ConfigDict(
        json_schema_extra=rules(
            rule(
                "!has(self.minimum) || self.minimum <= self.maximum",
                "minimum is above maximum; lower it or raise maximum",
            )
        )
    )

    minimum: Count = Field(default=0, description="At least so many [0].")
    maximum: Annotated[int, Field(ge=1, le=MAX_WORKERS)] = Field(description="At most so many.")
    scale_down_delay: Duration = Field(
        default="1m", description="How long fewer must have been enough before workers go [1m]."
    )
    target_duration: Duration = Field(
        default="5s",
        description="In what time the waiting work is to be done: less asks for more workers [5s].",
    )


class Total(Model):
    """The size of a group in cores and memory instead of workers."""

    model_config = ConfigDict(
        json_schema_extra=rules(
            rule("has(self.cores) || has(self.memory)", "give cores, memory or both in total")
        )
    )

    cores: Annotated[int, Field(ge=1, le=1024 * MAX_WORKERS)] | None = Field(
        default=None, description="Threads of all workers together."
    )
    memory: Size | None = Field(default=None, description="Memory limits of all workers together.")


class Scratch(Model):
    """The writable volume of a worker: what does not fit into memory is spilled there."""

    size_limit: Size | None = Field(default=None, description="Of the emptyDir [none].")


class Workers(Model):
    """The workers of one group, all alike."""

    model_config = ConfigDict(
        json_schema_extra=rules(
            rule(
                "!has(self.total) || !has(self.total.memory) || (has(self.resources) && "
                "(has(self.resources.limits) && 'memory' in self.resources.limits || "
                "has(self.resources.requests) && 'memory' in self.resources.requests))",
                "total.memory needs the memory of one worker; set resources.limits.memory",
            )
        )
    )

    replicas: Count = Field(
        default=2,
        description="How many [2]. With 0 the flow of a FlowRun runs alone in its pod, without a cluster.",
    )
    autoscale: Autoscale | None = Field(default=None, description="Between two bounds; overrides replicas.")
    total: Total | None = Field(
        default=None, description="As many workers as this takes; overrides replicas."
    )
    required: Annotated[int, Field(ge=1, le=MAX_WORKERS)] | None = Field(
        default=None,
        description="A flow begins when all workers are there, or this many of them after `patience` [all].",
    )
    patience: Duration = Field(
        default="15s", description="How long a flow waits for more than `required` [15s]."
    )
    threads: Annotated[int, Field(ge=1, le=1024)] | None = Field(
        default=None, description="Threads of a worker [its CPU request or limit, rounded up; else 1]."
    )
    resources: Resources = Field(default_factory=Resources, description="Of each worker's container.")
    scratch: Scratch = Field(default_factory=Scratch, description="The volume that workers spill to.")
    dask_resources: Annotated[
        Mapping[str, Annotated[float, Field(ge=0)]],
        Field(json_schema_extra={"maxProperties": 16}),
    ] = Field(
        default_factory=dict, description="What each worker offers to `client.submit(…, resources={…})`."
    )
    nanny: bool = Field(
        default=False,
        description="Run each worker under Dask's nanny: `client.restart()` and nanny plugins work [false].",
    )
    drain_timeout: Duration = Field(
        default="1m", description="How long a worker that is to go may finish what it is running [1m]."
    )
    args: Args = Field(default=(), description="Passed through to `dask worker`.")
    template: PodTemplate = Field(
        default_factory=dict, description="A pod template merged over the shared one."
    )

    @model_validator(mode="after")
    def _total_can_be_counted(self) -> Self:
        """The API server refuses the first of these; how many workers a total takes only we can tell."""
        if self.total is not None:
            if self.total.memory is not None and not self.memory:
                raise ValueError("total.memory needs the memory of one worker; set resources.limits.memory")
            if self.count > MAX_WORKERS:
                raise ValueError(
                    f"total takes {self.count} workers, and at most {MAX_WORKERS} are allowed; "
                    "give a worker more threads or memory, or lower total"
                )
        return self

    @property
    def memory(self) -> int:
        """Bytes that one worker may count on; 0 if that is not known."""
        memory = self.resources.of("memory")
        return whole(memory) if memory is not None else 0

    @property
    def count(self) -> int:
        """How many workers `total` or `replicas` come to; what `autoscale` makes of them is not in here."""
        if self.total is None:
            return self.replicas
        cores = math.ceil((self.total.cores or 0) / self.thread_count)
        memory = 0 if self.total.memory is None else math.ceil(quantity(self.total.memory) / self.memory)
        return max(cores, memory)

    @property
    def least(self) -> int:
        """How many workers there are at any rate: those of `autoscale.minimum`, else `count`."""
        return self.count if self.autoscale is None else self.autoscale.minimum

    @property
    def thread_count(self) -> int:
        """Threads of one worker: as given, else what its CPU request (or limit) is good for."""
        if self.threads:
            return self.threads
        cpu = (self.resources.requests or {}).get("cpu", (self.resources.limits or {}).get("cpu"))
        return max(1, math.ceil(quantity(cpu))) if cpu is not None else 1


class WorkerGroup(Workers):
    """A named group of workers besides the default one."""

    name: Annotated[str, Field(min_length=1, max_length=20)] = Field(
        description="Its name.",
        json_schema_extra=rules(
            rule(
                "self.matches('^[a-z]([a-z0-9-]*[a-z0-9])?$') && self != 'default'",
                "='\"' + self + '\" is no name for a worker group; use lower-case letters, digits and "
                "dashes, beginning with a letter, and not default, which is spec.workers'",
            )
        ),
    )
