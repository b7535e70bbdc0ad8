"""What checks wait for: pure questions about what was seen.

runs       what a run, or another object, has come to
pods       what pods are there
clusters   DaskClusters, and what belongs to them
schedules  what schedules have made
pools      what pools have, and runs that claim
"""

from daskflow.cli.verification.moments.clusters import (
    another_registered,
    attempt_label,
    gone_clusters,
    kinds_are_gone,
    listed,
    new_cluster,
    registered,
    selects_its_own,
)
from daskflow.cli.verification.moments.pods import (
    labelled,
    labelled_again,
    lives,
    new_pod,
    no_living,
    no_pods,
    pod_ended,
    pod_is,
    pods,
    pods_of_all,
    ready_pods,
    stopped_pods,
)
from daskflow.cli.verification.moments.pools import claimed_ahead, waiting
from daskflow.cli.verification.moments.runs import (
    answered,
    attempt,
    both,
    either,
    ended,
    exists,
    flow_begun,
    gone,
    latched,
    no,
    phase,
    progressing,
    reason,
    said,
    told,
)
from daskflow.cli.verification.moments.schedules import no_runs, phase_of_schedule, runs_ended, runs_made

__all__ = [
    "another_registered",
    "answered",
    "attempt",
    "attempt_label",
    "both",
    "claimed_ahead",
    "either",
    "ended",
    "exists",
    "flow_begun",
    "gone",
    "gone_clusters",
    "kinds_are_gone",
    "labelled",
    "labelled_again",
    "latched",
    "listed",
    "lives",
    "new_cluster",
    "new_pod",
    "no",
    "no_living",
    "no_pods",
    "no_runs",
    "phase",
    "phase_of_schedule",
    "pod_ended",
    "pod_is",
    "pods",
    "pods_of_all",
    "progressing",
    "ready_pods",
    "reason",
    "registered",
    "runs_ended",
    "runs_made",
    "said",
    "selects_its_own",
    "stopped_pods",
    "told",
    "waiting",
]
