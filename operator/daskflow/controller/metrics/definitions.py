"""Every metric of the operator, by Prometheus' conventions. docs/metrics.md is made from this table."""

from dataclasses import dataclass
from typing import Literal

FAST = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0)
"""Seconds of what a machine does."""
STEPS = (0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0)
"""Seconds of what pods, nodes and images take."""

Type = Literal["counter", "gauge", "histogram"]


@dataclass(frozen=True)
class Definition:
    """`name` is as Prometheus has it, a counter's with `_total`. `values` says what each label can be."""

    name: str
    type: Type
    help: str
    labels: tuple[tuple[str, str], ...] = ()
    buckets: tuple[float, ...] = ()

    @property
    def label_names(self) -> tuple[str, ...]:
        """In their order."""
        return tuple(name for name, _ in self.labels)


_KIND = ("kind", "FlowRun, DaskCluster, FlowSchedule or ClusterPool")
_ANY_KIND = ("kind", "a kind that the operator reads or writes")
_VERB = ("verb", "GET, LIST, WATCH, POST, PUT, PATCH or DELETE")
_NAMESPACE = ("run_namespace", "of the FlowRun; `namespace` is the operator's, where Prometheus adds it")
_PHASE = ("phase", "a phase of the kind; None before the first status")
_REASON = (
    "reason",
    "of [the table of reasons](reasons.md); Other for what is not in it; empty while all is well",
)

DEFINITIONS: tuple[Definition, ...] = (
    # Runs
    Definition("daskflow_runs", "gauge", "FlowRuns that are known.", (_PHASE, _REASON)),
    Definition(
        "daskflow_runs_ended_total",
        "counter",
        "FlowRuns that reached a terminal phase.",
        (("phase", "Succeeded, Failed or Cancelled"), _REASON),
    ),
    Definition(
        "daskflow_run_attempts_total",
        "counter",
        "Attempts that were closed.",
        (("outcome", "Succeeded, Failed, Cancelled or Suspended"), _REASON),
    ),
    Definition(
        "daskflow_run_pods_created_seconds",
        "histogram",
        "From when a FlowRun was first seen until the last pod of its first attempt was made: its runner. Not"
        " of runs that had to wait for quiet hours, a resumption or a cluster to use.",
        buckets=STEPS,
    ),
    Definition(
        "daskflow_run_first_line_seconds",
        "histogram",
        "From when a FlowRun was first seen until its flow's first line was known; of the same runs.",
        buckets=STEPS,
    ),
    Definition(
        "daskflow_run_end_known_seconds",
        "histogram",
        "From when the runner's container ended, by its node's clock in whole seconds, until status says that"
        " the run has ended.",
        buckets=STEPS,
    ),
    Definition(
        "daskflow_run_pods_gone_seconds",
        "histogram",
        "From when a run's scheduler was told to go until it and the last worker were gone."
        " What `retention.pods` keeps is not waited for.",
        buckets=STEPS,
    ),
    Definition(
        "daskflow_run_thread_seconds_total",
        "counter",
        "Of attempts that were closed with a report: threads of workers times the seconds they were"
        " registered, and what of it was spent in tasks.",
        (_NAMESPACE, ("state", "paid or busy")),
    ),
    Definition(
        "daskflow_run_spilled_bytes_total",
        "counter",
        "What workers of such attempts wrote to disk for want of memory.",
        (_NAMESPACE,),
    ),
    # Clusters and schedules
    Definition("daskflow_clusters", "gauge", "DaskClusters that are known.", (_PHASE,)),
    Definition(
        "daskflow_cluster_workers",
        "gauge",
        "Workers of all DaskClusters together.",
        (("state", "desired or ready"),),
    ),
    Definition(
        "daskflow_scaling_decisions_total",
        "counter",
        "Changes of the number of workers that a DaskCluster asks for, by spec or demand.",
        (("direction", "up or down"),),
    ),
    Definition(
        "daskflow_schedule_lateness_seconds",
        "histogram",
        "From a schedule's tick until its FlowRun was there, by the operator's clock.",
        buckets=(0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 3600.0),
    ),
    # Pools
    Definition(
        "daskflow_pool_units",
        "gauge",
        "Clusters of ClusterPools that no run has.",
        (("state", "waiting or starting"),),
    ),
    Definition(
        "daskflow_pool_idle_pod_seconds_total",
        "counter",
        "How long pods of such clusters were there, all together; counted from scrape to scrape.",
    ),
    Definition(
        "daskflow_claims_total",
        "counter",
        "Attempts of runs that name a ClusterPool, by what came of it.",
        (("result", "Claimed, PoolEmpty, DoesNotFit, PoolMissing or ClaimRefused"),),
    ),
    Definition(
        "daskflow_start_seconds",
        "histogram",
        "From when a FlowRun was first seen until its flow's first line was known, by whether its cluster had"
        " waited for it.",
        (("source", "warm or cold"),),
        buckets=STEPS,
    ),
    # Work
    Definition("daskflow_queue_depth", "gauge", "Objects waiting to be reconciled."),
    Definition(
        "daskflow_queue_oldest_seconds", "gauge", "How long the one has waited that has waited longest."
    ),
    Definition(
        "daskflow_reconciles_total",
        "counter",
        "Reconciles of one object.",
        (_KIND, ("result", "ok, error, unsettled (it wants to go on after twelve plans) or bug")),
    ),
    Definition(
        "daskflow_reconcile_seconds",
        "histogram",
        "How long a reconcile took, API calls included.",
        (_KIND,),
        FAST,
    ),
    Definition(
        "daskflow_reconcile_errors_total",
        "counter",
        "Reconciles that are to be tried again.",
        (
            _KIND,
            ("error", "timeout, conflict, throttled, server, denied, refused, unsettled or bug"),
        ),
    ),
    Definition("daskflow_objects", "gauge", "Objects known.", (_ANY_KIND,)),
    # The API server
    Definition(
        "daskflow_api_requests_total",
        "counter",
        "Calls to the API server.",
        (_VERB, _ANY_KIND, ("code", "of HTTP; 0: no answer came")),
    ),
    Definition(
        "daskflow_api_request_seconds",
        "histogram",
        "How long they took; of WATCH, until the first byte.",
        (_VERB,),
        FAST,
    ),
    Definition(
        "daskflow_api_objects_total",
        "counter",
        "Objects in answers to lists, and events of watches.",
        (("verb", "LIST or WATCH"), _ANY_KIND),
    ),
    Definition(
        "daskflow_api_denied_total",
        "counter",
        "Calls for which the operator has no right, or that it made unknown (401).",
        (_VERB, _ANY_KIND),
    ),
    Definition(
        "daskflow_watch_restarts_total",
        "counter",
        "Watches that were opened again: after their server hung up or an error (ended), after a silence"
        " (quiet); and lists that were made anew since what came after the last one is forgotten (gone), or"
        " since something failed (failed).",
        (_ANY_KIND, ("why", "ended, quiet, gone or failed")),
    ),
    Definition(
        "daskflow_definition_outdated",
        "gauge",
        "1 if the CustomResourceDefinition is older than the operator.",
        (_KIND,),
    ),
    Definition(
        "daskflow_clock_ahead_seconds",
        "gauge",
        "This machine's clock against the API server's; beyond 60 either way the earlier one counts.",
    ),
    # Who leads
    Definition("daskflow_leader", "gauge", "1 if this operator leads, 0 if it stands by."),
    Definition(
        "daskflow_takeover_seconds",
        "histogram",
        "From the last sign of the leader before until this operator worked: nobody did anything meanwhile.",
        buckets=(0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 15.0, 17.5, 20.0, 30.0, 60.0),
    ),
    Definition(
        "daskflow_fenced_writes_total",
        "counter",
        "Writes that were not sent, since the lease was not held any more.",
        (("verb", "POST, PUT, PATCH or DELETE"),),
    ),
    # Schedulers
    Definition(
        "daskflow_progress_polls_total",
        "counter",
        "Questions to the schedulers of running flows.",
        (("result", "news, nothing (no change) or error"),),
    ),
    Definition("daskflow_progress_followed", "gauge", "Schedulers that are polled."),
    Definition(
        "daskflow_build_info",
        "gauge",
        "1, with what this operator is.",
        (("version", "the operator's"), ("python", "the interpreter's")),
    ),
)
BY_NAME = {each.name: each for each in DEFINITIONS}
