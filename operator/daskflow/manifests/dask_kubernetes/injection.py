"""What pods of dask-kubernetes' users get beyond what they ask for, where installation or object say so.

Nothing but environment variables, options of Dask's that name preloads, and one mounted Secret: the user, the
image's entrypoint and all else of the pod stay as they are. The preloads bring our runtime into the processes
that the user's own commands start.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, get_args

from daskflow.api.names import GROUP
from daskflow.manifests.certificates import certificate_files
from daskflow.manifests.common_pod import MOUNT
from daskflow.manifests.dask_kubernetes.preloads import preload_files, with_options, with_preload
from daskflow.manifests.objects import Object
from daskflow.manifests.settings import Injection, Role, Tls

ANNOTATION_PRELOAD = f"{GROUP}/preload"
"""On a DaskCluster or DaskJob of theirs: "true" or "false", in place of what the installation says."""
ANNOTATION_TLS = f"{GROUP}/tls"
"""The same: None, Pods or All."""
VOLUME = "daskflow"
_DRAIN_SECONDS = 20
"""That a worker lets its tasks run after SIGTERM, as ours do."""
_MARGIN_SECONDS = 10
"""Of the pod's grace period, for what it does afterwards."""
_GRACE_SECONDS = 30
"""A pod's grace period where it says none."""


PLAIN = Injection()
"""As dask-kubernetes has it: nothing."""


def injection_of(owner: Object, installed: Injection) -> Injection:
    """Of a DaskCluster or DaskJob of theirs: what the installation says, and its annotations instead.

    Raises ValueError with a sentence for an annotation that says neither.
    """
    told: Mapping[str, str] = owner["metadata"].get("annotations") or {}
    preload = told.get(ANNOTATION_PRELOAD, str(installed.preload).lower())
    tls: Any = told.get(ANNOTATION_TLS, installed.tls)
    if preload not in ("true", "false"):
        raise ValueError(f"the annotation {ANNOTATION_PRELOAD} is {preload[:40]!r}; write true or false")
    if tls not in get_args(Tls):
        raise ValueError(f"the annotation {ANNOTATION_TLS} is {tls[:40]!r}; write None, Pods or All")
    return Injection(preload == "true", tls)


def heeded(owner: Object, installed: Injection) -> Injection:
    """The same; what the installation says where an annotation cannot be understood."""
    try:
        return injection_of(owner, installed)
    except ValueError:
        return installed


def refusal(owner: Object, service: Mapping[str, Any], installed: Injection, types: Sequence[str]) -> str:
    """Why a DaskCluster of theirs may not be as it is, in a sentence; empty: it may."""
    try:
        injection_of(owner, installed)
    except ValueError as error:
        return f"{error}."
    wanted = service.get("type") or "ClusterIP"
    if wanted not in types:
        is_ = f"spec.scheduler.service.type is {str(wanted)[:40]!r}"
        return f"{is_}, which this platform refuses; use {' or '.join(types)}."
    if service.get("externalIPs") and set(types) <= {"ClusterIP"}:
        return (
            "spec.scheduler.service.externalIPs: this platform leads nobody in from outside; leave them out."
        )
    return ""


def handed_down(owner: Object) -> dict[str, str]:
    """Annotations of a DaskJob that its DaskCluster gets as well."""
    told: Mapping[str, str] = owner["metadata"].get("annotations") or {}
    return {name: told[name] for name in (ANNOTATION_PRELOAD, ANNOTATION_TLS) if name in told}


def files(injection: Injection, root_key: bytes, uid: str, created: datetime) -> dict[str, str]:
    """What the Secret of the cluster with this uid has beside the runtime."""
    found = dict(preload_files())
    return found if injection.tls == "None" else found | certificate_files(root_key, uid, created)


def injected(pod: Object, role: Role, injection: Injection, secret: str) -> dict[str, Any]:
    """The pod as the user wrote it, and what is injected into all of its containers. `secret`: its name.

    What cannot be a pod stays as it is: the API server says what is wrong with it.
    """
    spec = pod["spec"]
    if not injection.mounts or not _legible(spec):
        return dict(pod)
    volume = {"name": VOLUME, "secret": {"secretName": secret, "defaultMode": 0o444}}
    ours = _environment(spec, role, injection)
    containers = [_container(each, ours, role, injection) for each in spec["containers"]]
    return {**pod, "spec": {**spec, "containers": containers, "volumes": [*_listed(spec, "volumes"), volume]}}


def _legible(spec: Mapping[str, Any]) -> bool:
    """Whether lists are lists of objects, as far as they are looked at here."""
    parts = [(spec, "containers"), (spec, "volumes")]
    if not spec.get("containers") or not all(_objects(*part) for part in parts):
        return False
    names = ("env", "volumeMounts")
    return all(
        all(_objects(each, name) for name in names) and isinstance(_listed(each, "args"), list)
        for each in spec["containers"]
    )


def _objects(part: Mapping[str, Any], name: str) -> bool:
    found = _listed(part, name)
    return isinstance(found, list) and all(isinstance(each, Mapping) for each in found)


def _listed(part: Mapping[str, Any], name: str) -> Any:
    """A field that should be a list, if it is there; null is absent."""
    found = part.get(name)
    return [] if found is None else found


def _container(container: Object, ours: Sequence[Object], role: Role, injection: Injection) -> dict[str, Any]:
    sections = injection.preloads(role)
    variables = list(_listed(container, "env"))
    for section in sections:
        variables = with_preload(variables, section)
    said = {each.get("name") for each in variables}
    variables += [each for each in ours if each["name"] not in said]
    mount = {"name": VOLUME, "mountPath": MOUNT, "readOnly": True}
    mounts = [*_listed(container, "volumeMounts"), mount]
    result = {**container, "env": variables, "volumeMounts": mounts}
    if container.get("args"):
        result["args"] = with_options(container["args"], sections)
    return result


def _environment(spec: Mapping[str, Any], role: Role, injection: Injection) -> list[dict[str, Any]]:
    told: dict[str, str] = {}
    if injection.tls != "None":
        told |= _certificates()
    if injection.tls == "All" and role != "job-runner":
        # A program of the user's may make a LocalCluster.
        told["DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION"] = "True"
    if injection.preloads(role):
        told["DASKFLOW_READY_PORT"] = "0"  # nobody asks at ours: the pod has its own probes
    if role == "worker":
        grace = spec.get("terminationGracePeriodSeconds")
        left = (grace if isinstance(grace, int) else _GRACE_SECONDS) - _MARGIN_SECONDS
        told["DASKFLOW_DRAIN"] = str(max(0, min(left, _DRAIN_SECONDS)))
    found: list[dict[str, Any]] = [{"name": name, "value": value} for name, value in told.items()]
    if role == "scheduler" and injection.tls == "Pods":
        found.append({"name": "DASKFLOW_LOOPBACK", "value": "1"})
        found.append({"name": "DASKFLOW_PROBES", "value": json.dumps({"paths": _probed(spec)})})
        found.append({"name": "DASKFLOW_POD_IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}})
    return found


def _certificates() -> dict[str, str]:
    """Dask's configuration of the mounted certificate, as variables."""
    files = {"CERT": f"{MOUNT}/tls.crt", "KEY": f"{MOUNT}/tls.key"}
    section = "DASK_DISTRIBUTED__COMM__TLS"
    roles = ("SCHEDULER", "WORKER", "CLIENT")
    pairs = {f"{section}__{role}__{name}": file for role in roles for name, file in files.items()}
    return {f"{section}__CA_FILE": f"{MOUNT}/ca.crt", **pairs}


def _probed(spec: Mapping[str, Any]) -> list[str]:
    """The paths that the kubelet asks Dask's HTTP server for."""
    names = ("readinessProbe", "livenessProbe", "startupProbe")
    probes = [each.get(name) for each in spec["containers"] for name in names]
    asked = [probe.get("httpGet") for probe in probes if isinstance(probe, Mapping)]
    paths = [str(each.get("path") or "/") for each in asked if isinstance(each, Mapping)]
    return sorted({path.partition("?")[0] for path in paths})
