"""The DaskCluster of one attempt, and the Service and Secret of a DaskCluster."""

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import yaml

from daskflow.api.daskcluster import DaskClusterSpec
from daskflow.api.flowrun import FlowRunSpec
from daskflow.api.model import Model
from daskflow.api.names import (
    API_VERSION,
    DASK_CLUSTER,
    LABEL_ATTEMPT,
    LABEL_CLUSTER,
    LABEL_COMPONENT,
    LABEL_RUN,
    PORT_CONTROL,
    PORT_SCHEDULER,
    SCHEDULER,
)
from daskflow.api.quantities import seconds
from daskflow.api.shared import Shared
from daskflow.manifests.certificates import certificate_files, control_token
from daskflow.manifests.common_pod import MOUNT, OWN_PREFIX, service_labels
from daskflow.manifests.files import FILES_VARIABLE, handed_down
from daskflow.manifests.merge import merged
from daskflow.manifests.naming import cluster_name
from daskflow.manifests.objects import Object, child_metadata
from daskflow.manifests.settings import Settings

ENTRYPOINT_VARIABLE = "DASKFLOW_ENTRYPOINT"
FIRST_LEASE_VARIABLE = "DASKFLOW_LEASE_FIRST_SECONDS"
"""How long a run's pods wait for each other."""
_BEYOND_DEADLINE = 60
"""Seconds by which they wait longer than the start deadline: it is the operator's to end the attempt."""
CONTROL_PREFIX = "control-"
"""Of the names of the control listener's certificates, where Dask's are others."""
_NUMBERS = ("replicas", "autoscale", "total", "required", "patience")
"""What says how many workers there are, and how many are waited for."""
_SHARED_FIELDS = frozenset(Shared.model_fields)


def dask_cluster(run: Object, spec: FlowRunSpec, attempt: int, written: str | None = None) -> dict[str, Any]:
    """The DaskCluster of an attempt: the run's shared fields and its `spec.cluster`.

    `written` is its name as the attempt's record has it; it is reckoned where none is given.
    """
    name = run["metadata"]["name"]
    return {
        "apiVersion": API_VERSION,
        "kind": DASK_CLUSTER,
        "metadata": child_metadata(
            run,
            written or cluster_name(name, run["metadata"]["uid"], attempt),
            {LABEL_RUN: name, LABEL_ATTEMPT: str(attempt)},
        ),
        "spec": {**cluster_basis(spec), **spec.cluster.written()},
    }


def flows_own_cluster(spec: FlowRunSpec, own: FlowRunSpec) -> dict[str, Any]:
    """What a cluster that the flow makes starts from; how many workers it has is for the flow to say.

    It is of the run's `own` spec: the cluster gets the platform's defaults itself, and the policy of the
    flow's role (flow-role.yaml) compares it with what the user wrote.
    """
    cluster = own.cluster.written()
    workers = {name: value for name, value in cluster.get("workers", {}).items() if name not in _NUMBERS}
    return {**cluster_basis(spec, own), **cluster, "workers": workers}


def cluster_basis(spec: FlowRunSpec, own: FlowRunSpec | None = None) -> dict[str, Any]:
    """What every cluster of a run starts from: the shared fields, of the `own` spec [the whole]."""
    written = _written(own or spec, _SHARED_FIELDS)
    told = {FIRST_LEASE_VARIABLE: str(first_lease_seconds(spec))}
    if spec.flow.entrypoint:
        # Workers put the entrypoint's folder on their import path, too.
        told[ENTRYPOINT_VARIABLE] = spec.flow.entrypoint
    if spec.flow.files:
        told[FILES_VARIABLE] = handed_down(spec.flow.files.all_sources)
    theirs = [each for each in written.get("env", []) if not each["name"].startswith(OWN_PREFIX)]
    written["env"] = [*theirs, *({"name": name, "value": value} for name, value in told.items())]
    return written


def first_lease_seconds(spec: FlowRunSpec) -> int:
    """How long the pods of an attempt wait for each other before they give up by themselves."""
    return seconds(spec.deadlines.start) + _BEYOND_DEADLINE


def _written(spec: Model, fields: frozenset[str]) -> dict[str, Any]:
    return spec.model_dump(
        by_alias=True, exclude_unset=True, exclude_none=True, mode="json", include=set(fields)
    )


def service(cluster: Object, base: str, *, tls: bool) -> dict[str, Any]:
    """The Service in front of the scheduler.

    It routes as soon as the pod has an address: whoever connects too early is refused and tries again.
    """
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": child_metadata(cluster, base, service_labels(base)),
        "spec": {
            "selector": {LABEL_CLUSTER: base, LABEL_COMPONENT: SCHEDULER},
            "publishNotReadyAddresses": True,
            "ports": [
                # Meshes tell protocols by it, and guess without.
                {"name": name, "port": port, "targetPort": port, "appProtocol": "tls" if tls else "tcp"}
                for name, port in (("scheduler", PORT_SCHEDULER), ("control", PORT_CONTROL))
            ],
        },
    }


def secret(
    cluster: Object, spec: DaskClusterSpec, base: str, name: str, settings: Settings
) -> dict[str, Any]:
    """All that the cluster's pods need: runtime, Dask configuration, control token, certificates.

    Where the user brings certificates, which the operator cannot read, Dask's connections are theirs and the
    control listener keeps to those that the operator has, too.
    """
    uid = cluster["metadata"]["uid"]
    files: dict[str, str] = {
        "dask.yaml": yaml.safe_dump(dask_configuration(spec)),
        "token": control_token(settings.root_key, uid),
    }
    if spec.security.tls.encrypted:
        created = datetime.fromisoformat(cluster["metadata"]["creationTimestamp"])
        prefix = CONTROL_PREFIX if spec.security.tls.mode == "Secret" else ""
        own = certificate_files(settings.root_key, uid, created)
        files |= {prefix + name: text for name, text in own.items()}
    return with_runtime(cluster, base, name, files, settings)


def with_runtime(
    owner: Object, base: str, name: str, files: Mapping[str, str], settings: Settings
) -> dict[str, Any]:
    """The Secret that pods mount: these files, and the runtime that the pods run."""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": child_metadata(owner, name, service_labels(base)),
        "immutable": True,
        "type": "Opaque",
        "stringData": files,
        "data": {"runtime.pyz": base64.b64encode(settings.runtime).decode()},
    }


def dask_configuration(spec: DaskClusterSpec) -> Mapping[str, Any]:
    """The Dask configuration of every pod: the user's, and ours where it carries the connections."""
    if not spec.security.tls.encrypted:
        return spec.config
    ours = {"distributed": {"comm": {"default-scheme": "tls", "tls": mounted_certificates()}}}
    result: Mapping[str, Any] = merged(spec.config, ours)
    return result


def mounted_certificates() -> dict[str, Any]:
    """Dask's configuration of the certificates in the mounted Secret."""
    pair = {"cert": f"{MOUNT}/tls.crt", "key": f"{MOUNT}/tls.key"}
    return {"ca-file": f"{MOUNT}/ca.crt", "scheduler": pair, "worker": pair, "client": pair}
