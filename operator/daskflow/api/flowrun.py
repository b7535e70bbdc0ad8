"""FlowRun: one run of a packaged flow on a cluster of its own."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from daskflow.api.conditions import Condition
from daskflow.api.daskcluster import FIXED_CLUSTER_FIELDS, ClusterSpec
from daskflow.api.model import FREE_FORM, Json, JsonObject, Model, PodTemplate, fixed, rule, rules
from daskflow.api.quantities import Duration
from daskflow.api.resources import Resources
from daskflow.api.shared import SHARED_FIELDS, Shared

Phase = Literal["Pending", "Starting", "Running", "Retrying", "Suspended", "Succeeded", "Failed", "Cancelled"]
TERMINAL_PHASES = frozenset({"Succeeded", "Failed", "Cancelled"})

MAX_ATTEMPTS_KEPT = 10

Command = Annotated[tuple[Annotated[str, Field(max_length=16384)], ...], Field(min_length=1, max_length=256)]


class Flow(Model):
    """What to run, and with which parameters."""

    model_config = ConfigDict(
        json_schema_extra=rules(
            rule(
                "[has(self.entrypoint), has(self.script), has(self.command)].filter(x, x).size() == 1",
                "give exactly one of entrypoint, script and command",
            )
        )
    )

    entrypoint: str | None = Field(
        None,
        description="`module:attr` or `path.py:attr`: a function, coroutine function or Dask object.",
        max_length=500,
        json_schema_extra=rules(
            rule(
                "self.matches('^[^:]+:[A-Za-z_][A-Za-z0-9_.]*$')",
                "='\"' + self + '\" is no entrypoint; write module:attr or path.py:attr, "
                "for example flows.etl:flow'",
            )
        ),
    )
    script: str | None = Field(
        None,
        description="Python text, run as `__main__`; its last `result = …` is the result.",
        min_length=1,
        max_length=65536,
    )
    command: Command | None = Field(
        None, description="Any program; it finds the scheduler in DASK_SCHEDULER_ADDRESS."
    )
    parameters: Annotated[JsonObject, Field(json_schema_extra={"x-schema": FREE_FORM})] = Field(
        default_factory=dict,
        description="Keyword arguments of the entrypoint; DASKFLOW_PARAMETERS for script and command.",
    )


class Runner(Model):
    """The pod in which the flow's own process runs."""

    resources: Resources = Field(default_factory=Resources, description="Of the runner's container.")
    template: PodTemplate = Field(
        default_factory=dict, description="A pod template merged over the shared one."
    )


class Backoff(Model):
    """How long to wait before the next attempt: initial · factor^(failures-1), at most `maximum`."""

    initial: Duration = Field("10s", description="Before the second attempt [10s].")
    factor: Annotated[int, Field(ge=1, le=100)] = Field(2, description="From one to the next [2].")
    maximum: Duration = Field("5m", description="At most [5m].")


class Never(Model):
    """Failures of the flow that no further attempt can mend."""

    exit_codes: Annotated[tuple[int, ...], Field(max_length=64)] = Field((), description="Exit codes.")
    exceptions: Annotated[tuple[Annotated[str, Field(max_length=200)], ...], Field(max_length=64)] = Field(
        (), description="Names of exception classes, subclasses included."
    )


Limit = Annotated[int, Field(ge=0, le=100)]


class Retries(Model):
    """When a failed run is tried again, on a fresh cluster. By default user code never runs twice."""

    limit: Limit = Field(0, description="Further attempts after a failure of the flow [0].")
    infrastructure_limit: Limit | None = Field(
        None,
        description="The same after lost nodes, evictions or a dead scheduler, counted apart [as limit].",
    )
    start_limit: Limit = Field(
        3,
        description="Further attempts after faults before the flow's first line [3].",
    )
    backoff: Backoff = Field(default_factory=Backoff, description="The wait between attempts.")
    never: Never = Field(default_factory=Never, description="Failures that end the run at once.")


class Deadlines(Model):
    """How long things may take; time suspended does not count."""

    start: Duration = Field("15m", description="From an attempt's beginning to the flow's first line [15m].")
    active: Duration | None = Field(None, description="For the whole run, all attempts [none].")


class PodRetention(Model):
    """How long stopped pods stay for their logs."""

    on_success: Duration = Field("0s", description="After success [0s].")
    on_failure: Duration = Field("1h", description="After failure or cancellation [1h].")


class RunnerRetention(Model):
    """How long the runner's stopped pod stays: `kubectl logs` works as long as it is there."""

    on_success: Duration = Field("1d", description="After success [1d].")
    on_failure: Duration = Field("7d", description="After failure or cancellation [7d].")


class RecordRetention(Model):
    """When the FlowRun itself goes. By default never, so that a GitOps tool does not run it again."""

    on_success: Duration | None = Field(None, description="After success [never].")
    on_failure: Duration | None = Field(None, description="After failure or cancellation [never].")


class Retention(Model):
    """What stays for how long once the run has ended."""

    pods: PodRetention = Field(default_factory=PodRetention, description="Stopped scheduler and workers.")
    runner: RunnerRetention = Field(default_factory=RunnerRetention, description="The runner's stopped pod.")
    record: RecordRetention = Field(default_factory=RecordRetention, description="The FlowRun itself.")


_FIXED = (
    *SHARED_FIELDS,
    "flow",
    "runner",
    "cancelGracePeriod",
    *(f"cluster.{name}" for name in FIXED_CLUSTER_FIELDS),
    "cluster.workers.required",
    "cluster.workers.patience",
)
"""What makes the run what it is."""

_SECONDS_IN_CEL = (
    "({}).findAll('[0-9]+[smhd]').map(part, int(part.substring(0, part.size() - 1)) * "
    "{{'s': 1, 'm': 60, 'h': 3600, 'd': 86400}}[part.substring(part.size() - 1)]).sum()"
)
"""CEL's own durations know no days."""


def _only_lower(name: str, otherwise: str) -> dict[str, Any]:
    """A rule that this deadline may be lowered, not raised or removed; `otherwise` where it is not set."""
    chosen = "has({0}.spec.deadlines) && has({0}.spec.deadlines.{1}) ? {0}.spec.deadlines.{1} : '{2}'"
    old, new = (
        _SECONDS_IN_CEL.format(chosen.format(whose, name, otherwise)) for whose in ("oldSelf", "self")
    )
    message = f"spec.deadlines.{name} may be lowered but not raised or removed once the run exists"
    return rule(f"{new} <= {old}", message)


FLOW_RUN_RULES = (
    *(fixed(path, unless_suspended=True) for path in _FIXED),
    _only_lower("start", "15m"),
    _only_lower("active", "99999d"),
)
"""Rules on the whole object about what may change."""


class FlowRunSpec(Shared):
    """One run of a flow: scheduler, workers and runner start at once, and go when it has ended."""

    flow: Flow = Field(description="What to run.")
    runner: Runner = Field(
        default_factory=Runner, description="The pod in which the flow's own process runs."
    )
    cluster: ClusterSpec = Field(default_factory=ClusterSpec, description="The cluster it runs on.")
    retries: Retries = Field(default_factory=Retries, description="When a failed run is tried again.")
    deadlines: Deadlines = Field(default_factory=Deadlines, description="How long things may take.")
    retention: Retention = Field(default_factory=Retention, description="What stays for how long.")
    suspend: bool = Field(False, description="Keep everything stopped while true [false].")
    cancel: bool = Field(
        False,
        description="End the run: SIGTERM to the flow, then the grace period. Cannot be undone [false].",
    )
    cancel_grace_period: Duration = Field("30s", description="From SIGTERM to SIGKILL [30s].")


class Failures(Model):
    """The budgets of `retries`, as used up so far."""

    flow: int = Field(0, description="Failures of the flow itself.")
    infrastructure: int = Field(0, description="Faults of the infrastructure after the flow's first line.")
    start: int = Field(0, description="Faults before the flow's first line.")


class Attempt(Model):
    """One attempt. It is open, and the only one that may own anything live, until it has an endTime."""

    number: int = Field(description="From 1.")
    cluster: str = Field(description="The name of its DaskCluster.")
    start_time: str = Field(description="When it was opened.")
    flow_start_time: str | None = Field(None, description="The flow's first line.")
    end_time: str | None = Field(None, description="When it was closed.")
    outcome: Literal["Succeeded", "Failed", "Cancelled", "Suspended"] | None = Field(
        None, description="How it ended."
    )
    reason: str | None = Field(None, description="Why, in one word.")
    message: str | None = Field(None, description="Why, in one sentence.")
    exit_code: int | None = Field(None, description="Of the flow's process.")
    budget: Literal["flow", "infrastructure", "start", "none"] | None = Field(
        None, description="Which budget of `retries` its failure counts against."
    )


class ClusterUse(Model):
    """The cluster of the present attempt."""

    name: str = Field(description="The DaskCluster.")
    address: str | None = Field(None, description="The scheduler's address.")
    workers_ready: int = Field(0, description="Registered with the scheduler.")
    workers_desired: int = Field(0, description="As many as the spec asks for.")
    workers: str = Field("", description="Ready and desired workers, for `kubectl get`.")


class Progress(Model):
    """How far the flow is, in Dask tasks."""

    done: int = Field(0, description="Tasks done.")
    total: int = Field(0, description="Tasks known to the scheduler so far.")
    summary: str = Field("", description="Done and total, for `kubectl get`.")


class Failure(Model):
    """The exception that ended the flow."""

    exception: str = Field("", description="The name of its class.")
    message: str = Field("", description="What it says.")
    traceback: str = Field("", description="The last lines, user code first.")


class FlowRunStatus(Model):
    """What has become of the run."""

    observed_generation: int = Field(-1, description="The generation of the spec that this status is about.")
    phase: Phase | None = Field(None, description="Where the run is in its life.")
    reason: str = Field("", description="Why, in one word.")
    message: str = Field("", description="Why, in one sentence a person can act on.")
    conditions: tuple[Condition, ...] = Field(
        (), description="Ready, Reconciling, Stalled, ClusterReady, Succeeded."
    )
    start_time: str | None = Field(None, description="When the first attempt was opened.")
    flow_start_time: str | None = Field(None, description="The flow's first line, of the present attempt.")
    completion_time: str | None = Field(None, description="When the run reached its terminal phase.")
    duration: str | None = Field(None, description="From startTime to completionTime.")
    attempt: int = Field(0, description="The number of the present attempt.")
    failures: Failures = Field(default_factory=Failures, description="Budgets of `retries` used up.")
    attempts: tuple[Attempt, ...] = Field((), description=f"The last {MAX_ATTEMPTS_KEPT} attempts.")
    cluster: ClusterUse | None = Field(None, description="The cluster of the present attempt.")
    progress: Progress | None = Field(None, description="How far the flow is.")
    result: Json | None = Field(
        None,
        description="What the flow returned, as JSON.",
        json_schema_extra={"x-schema": {"x-kubernetes-preserve-unknown-fields": True}},
    )
    result_note: str | None = Field(None, description="What there is to say about a result that is not here.")
    failure: Failure | None = Field(None, description="The exception that ended the flow.")
    cancel_requested: bool | None = Field(None, description="`spec.cancel` was seen; it stays so.")
    suspend_time: str | None = Field(None, description="Since when the run is suspended.")
    suspended_seconds: int | None = Field(None, description="How long it was suspended before.")


def spec_of(resource: Mapping[str, object]) -> FlowRunSpec:
    """The spec of a FlowRun; raises pydantic.ValidationError where it cannot be understood."""
    return FlowRunSpec.model_validate(resource.get("spec") or {})


def status_of(resource: Mapping[str, object]) -> FlowRunStatus:
    """The status of a FlowRun, empty where there is none yet."""
    return FlowRunStatus.model_validate(resource.get("status") or {})
