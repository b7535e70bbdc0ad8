"""The fixed words of the API: group, kinds, labels, container and port names."""

GROUP = "daskflow.dev"
VERSION = "v1alpha1"
API_VERSION = f"{GROUP}/{VERSION}"

FLOW_RUN = "FlowRun"
DASK_CLUSTER = "DaskCluster"

LABEL_MANAGED_BY = "app.kubernetes.io/managed-by"
MANAGED_BY = "daskflow"
"""Value of `app.kubernetes.io/managed-by` on every child of ours: what the operator's watches select on."""

LABEL_RUN = f"{GROUP}/run"
LABEL_CLUSTER = f"{GROUP}/cluster"
LABEL_COMPONENT = f"{GROUP}/component"
LABEL_GROUP = f"{GROUP}/group"
LABEL_ATTEMPT = f"{GROUP}/attempt"

SCHEDULER = "scheduler"
WORKER = "worker"
RUNNER = "runner"

PORT_SCHEDULER = 8786
PORT_CONTROL = 8788
"""The scheduler's control listener."""
PORT_READY = 8789
"""Accepts connections once a scheduler listens, a worker has registered, or a flow has begun."""
