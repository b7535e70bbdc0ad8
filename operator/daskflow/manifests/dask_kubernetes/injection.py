"""What pods of dask-kubernetes' users get beyond what they ask for, where installation or object say so.

Nothing but environment variables, options of Dask's that name preloads, and one mounted Secret: the user, the
image's entrypoint and all else of the pod stay as they are. The preloads bring our runtime into the processes
that the user's own commands start.
"""

import ast
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from daskflow.api.names import GROUP
from daskflow.manifests.certificates import certificate_files
from daskflow.manifests.common_pod import MOUNT
from daskflow.manifests.objects import Object

Tls = Literal["None", "Pods", "All"]
Role = Literal["scheduler", "worker", "job-runner"]

ANNOTATION_PRELOAD = f"{GROUP}/preload"
"""On a DaskCluster or DaskJob of theirs: "true" or "false", in place of what the installation says."""
ANNOTATION_TLS = f"{GROUP}/tls"
"""The same: None, Pods or All."""
VOLUME = "daskflow"
_ZIP = f"{MOUNT}/runtime.pyz"
_PRELOADS = {
    "scheduler": "daskflow_runtime.scheduler.guest",
    "worker": "daskflow_runtime.worker.guest",
    "nanny": "daskflow_runtime.worker.nanny_preload",
}
"""By the section of Dask's configuration that names it."""
_WORKER_COMMANDS = (
    ("dask-worker",),
    ("dask", "worker"),
    ("python", "-m", "distributed.cli.dask_worker"),
    ("python3", "-m", "distributed.cli.dask_worker"),
)
"""Those that have a nanny which takes preloads."""
_DRAIN_SECONDS = 20
"""That a worker lets its tasks run after SIGTERM, as ours do."""
_MARGIN_SECONDS = 10
"""Of the pod's grace period, for what it does afterwards."""
_GRACE_SECONDS = 30
"""A pod's grace period where it says none."""


@dataclass(frozen=True)
class Injection:
    """What is injected into the pods of one cluster.

    `tls` Pods: connections among pods are encrypted, and the scheduler takes plain ones on its pod's
    loopback, where port-forwards end. All: every connection is encrypted, and unmodified clients cannot
    connect.
    """

    preload: bool = False
    """Workers hand their tasks and data over when they are told to go, whoever tells them."""
    tls: Tls = "None"

    @property
    def scheme(self) -> str:
        """Of the scheduler's address."""
        return "tcp" if self.tls == "None" else "tls"

    @property
    def mounts(self) -> bool:
        """Whether pods mount a Secret of ours."""
        return self.preload or self.tls != "None"

    def preloads(self, role: Role) -> tuple[str, ...]:
        """The sections of Dask's configuration that get one of ours, in a pod of this role."""
        if role == "scheduler":
            return ("scheduler",) if self.preload or self.tls == "Pods" else ()
        return ("worker", "nanny") if self.preload and role == "worker" else ()


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


def handed_down(owner: Object) -> dict[str, str]:
    """Annotations of a DaskJob that its DaskCluster gets as well."""
    told: Mapping[str, str] = owner["metadata"].get("annotations") or {}
    return {name: told[name] for name in (ANNOTATION_PRELOAD, ANNOTATION_TLS) if name in told}


def files(injection: Injection, root_key: bytes, uid: str, created: datetime) -> dict[str, str]:
    """What the Secret of the cluster with this uid has beside the runtime."""
    found = {_file(section): _loads(module) for section, module in _PRELOADS.items()}
    return found if injection.tls == "None" else found | certificate_files(root_key, uid, created)


def injected(pod: Object, role: Role, injection: Injection, secret: str) -> dict[str, Any]:
    """The pod as the user wrote it, and what is injected into all of its containers. `secret`: its name."""
    if not injection.mounts:
        return dict(pod)
    spec = pod["spec"]
    volume = {"name": VOLUME, "secret": {"secretName": secret, "defaultMode": 0o444}}
    ours = _environment(pod, role, injection)
    containers = [_container(each, ours, role, injection) for each in spec.get("containers") or ()]
    volumes = [*(spec.get("volumes") or ()), volume]
    return {**pod, "spec": {**spec, "containers": containers, "volumes": volumes}}


def _container(container: Object, ours: Sequence[Object], role: Role, injection: Injection) -> dict[str, Any]:
    sections = injection.preloads(role)
    variables = list(container.get("env") or ())
    for section in sections:
        variables = _with_preload(variables, section)
    said = {each.get("name") for each in variables}
    variables += [each for each in ours if each["name"] not in said]
    mounts = [*(container.get("volumeMounts") or ()), {"name": VOLUME, "mountPath": MOUNT, "readOnly": True}]
    result = {**container, "env": variables, "volumeMounts": mounts}
    if container.get("args"):
        result["args"] = _with_options(container["args"], sections)
    return result


def _environment(pod: Object, role: Role, injection: Injection) -> list[dict[str, Any]]:
    told: dict[str, str] = {}
    if injection.tls != "None":
        told |= _certificates()
    if injection.tls == "All" and role != "job-runner":
        # A program of the user's may make a LocalCluster.
        told["DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION"] = "True"
    if injection.preloads(role):
        told["DASKFLOW_READY_PORT"] = "0"  # nobody asks at ours: the pod has its own probes
    if role == "worker":
        grace = pod["spec"].get("terminationGracePeriodSeconds")
        left = (_GRACE_SECONDS if grace is None else grace) - _MARGIN_SECONDS
        told["DASKFLOW_DRAIN"] = str(max(0, min(left, _DRAIN_SECONDS)))
    found: list[dict[str, Any]] = [{"name": name, "value": value} for name, value in told.items()]
    if role == "scheduler" and injection.tls == "Pods":
        found.append({"name": "DASKFLOW_LOOPBACK", "value": "1"})
        found.append({"name": "DASKFLOW_PROBES", "value": json.dumps({"paths": _probed(pod)})})
        found.append({"name": "DASKFLOW_POD_IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}})
    return found


def _certificates() -> dict[str, str]:
    """Dask's configuration of the mounted certificate, as variables."""
    files = {"CERT": f"{MOUNT}/tls.crt", "KEY": f"{MOUNT}/tls.key"}
    section = "DASK_DISTRIBUTED__COMM__TLS"
    roles = ("SCHEDULER", "WORKER", "CLIENT")
    pairs = {f"{section}__{role}__{name}": file for role in roles for name, file in files.items()}
    return {f"{section}__CA_FILE": f"{MOUNT}/ca.crt", **pairs}


def _probed(pod: Object) -> list[str]:
    """The paths that the kubelet asks Dask's HTTP server for."""
    names = ("readinessProbe", "livenessProbe", "startupProbe")
    probes = [each.get(name) or {} for each in pod["spec"].get("containers") or () for name in names]
    asked = [str((probe.get("httpGet") or {}).get("path") or "/") for probe in probes if "httpGet" in probe]
    return sorted({path.partition("?")[0] for path in asked})


def _with_preload(variables: Sequence[Object], section: str) -> list[Object]:
    """The variable that names preloads, with ours before what the user's has; one from elsewhere stays."""
    name = f"DASK_DISTRIBUTED__{section.upper()}__PRELOAD"
    theirs = next((each for each in variables if each.get("name") == name), None)
    if theirs is None:
        return [*variables, {"name": name, "value": json.dumps([_path(section)])}]
    if not isinstance(theirs.get("value"), str):
        return list(variables)
    ours = {**theirs, "value": json.dumps([_path(section), *_names(theirs["value"])])}
    return [ours if each is theirs else each for each in variables]


def _names(value: str) -> list[str]:
    """Names of preloads, as Dask reads them from a variable."""
    try:
        found = ast.literal_eval(value)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        found = value
    return [str(each) for each in found] if isinstance(found, (list, tuple)) else [str(found)]


def _with_options(args: Sequence[str], sections: Sequence[str]) -> list[str]:
    """Ours before an option that names preloads, which replaces all that the configuration names.

    `dask worker` takes those of its nanny from nowhere but its options.
    """
    found = list(args)
    for section in sections:
        option = "--preload-nanny" if section == "nanny" else "--preload"
        said = next((n for n, arg in enumerate(found) if str(arg).partition("=")[0] == option), None)
        at = _words(found) if section == "nanny" else said
        if at is not None:
            found[at:at] = [option, _path(section)]
    return found


def _words(args: Sequence[str]) -> int | None:
    """How many of the arguments are the command that starts a worker; None for another command."""
    for words in _WORKER_COMMANDS:
        if tuple(args[: len(words)]) == words:
            return len(words)
    return None


def _path(section: str) -> str:
    return f"{MOUNT}/{_file(section)}"


def _file(section: str) -> str:
    return f"daskflow_{section}.py"


def _loads(module: str) -> str:
    """A file that Dask loads by its path: images have a PYTHONPATH of their own, or none."""
    lines = ["import sys", "", f"if {_ZIP!r} not in sys.path:", f"    sys.path.append({_ZIP!r})"]
    return "\n".join([*lines, f"from {module} import *", ""])
