"""The pod that scheduler, worker and runner have in common, and what a template may add to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from daskflow.api.files import FilesSource
from daskflow.api.names import (
    GROUP,
    LABEL_CLUSTER,
    LABEL_COMPONENT,
    PORT_READY,
    RUNNER,
    SCHEDULER,
    WORKER,
)
from daskflow.api.resources import Resources
from daskflow.api.shared import DEFAULT_UID, Shared
from daskflow.manifests import files
from daskflow.manifests.merge import merged
from daskflow.manifests.objects import Object, child_metadata
from daskflow.manifests.place import Place

MOUNT = "/daskflow"
"""Where the cluster's Secret, and the user's with certificates, are mounted in every pod."""
CERTIFICATE_FILES = ("ca.crt", "tls.crt", "tls.key")
_READABLE = 0o444
"""Whatever user the pod runs as, and also where no fsGroup is set."""
SCRATCH = "/tmp"
"""The one writable folder: the root file system is read-only."""

OWN_VOLUMES = ("daskflow", "scratch", *files.VOLUMES)

OWN_PREFIX = "DASKFLOW_"
"""Environment variables of this prefix are the operator's; a user's are dropped."""

NOT_SAFE_TO_EVICT = {
    "cluster-autoscaler.kubernetes.io/safe-to-evict": "false",
    "karpenter.sh/do-not-disrupt": "true",
}
"""Autoscalers take bare pods for disposable; a scheduler or runner is not."""
SAFE_TO_EVICT = {"cluster-autoscaler.kubernetes.io/safe-to-evict": "true"}
"""While a cluster waits for a run, nothing is lost with it."""


_LAST_WORDS = {"terminationMessagePolicy": "FallbackToLogsOnError"}
"""What a container that could not do its work wrote last, for diagnosis; also those of a template."""


@dataclass(frozen=True)
class PodKind:
    """What tells the pods of a cluster apart."""

    component: str
    """Also the container's name and the runtime's first argument."""
    name: str
    resources: Resources
    templates: Sequence[Mapping[str, Any]]
    """Merged over the pod, in this order."""
    args: Sequence[str] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    """Environment variables that hold fields of the pod, by name."""
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    files: Sequence[FilesSource] = ()
    """Where the flow's files come from, if it has any."""
    grace: int = 30
    """Seconds from SIGTERM to SIGKILL."""
    liveness: Mapping[str, Any] | None = None
    scratch_limit: str | int | None = None
    """What the writable folder may hold, as a quantity."""


def service_labels(base: str) -> dict[str, str]:
    """The label that ties all objects of one cluster together."""
    return {LABEL_CLUSTER: base}


def pod(owner: Object, shared: Shared, place: Place, kind: PodKind) -> dict[str, Any]:
    """A bare pod that never restarts, fit for Pod Security `restricted`."""
    ours = _pod_spec(shared, place, kind)
    metadata = {"labels": {}, "annotations": dict(kind.annotations)}
    result: dict[str, Any] = {"metadata": metadata, "spec": ours}
    for template in (_without_other_components(shared.template, kind.component), *kind.templates):
        result = merged(result, template)
    labels = {**service_labels(place.base), LABEL_COMPONENT: kind.component, **kind.labels}
    own = child_metadata(owner, kind.name, labels)
    theirs = (result.get("metadata") or {}).get("labels") or {}
    # Labels of our group say whose a pod is: a template has no say in that.
    allowed = {key: value for key, value in theirs.items() if not key.startswith(f"{GROUP}/")}
    own["labels"] = {**allowed, **own["labels"]}
    own["annotations"] = {**((result.get("metadata") or {}).get("annotations") or {}), **own["annotations"]}
    spec = {**result["spec"], "restartPolicy": "Never"}
    for containers in {"initContainers", "containers"} & spec.keys():
        spec[containers] = [{**_LAST_WORDS, **each} for each in spec[containers]]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": own, "spec": spec}


def _without_other_components(template: Mapping[str, Any], component: str) -> Mapping[str, Any]:
    """A template of all pods may speak of each kind's container; each pod has only its own."""
    spec = template.get("spec") or {}
    if "containers" not in spec:
        return template
    others = {SCHEDULER, WORKER, RUNNER} - {component}
    kept = [container for container in spec["containers"] or () if container.get("name") not in others]
    return {**template, "spec": {**spec, "containers": kept}}


def _pod_spec(shared: Shared, place: Place, kind: PodKind) -> dict[str, Any]:
    spec: dict[str, Any] = {
        "restartPolicy": "Never",
        # Else thousands of Services end up in every pod's environment.
        "enableServiceLinks": False,
        "automountServiceAccountToken": False,
        "terminationGracePeriodSeconds": kind.grace,
        "securityContext": {**_user(shared), "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [_container(shared, place, kind)],
        "volumes": [
            {"name": "daskflow", "projected": {"sources": _sources(place), "defaultMode": _READABLE}},
            {"name": "scratch", "emptyDir": {"sizeLimit": kind.scratch_limit} if kind.scratch_limit else {}},
            *files.volumes(kind.files),
        ],
    }
    if shared.service_account_name:
        spec["serviceAccountName"] = shared.service_account_name
    if shared.priority_class_name:
        spec["priorityClassName"] = shared.priority_class_name
    if shared.image_pull_secrets:
        spec["imagePullSecrets"] = [reference.dump() for reference in shared.image_pull_secrets]
    return spec


def _user(shared: Shared) -> dict[str, Any]:
    uid = shared.security.run_as_user or DEFAULT_UID
    if uid == "Image":
        return {"runAsNonRoot": True}
    return {"runAsNonRoot": True, "runAsUser": uid, "runAsGroup": uid, "fsGroup": uid}


def _sources(place: Place) -> list[dict[str, Any]]:
    """The cluster's Secret, and of the user's nothing but the certificates."""
    sources: list[dict[str, Any]] = [{"secret": {"name": place.mounted}}]
    if place.certificates:
        items = [{"key": name, "path": name} for name in CERTIFICATE_FILES]
        sources.append({"secret": {"name": place.certificates, "items": items}})
    return sources


def _container(shared: Shared, place: Place, kind: PodKind) -> dict[str, Any]:
    container: dict[str, Any] = {
        "name": kind.component,
        "image": shared.image,
        # The image's ENTRYPOINT is bypassed: some install packages or change the user there.
        "command": ["python3", f"{MOUNT}/runtime.pyz", kind.component, *kind.args],
        "env": _environment(shared, place, kind),
        "resources": kind.resources.dump(),
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [
            {"name": "daskflow", "mountPath": MOUNT, "readOnly": True},
            {"name": "scratch", "mountPath": SCRATCH},
            *files.mounts(kind.files),
        ],
        **_LAST_WORDS,
        # Never fails, only says when: nothing is asked of the pod once it has started.
        "startupProbe": {"tcpSocket": {"port": PORT_READY}, "periodSeconds": 1, "failureThreshold": 10**9},
    }
    if kind.liveness:
        container["livenessProbe"] = kind.liveness
    if shared.image_pull_policy:
        container["imagePullPolicy"] = shared.image_pull_policy
    if shared.env_from:
        container["envFrom"] = [source.dump() for source in shared.env_from]
    return container


def _environment(shared: Shared, place: Place, kind: PodKind) -> list[dict[str, Any]]:
    connections = {"DASK_SCHEDULER_ADDRESS": place.address, "DASKFLOW_CONTROL": place.control}
    ours: dict[str, str] = {
        "DASK_CONFIG": f"{MOUNT}/dask.yaml",
        **{name: value for name, value in connections.items() if value},
        "DASKFLOW_DIR": MOUNT,
        "DASKFLOW_SCRATCH": SCRATCH,
        "DASKFLOW_POD": kind.name,
        **files.variables(kind.files),
        **kind.env,
    }
    fields = {"DASKFLOW_POD_UID": "metadata.uid", **kind.fields}
    from_pod = [
        {"name": name, "valueFrom": {"fieldRef": {"fieldPath": path}}} for name, path in fields.items()
    ]
    theirs = [
        variable.dump()
        for variable in shared.env
        if variable.name not in ours and not variable.name.startswith(OWN_PREFIX)
    ]
    return [*from_pod, *({"name": name, "value": literal(value)} for name, value in ours.items()), *theirs]


def mounted_secret(pod: Object) -> str | None:
    """The name of the Secret with the runtime that a pod of ours mounts; None for a pod that mounts none."""
    for volume in (pod.get("spec") or {}).get("volumes") or ():
        if volume["name"] == OWN_VOLUMES[0]:
            sources = (volume.get("projected") or {}).get("sources") or ()
            names = (source["secret"]["name"] for source in sources if "secret" in source)
            return next(names, None)
    return None


def literal(value: str) -> str:
    """A value that Kubernetes will not expand: it takes `$(NAME)` for a reference, and `$$` for a `$`."""
    return value.replace("$", "$$")
