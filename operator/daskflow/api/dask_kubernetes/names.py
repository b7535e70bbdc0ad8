"""The fixed words of dask-kubernetes' API: published clients rely on each of them."""

from typing import Literal

GROUP = "kubernetes.dask.org"
VERSION = "v1"
API_VERSION = f"{GROUP}/{VERSION}"

CLUSTER = f"DaskCluster.{GROUP}"
"""Their DaskCluster within the operator, where it shares its kind with ours (`api.names.kind_of`)."""
WORKER_GROUP = "DaskWorkerGroup"
JOB = "DaskJob"
AUTOSCALER = "DaskAutoscaler"

LABEL_CLUSTER = "dask.org/cluster-name"
LABEL_COMPONENT = "dask.org/component"
LABEL_GROUP = "dask.org/workergroup-name"
LABELS_ISTIO = {"sidecar.istio.io/inject": "false"}
"""On pods: a sidecar would be a second container, of which clients ask for no log."""

SCHEDULER = "scheduler"
WORKER = "worker"
WORKER_GROUP_COMPONENT = "workergroup"
JOB_RUNNER = "job-runner"
"""Values of the label of a component."""

DEFAULT_GROUP = "default"
"""The end of the name of the group that a cluster makes for itself."""

ANNOTATION_COOLDOWN = f"{GROUP}/cooldown-until"
"""On an autoscaler: until when, in seconds since 1970, it leaves the number of workers alone."""
ANNOTATIONS_KEPT_BACK = ("kopf.zalando.org", "kubectl.kubernetes.io")
"""Annotations whose names begin so are not passed on to children."""
ANNOTATION_RUNNER = "daskflow.dev/runner-uid"
"""On a job: its own uid, a slash and the uid of its runner's pod, written down before that may start."""
ANNOTATION_MESSAGE = "daskflow.dev/message"
"""On a job, whose status has no room for it: why it waits or has failed, as `Reason: sentence`."""
KOPF_FINALIZER = "kopf.zalando.org/KopfFinalizerMarker"
KOPF_PREFIX = "kopf.zalando.org/"
"""What their operator leaves on objects."""

ENV_SCHEDULER = "DASK_SCHEDULER_ADDRESS"
ENV_WORKER = "DASK_WORKER_NAME"

MAX_NAME = 53
"""Characters of a DaskCluster's name, of `a-z`, `0-9` and `-`."""

ClusterPhase = Literal["Error", "Created", "Pending", "Running"]
JobStatus = Literal["JobCreated", "ClusterCreated", "Running", "Successful", "Failed"]
JOB_ENDS: tuple[JobStatus, ...] = ("Successful", "Failed")


def scheduler_name(cluster: str) -> str:
    """The name of a cluster's scheduler, of its pod and of its Service."""
    return f"{cluster}-{SCHEDULER}"


def default_group(cluster: str) -> str:
    """The name of the worker group that a cluster makes for itself."""
    return f"{cluster}-{DEFAULT_GROUP}"


def runner_name(job: str) -> str:
    """The name of a job's runner pod."""
    return f"{job}-runner"


def scheduler_address(cluster: str, namespace: str, scheme: str = "tcp") -> str:
    """Where workers and runners find their scheduler, as published tests want to read it."""
    return f"{scheme}://{scheduler_name(cluster)}.{namespace}.svc.cluster.local:8786"
