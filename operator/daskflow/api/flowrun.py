"""FlowRun: one run of a packaged flow on a cluster of its own."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field

from daskflow.api.daskcluster import FIXED_CLUSTER_FIELDS, FIXED_WORKER_FIELDS, ClusterSpec
from daskflow.api.model import FREE_FORM, JsonObject, Model, PodTemplate, fixed, fixed_items, rule, rules
from daskflow.api.numbers import kept
from daskflow.api.quantities import SECONDS_IN_CEL, Duration
from daskflow.api.quiet_hours import QuietHours
from daskflow.api.resources import LocalRef, Resources
from daskflow.api.shared import SHARED_FIELDS, Shared

Command = Annotated[tuple[Annotated[str, Field(max_length=16384)], ...], Field(min_length=1, max_length=256)]


class Files(Model):
    """Files that come with the flow instead of being in the image."""

    config_map_ref: LocalRef = Field(
        description="A ConfigMap of the namespace; its files are mounted in every pod, on the import path."
    )


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
    files: Files | None = Field(None, description="Files besides those of the image.")
    parameters: Annotated[
        JsonObject, AfterValidator(kept), Field(json_schema_extra={"x-schema": FREE_FORM})
    ] = Field(
        default_factory=dict,
        description="Keyword arguments of the entrypoint; DASKFLOW_PARAMETERS for script and command.",
    )


class Runner(Model):
    """The pod in which the flow's own process runs."""

    resources: Resources = Field(default_factory=Resources, description="Of the runner's container.")
    forward_logs: bool = Field(
        False, description="Show what workers print and log in the runner's log, too [false]."
    )
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
        (),
        description="Names of exception classes, subclasses included; also of what is in an exception group, "
        "or led to the failure.",
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
    """How long things may take; time suspended, or kept waiting by quiet hours, does not count."""

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
    "clusterRef",
    "schedulerAddress",
    "schedulerTLS",
    "cancelGracePeriod",
    *(f"cluster.{name}" for name in FIXED_CLUSTER_FIELDS),
    "cluster.workers.required",
    "cluster.workers.patience",
)
"""What makes the run what it is."""


def _only_lower(name: str, otherwise: str) -> dict[str, Any]:
    """A rule that this deadline may be lowered, not raised or removed; `otherwise` where it is not set."""
    chosen = "has({0}.spec.deadlines) && has({0}.spec.deadlines.{1}) ? {0}.spec.deadlines.{1} : '{2}'"
    old, new = (SECONDS_IN_CEL.format(chosen.format(whose, name, otherwise)) for whose in ("oldSelf", "self"))
    message = f"spec.deadlines.{name} may be lowered but not raised or removed once the run exists"
    return rule(f"{new} <= {old}", message)


FLOW_RUN_RULES = (
    *(fixed(path, unless_suspended=True) for path in _FIXED),
    *fixed_items("cluster.workerGroups", FIXED_WORKER_FIELDS, unless_suspended=True),
    _only_lower("start", "15m"),
    _only_lower("active", "99999d"),
)
"""Rules on the whole object about what may change."""


class SchedulerTls(Model):
    """Certificates for a scheduler that is not ours."""

    secret_name: str = Field(
        description="A Secret of the namespace with ca.crt, tls.crt and tls.key.",
        min_length=1,
        max_length=253,
    )


class FlowRunSpec(Shared):
    """One run of a flow: scheduler, workers and runner start at once, and go when it has ended."""

    model_config = ConfigDict(
        json_schema_extra=rules(
            rule(
                "[has(self.cluster), has(self.clusterRef), has(self.schedulerAddress)]"
                ".filter(x, x).size() <= 1",
                "give at most one of cluster, clusterRef and schedulerAddress",
            ),
            rule(
                "has(self.image) || has(self.clusterRef)",
                "spec.image is missing; only with clusterRef may it be left to the DaskCluster",
            ),
            rule(
                "!has(self.schedulerTLS) || has(self.schedulerAddress)",
                "schedulerTLS is for schedulerAddress only",
            ),
        )
    )

    image: str = Field(
        "",
        description="The image of scheduler, workers and runner. Anything with Python and `distributed` "
        "[that of clusterRef].",
        min_length=1,
        max_length=500,
    )
    flow: Flow = Field(description="What to run.")
    runner: Runner = Field(
        default_factory=Runner, description="The pod in which the flow's own process runs."
    )
    cluster: ClusterSpec = Field(default_factory=ClusterSpec, description="The cluster it runs on.")
    cluster_ref: LocalRef | None = Field(
        None, description="A DaskCluster that exists already, used and left as it is."
    )
    scheduler_address: str | None = Field(
        None,
        description="Any Dask scheduler, used and left as it is.",
        max_length=300,
        json_schema_extra=rules(
            rule(
                "self.matches('^(tcp|tls)://[^/ ]+:[0-9]+$')",
                "='\"' + self + '\" is no address of a scheduler; write tcp://host:8786 or tls://host:8786'",
            )
        ),
    )
    scheduler_tls: SchedulerTls | None = Field(
        None, alias="schedulerTLS", description="Certificates for schedulerAddress."
    )
    retries: Retries = Field(default_factory=Retries, description="When a failed run is tried again.")
    deadlines: Deadlines = Field(default_factory=Deadlines, description="How long things may take.")
    quiet_hours: QuietHours | None = Field(
        None,
        description="Times of the day at which no attempt is opened; one that is open goes on [none].",
    )
    retention: Retention = Field(default_factory=Retention, description="What stays for how long.")
    suspend: bool = Field(False, description="Keep everything stopped while true [false].")
    cancel: bool = Field(
        False,
        description="End the run: SIGTERM to the flow, then the grace period. Cannot be undone [false].",
    )
    cancel_grace_period: Duration = Field("30s", description="From SIGTERM to SIGKILL [30s].")

    @property
    def owns_cluster(self) -> bool:
        """Whether each attempt gets a DaskCluster of its own."""
        if self.cluster_ref or self.scheduler_address:
            return False
        workers = self.cluster.workers
        return bool(workers.replicas or workers.autoscale or workers.total or self.cluster.worker_groups)


def spec_of(resource: Mapping[str, object]) -> FlowRunSpec:
    """The spec of a FlowRun; raises pydantic.ValidationError where it cannot be understood."""
    return FlowRunSpec.model_validate(resource.get("spec") or {})
