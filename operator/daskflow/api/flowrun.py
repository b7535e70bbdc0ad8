"""FlowRun: one run of a packaged flow on a cluster of its own."""

from collections.abc import Mapping
from typing import Any

from pydantic import ConfigDict, Field

from daskflow.api.daskcluster import FIXED_CLUSTER_FIELDS, FIXED_WORKER_FIELDS, ClusterSpec
from daskflow.api.flow import Flow
from daskflow.api.flowrun_report import ReportSpec
from daskflow.api.model import Model, rule, rules
from daskflow.api.pool_use import PoolUse
from daskflow.api.quantities import SECONDS_IN_CEL, Duration
from daskflow.api.quiet_hours import QuietHours
from daskflow.api.remembered import Remembered
from daskflow.api.resources import LocalRef
from daskflow.api.retention import Retention
from daskflow.api.retries import Retries
from daskflow.api.runner import Runner
from daskflow.api.shared import SHARED_FIELDS, Shared
from daskflow.api.unchanging import fixed, fixed_items, unchanging


class Deadlines(Model):
    """How long things may take; time suspended, or kept waiting by quiet hours, does not count."""

    start: Duration = Field(
        default="15m", description="From an attempt's beginning to the flow's first line [15m]."
    )
    active: Duration | None = Field(default=None, description="For the whole run, all attempts [none].")


_FIXED = (
    *SHARED_FIELDS,
    "flow",
    "runner",
    "pool",
    "clusterRef",
    "schedulerAddress",
    "schedulerTLS",
    "cancelGracePeriod",
    *(f"cluster.{name}" for name in FIXED_CLUSTER_FIELDS),
    "cluster.workers.required",
    "cluster.workers.patience",
)
"""What makes the run what it is."""


_WHEN = "once the run exists, unless it is suspended; make a new FlowRun"


def _only_lower(name: str, otherwise: str) -> dict[str, str]:
    """This deadline may be lowered, not raised or removed; `otherwise` where it is not set."""
    chosen = "has({0}.spec.deadlines) && has({0}.spec.deadlines.{1}) ? {0}.spec.deadlines.{1} : '{2}'"
    old, new = (SECONDS_IN_CEL.format(chosen.format(whose, name, otherwise)) for whose in ("oldSelf", "self"))
    message = f"spec.deadlines.{name} may be lowered but not raised or removed once the run exists"
    return {message: f"{new} <= {old}"}


FLOW_RUN_RULES = (
    unchanging(
        {**_only_lower("start", "15m"), **_only_lower("active", "99999d")},
        {
            **fixed(_FIXED, _WHEN),
            **fixed_items("cluster.workerGroups", FIXED_WORKER_FIELDS, _WHEN),
        },
    ),
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
                "!has(self.pool) || !(has(self.clusterRef) || has(self.schedulerAddress))",
                "a run of a pool has a cluster of its own; give pool, or clusterRef or schedulerAddress",
            ),
            rule(
                "has(self.image) || has(self.clusterRef) || has(self.pool)",
                "spec.image is missing; only with clusterRef or pool may it be left to these",
            ),
            rule(
                "!has(self.schedulerTLS) || has(self.schedulerAddress)",
                "schedulerTLS is for schedulerAddress only",
            ),
            rule(
                "!has(self.report) || !has(self.report.to) || !has(self.schedulerAddress)",
                "report.to is kept by daskflow's own scheduler, not by that of schedulerAddress; remove one",
            ),
        )
    )

    image: str = Field(
        default="",
        description="The image of scheduler, workers and runner. Anything with Python and `distributed` "
        "[that of clusterRef or pool].",
        min_length=1,
        max_length=500,
    )
    flow: Flow = Field(description="What to run.")
    runner: Runner = Field(
        default_factory=Runner, description="The pod in which the flow's own process runs."
    )
    cluster: ClusterSpec = Field(default_factory=ClusterSpec, description="The cluster it runs on.")
    pool: PoolUse | None = Field(
        default=None,
        description="A ClusterPool: what this spec leaves out is as in its template; a cluster of it that "
        "waits is used where nothing else is asked for here [none].",
    )
    cluster_ref: LocalRef | None = Field(
        default=None, description="A DaskCluster that exists already, used and left as it is."
    )
    scheduler_address: str | None = Field(
        default=None,
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
        default=None, alias="schedulerTLS", description="Certificates for schedulerAddress."
    )
    retries: Retries = Field(default_factory=Retries, description="When a failed run is tried again.")
    deadlines: Deadlines = Field(default_factory=Deadlines, description="How long things may take.")
    quiet_hours: QuietHours | None = Field(
        default=None,
        description="Times of the day at which no attempt is opened; one that is open goes on [none].",
    )
    report: ReportSpec = Field(
        default_factory=ReportSpec, description="What is kept of where time and memory went."
    )
    retention: Retention = Field(default_factory=Retention, description="What stays for how long.")
    suspend: bool = Field(default=False, description="Keep everything stopped while true [false].")
    cancel: bool = Field(
        default=False,
        description="End the run: SIGTERM to the flow, then the grace period. Cannot be undone [false].",
    )
    cancel_grace_period: Duration = Field(default="30s", description="From SIGTERM to SIGKILL [30s].")

    @property
    def owns_cluster(self) -> bool:
        """Whether each attempt gets a DaskCluster of its own."""
        if self.cluster_ref or self.scheduler_address:
            return False
        workers = self.cluster.workers
        return bool(workers.replicas or workers.autoscale or workers.total or self.cluster.worker_groups)


_spec = Remembered(FlowRunSpec.model_validate)


def spec_of(resource: Mapping[str, Any]) -> FlowRunSpec:
    """The spec of a FlowRun; raises pydantic.ValidationError where it cannot be understood."""
    return _spec(resource.get("spec") or {})
