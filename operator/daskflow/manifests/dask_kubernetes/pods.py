"""The pods of dask-kubernetes' kinds: users' specs as they stand, with environment and commands that exist.

What is no list of containers is left as it is: the API server says what is wrong with it.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from daskflow.api.dask_kubernetes.cluster import DaskClusterSpec
from daskflow.api.dask_kubernetes.job import DaskJobSpec
from daskflow.api.dask_kubernetes.names import (
    ENV_SCHEDULER,
    ENV_WORKER,
    JOB_RUNNER,
    LABEL_GROUP,
    LABELS_ISTIO,
    SCHEDULER,
    WORKER,
    runner_name,
    scheduler_address,
    scheduler_name,
)
from daskflow.api.dask_kubernetes.worker_group import DaskWorkerGroupSpec
from daskflow.api.names import GROUP
from daskflow.manifests.dask_kubernetes.injection import PLAIN, injected
from daskflow.manifests.dask_kubernetes.metadata import child, labels_of
from daskflow.manifests.dask_kubernetes.secret import mounted
from daskflow.manifests.objects import Object
from daskflow.manifests.settings import Injection, Settings

ANNOTATION_ORDINAL = f"{GROUP}/ordinal"
"""On a worker's pod: its number in its group, of which its name is made."""
_COMMANDS = {"dask-scheduler": ["dask", "scheduler"], "dask-worker": ["dask", "worker"]}
"""What distributed 2026.6 has no more, and what has been there beside it since 2022.10."""


def scheduler_pod(
    cluster: Object, spec: DaskClusterSpec, settings: Settings, injection: Injection = PLAIN
) -> dict[str, Any]:
    """The one scheduler of a DaskCluster. Its name is the cluster's: so there is never a second one."""
    name = cluster["metadata"]["name"]
    labels = {**labels_of(name, SCHEDULER), **LABELS_ISTIO}
    meta = child(cluster, scheduler_name(name), spec.scheduler.metadata, labels)
    pod = _pod(meta, spec.scheduler.spec, {}, settings)
    return injected(pod, "scheduler", injection, mounted(cluster, settings))


def worker_name(group: Object, ordinal: int) -> str:
    """The name of a worker, of its pod as in Dask: ten letters of hash as clients expect them."""
    text = f"{group['metadata']['uid']}/{ordinal}"
    return f"{group['metadata']['name']}-{WORKER}-{hashlib.sha256(text.encode()).hexdigest()[:10]}"


def worker_pod(
    group: Object,
    spec: DaskWorkerGroupSpec,
    ordinal: int,
    settings: Settings,
    cluster: Object | None = None,
    injection: Injection = PLAIN,
) -> dict[str, Any]:
    """One worker of a DaskWorkerGroup. `cluster` is the group's, where anything is injected."""
    name, namespace = worker_name(group, ordinal), group["metadata"]["namespace"]
    labels = {**labels_of(spec.cluster, WORKER), LABEL_GROUP: group["metadata"]["name"], **LABELS_ISTIO}
    meta = child(group, name, spec.worker.metadata, labels)
    meta["annotations"][ANNOTATION_ORDINAL] = str(ordinal)
    address = scheduler_address(spec.cluster, namespace, injection.scheme)
    pod = _pod(meta, spec.worker.spec, {ENV_WORKER: name, ENV_SCHEDULER: address}, settings)
    return pod if cluster is None else injected(pod, "worker", injection, mounted(cluster, settings))


def runner_pod(
    job: Object,
    spec: DaskJobSpec,
    settings: Settings,
    cluster: Object | None = None,
    injection: Injection = PLAIN,
) -> dict[str, Any]:
    """The pod of a DaskJob that runs its program; its cluster has the job's own name.

    `cluster` is that, where anything is injected.
    """
    name, namespace = job["metadata"]["name"], job["metadata"]["namespace"]
    labels = {**labels_of(name, JOB_RUNNER), **LABELS_ISTIO}
    meta = child(job, runner_name(name), spec.job.metadata, labels)
    pod = {"restartPolicy": "OnFailure", **_without_nulls(spec.job.spec)}
    made = _pod(meta, pod, {ENV_SCHEDULER: scheduler_address(name, namespace, injection.scheme)}, settings)
    return made if cluster is None else injected(made, "job-runner", injection, mounted(cluster, settings))


def _pod(
    meta: dict[str, Any], spec: Mapping[str, Any], told: Mapping[str, str], settings: Settings
) -> dict[str, Any]:
    spec = _without_nulls(spec)
    containers = spec.get("containers")
    if isinstance(containers, list):
        spec["containers"] = [_container(each, told, settings) for each in containers]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec}


def _container(given: Any, told: Mapping[str, str], settings: Settings) -> Any:
    if not isinstance(given, Mapping):
        return given
    made = _without_nulls(given)
    env = made.get("env", [])
    if told and isinstance(env, list):
        known = {each.get("name") for each in env if isinstance(each, Mapping)}
        more = [{"name": name, "value": text} for name, text in told.items() if name not in known]
        made["env"] = [*env, *more]
    # So that what it said last can be told; nothing of it behaves otherwise.
    made.setdefault("terminationMessagePolicy", "FallbackToLogsOnError")
    args = made.get("args")
    if (
        settings.dask_kubernetes.rewrite_commands
        and isinstance(args, list)
        and args
        and "command" not in made
    ):
        first = args[0] if isinstance(args[0], str) else ""
        made["args"] = [*_COMMANDS.get(first, [args[0]]), *args[1:]]
    return made


def _without_nulls(given: Mapping[str, Any]) -> dict[str, Any]:
    """Null is absent: clients send it, and here it is looked at before the API server drops it."""
    return {name: value for name, value in given.items() if value is not None}
