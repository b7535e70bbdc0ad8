"""DaskJob of dask-kubernetes: a program with a cluster of its own."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from daskflow.api.dask_kubernetes.cluster import DaskClusterSpec
from daskflow.api.dask_kubernetes.model import FreeForm, Metadata, TheirModel, read


class JobTemplate(TheirModel):
    """The runner's pod."""

    metadata: Metadata = Field(default=Metadata(), description="Labels and annotations of the pod.")
    spec: FreeForm = Field(description="The pod's spec, taken as it stands; restartPolicy [OnFailure].")


class ClusterTemplate(TheirModel):
    """The cluster of a job."""

    metadata: Metadata = Field(default=Metadata(), description="Labels and annotations of the cluster.")
    spec: DaskClusterSpec = Field(description="The cluster's spec.")


class DaskJobSpec(TheirModel):
    """A program that runs once in a pod, beside a Dask cluster of its own."""

    job: JobTemplate = Field(description="The pod that runs the program.")
    cluster: ClusterTemplate = Field(description="The cluster that it uses, which goes when it has ended.")


class DaskJobStatus(TheirModel):
    """What became of it. Published tests want the last one to have these five fields and no other."""

    job_status: str | None = Field(
        default=None, description="JobCreated, ClusterCreated, Running, Successful or Failed."
    )
    cluster_name: str | None = Field(default=None, description="The DaskCluster.")
    job_runner_pod_name: str | None = Field(default=None, description="The pod.")
    start_time: str | None = Field(default=None, description="When the pod was seen to run.")
    end_time: str | None = Field(default=None, description="When the pod was seen to have ended.")


def spec_of(resource: Mapping[str, Any]) -> DaskJobSpec:
    """Its spec; raises pydantic's ValidationError for what cannot be read."""
    return DaskJobSpec.model_validate(resource.get("spec") or {})


def status_of(resource: Mapping[str, Any]) -> DaskJobStatus:
    """Its status; one that cannot be read is as none."""
    return read(DaskJobStatus, resource.get("status"))
