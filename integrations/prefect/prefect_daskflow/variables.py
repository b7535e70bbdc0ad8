"""Job variables: the form of the work pool, and what deployments may set of it.

What has parts of its own (`autoscale`, `quiet_hours`, `retention` …) is written as in a FlowRun.
"""

from typing import Any, Literal

from prefect.workers.base import BaseVariables
from pydantic import Field

from prefect_daskflow.flowrun import Autoscale, EnvFrom, QuietHours, Resources, Retention, WorkerGroup

DURATION = r"^([0-9]{1,9}[smhd])+$"


class DaskflowVariables(BaseVariables):
    """What a flow run's FlowRun is made of."""

    image: str = Field(
        title="Image",
        min_length=1,
        description="The image of the flow, its scheduler and its workers: with `prefect`, `prefect-dask` "
        "and `distributed`. Required, since Prefect's own images have no Dask.",
        examples=["registry.example.com/flows:1"],
    )
    namespace: str | None = Field(
        default=None,
        title="Namespace",
        description="Where the FlowRun is made [the worker's PREFECT_DASKFLOW_NAMESPACE, else its own].",
    )
    env: dict[str, str | None] | list[dict[str, Any]] = Field(  # type: ignore[assignment]
        default_factory=dict,
        title="Environment Variables",
        description="Of all pods: a mapping, or a list as in a pod, where `valueFrom` may name Secrets.",
    )
    env_from: list[EnvFrom] | None = Field(
        default=None,
        title="Environment From",
        description="ConfigMaps and Secrets as environment of all pods, as in a pod.",
    )
    workers: int = Field(
        default=2,
        ge=0,
        le=2000,
        title="Workers",
        description="How many Dask workers. With 0 the flow runs alone, its tasks in threads beside it.",
    )
    autoscale: Autoscale | None = Field(
        default=None,
        title="Autoscale",
        description="As many workers as tasks ask for, between minimum and maximum; in place of workers.",
    )
    required_workers: int | None = Field(
        default=None,
        ge=1,
        title="Required Workers",
        description="The flow begins with so many, if no more come within 15 s [all].",
    )
    threads: int | None = Field(
        default=None, ge=1, title="Threads", description="Of each worker [its CPU request or limit; else 1]."
    )
    worker_resources: Resources | None = Field(
        default=None, title="Worker Resources", description="Requests and limits of each worker."
    )
    scheduler_resources: Resources | None = Field(
        default=None, title="Scheduler Resources", description="Requests and limits of the Dask scheduler."
    )
    runner_resources: Resources | None = Field(
        default=None, title="Runner Resources", description="Requests and limits of the flow's own pod."
    )
    worker_groups: list[WorkerGroup] | None = Field(
        default=None, title="Worker Groups", description="Further groups of workers, with a name each."
    )
    cluster: str | None = Field(
        default=None,
        title="Cluster",
        description="A DaskCluster of the namespace that exists already, in place of one for each flow run.",
    )
    dask_config: dict[str, Any] | None = Field(
        default=None, title="Dask Configuration", description="Such as `distributed: {scheduler: {…}}`."
    )
    infrastructure_retries: int = Field(
        default=0,
        ge=0,
        le=100,
        title="Infrastructure Retries",
        description="How often a flow that had begun is run again from its beginning because something was "
        "lost: a node, an evicted pod. A flow that fails is Prefect's to retry (`@flow(retries=…)`).",
    )
    start_retries: int | None = Field(
        default=None,
        ge=0,
        le=100,
        title="Start Retries",
        description="How often what was lost before the flow began is made again [3].",
    )
    start_deadline: str | None = Field(
        default=None,
        pattern=DURATION,
        title="Start Deadline",
        description="How long a flow may take to begin: image, nodes, workers [15m].",
    )
    active_deadline: str | None = Field(
        default=None,
        pattern=DURATION,
        title="Active Deadline",
        description="How long the whole flow run may take on its cluster, such as 2h [no limit].",
    )
    cancel_grace_period: str | None = Field(
        default=None,
        pattern=DURATION,
        title="Cancel Grace Period",
        description="How long a flow that is cancelled may clean up [30s].",
    )
    quiet_hours: QuietHours | None = Field(
        default=None, title="Quiet Hours", description="Times of the day at which no flow begins."
    )
    retention: Retention | None = Field(
        default=None,
        title="Retention",
        json_schema_extra={"default": {"record": {"onSuccess": "1d", "onFailure": "7d"}}},
        description="What stays in Kubernetes for how long after the end; Prefect keeps its own record.",
    )
    service_account_name: str | None = Field(
        default=None, title="Service Account Name", description="Of all pods."
    )
    image_pull_policy: Literal["IfNotPresent", "Always", "Never"] | None = Field(
        default=None, title="Image Pull Policy", description="When nodes pull the image."
    )
    image_pull_secrets: list[str] | None = Field(
        default=None, title="Image Pull Secrets", description="Names of Secrets for the image's registry."
    )
    priority_class_name: str | None = Field(
        default=None, title="Priority Class Name", description="Of all pods."
    )
    node_selector: dict[str, str] | None = Field(
        default=None, title="Node Selector", description="Labels of nodes that all pods go to."
    )
    tolerations: list[dict[str, Any]] | None = Field(
        default=None, title="Tolerations", description="Of all pods, as in a pod."
    )
    annotations: dict[str, str] | None = Field(
        default=None, title="Annotations", description="Of the FlowRun and of the runner's pod."
    )
    template: dict[str, Any] | None = Field(
        default=None,
        title="Pod Template",
        description="Merged over that of all pods: volumes, affinity, sidecars … Containers are named "
        "scheduler, worker and runner.",
    )


def manifest_template() -> dict[str, Any]:
    """The FlowRun that variables are filled into; whoever administers the pool may edit it."""
    workers = {
        "replicas": "{{ workers }}",
        "autoscale": "{{ autoscale }}",
        "required": "{{ required_workers }}",
        "threads": "{{ threads }}",
        "resources": "{{ worker_resources }}",
    }
    cluster = {
        "workers": workers,
        "scheduler": {"resources": "{{ scheduler_resources }}"},
        "workerGroups": "{{ worker_groups }}",
        "config": "{{ dask_config }}",
    }
    spec = {
        "image": "{{ image }}",
        "imagePullPolicy": "{{ image_pull_policy }}",
        "imagePullSecrets": "{{ image_pull_secrets }}",
        "envFrom": "{{ env_from }}",
        "serviceAccountName": "{{ service_account_name }}",
        "priorityClassName": "{{ priority_class_name }}",
        "template": "{{ template }}",
        "cluster": cluster,
        "clusterRef": {"name": "{{ cluster }}"},
        "runner": {"resources": "{{ runner_resources }}"},
        "retries": {
            "limit": 0,
            "infrastructureLimit": "{{ infrastructure_retries }}",
            "startLimit": "{{ start_retries }}",
        },
        "deadlines": {"start": "{{ start_deadline }}", "active": "{{ active_deadline }}"},
        "cancelGracePeriod": "{{ cancel_grace_period }}",
        "quietHours": "{{ quiet_hours }}",
        "retention": "{{ retention }}",
    }
    return {
        "apiVersion": "daskflow.dev/v1alpha1",
        "kind": "FlowRun",
        "metadata": {"namespace": "{{ namespace }}", "annotations": "{{ annotations }}"},
        "spec": spec,
    }
