"""The objects that checks make: functions of what was seen, from few words."""

from collections.abc import Callable, Mapping
from typing import Any

from daskflow.api.names import API_VERSION, CLUSTER_POOL, DASK_CLUSTER, FLOW_RUN, FLOW_SCHEDULE
from daskflow.cli.verification.observed import Observed
from daskflow.client.manifest import merge

Object = dict[str, Any]
Builder = Callable[[Observed], Object]
GRACE = "5s"
"""Of all runs, so that none takes longer to end than it has to."""
_OF_CLUSTERS = frozenset({
    "imagePullPolicy", "imagePullSecrets", "env", "envFrom", "serviceAccountName", "priorityClassName",
    "template", "security",
})  # fmt: skip
"""What a DaskCluster takes of what all runs are given."""
_RESTRICTED = {"runAsNonRoot": True, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}}
_CONFINED = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}


def resolved(value: Any, seen: Observed) -> Any:
    """With what is a function of what was seen in its place."""
    if callable(value):
        return value(seen)
    if isinstance(value, Mapping):
        return {key: resolved(each, seen) for key, each in value.items()}
    return [resolved(each, seen) for each in value] if isinstance(value, list | tuple) else value


def named(part: str) -> Callable[[Observed], str]:
    """The name of one of the check's objects."""
    return lambda seen: seen.name(part)


def _spec(flow: Any, workers: int | None, seen: Observed, more: Mapping[str, Any]) -> Object:
    made: Object = {
        "image": seen.facts.image,
        "flow": {"script": flow} if isinstance(flow, str) else resolved(flow, seen),
        "cancelGracePeriod": GRACE,
    }
    if workers is not None:
        made["cluster"] = {"workers": {"replicas": workers}}
    if "clusterRef" in more:
        made.pop("image")
    return merge(merge(made, seen.facts.spec), resolved(more, seen))


def run(flow: Any, part: str = "", *, workers: int | None = 0, **spec: Any) -> Builder:
    """A FlowRun; a `flow` given as text is a script. With 0 workers it runs alone; None: `spec` says."""

    def build(seen: Observed) -> Object:
        metadata: Object = {"name": seen.name(part)}
        if finalizers := spec.get("finalizers"):
            metadata["finalizers"] = finalizers
        own = {key: value for key, value in spec.items() if key != "finalizers"}
        return {
            "apiVersion": API_VERSION,
            "kind": FLOW_RUN,
            "metadata": metadata,
            "spec": _spec(flow, workers, seen, own),
        }

    return build


def cluster(part: str = "", *, workers: Any = 1, metadata: Any = None, **spec: Any) -> Builder:
    """A DaskCluster of its own; `workers` as a number, or as in its spec."""

    def build(seen: Observed) -> Object:
        given = {key: value for key, value in seen.facts.spec.items() if key in _OF_CLUSTERS}
        crew = {"replicas": workers} if isinstance(workers, int) else resolved(workers, seen)
        made = {"image": seen.facts.image, "workers": crew}
        return {
            "apiVersion": API_VERSION,
            "kind": DASK_CLUSTER,
            "metadata": {"name": seen.name(part), **resolved(metadata or {}, seen)},
            "spec": merge(merge(made, given), resolved(spec, seen)),
        }

    return build


def pool(**spec: Any) -> Builder:
    """A ClusterPool of one cluster of one worker, of which runs of the check with a worker fit."""

    def build(seen: Observed) -> Object:
        template = _spec("", 1, seen, {})
        del template["flow"]
        return {
            "apiVersion": API_VERSION,
            "kind": CLUSTER_POOL,
            "metadata": {"name": seen.name()},
            "spec": {"ready": 1, "template": {"spec": template}, **resolved(spec, seen)},
        }

    return build


def schedule(flow: Any, run_spec: Mapping[str, Any] | None = None, **spec: Any) -> Builder:
    """A FlowSchedule of runs without a cluster."""

    def build(seen: Observed) -> Object:
        template = {"spec": _spec(flow, 0, seen, run_spec or {})}
        return {
            "apiVersion": API_VERSION,
            "kind": FLOW_SCHEDULE,
            "metadata": {"name": seen.name()},
            "spec": {**resolved(spec, seen), "template": template},
        }

    return build


def config_map(
    data: Mapping[str, str], name: Callable[[Observed], str] | None = None, **metadata: Any
) -> Builder:
    """A ConfigMap."""
    return lambda seen: {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name(seen) if name else seen.name(), **metadata},
        "data": dict(data),
    }


def quota(**hard: str) -> Builder:
    """A ResourceQuota; `_` stands for `.` in names of resources, `__` for `-`."""
    spec = {name.replace("__", "-").replace("_", "."): amount for name, amount in hard.items()}
    return lambda seen: {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": seen.name()},
        "spec": {"hard": spec},
    }


def python_pod(
    code: str,
    part: str,
    env: Mapping[str, Any] | None = None,
    *,
    name: Callable[[Observed], str] | None = None,
    labels: Any = None,
) -> Builder:
    """A pod of somebody's own that runs Python, fit for Pod Security `restricted`."""

    def build(seen: Observed) -> Object:
        given = seen.facts.spec
        variables = [{"name": key, "value": str(value)} for key, value in resolved(env or {}, seen).items()]
        return {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": name(seen) if name else seen.name(part),
                "labels": resolved(labels or {}, seen),
            },
            "spec": {
                "restartPolicy": "Never",
                "automountServiceAccountToken": False,
                "terminationGracePeriodSeconds": 0,
                "securityContext": _RESTRICTED,
                "imagePullSecrets": given.get("imagePullSecrets") or [],
                "containers": [
                    {
                        "name": "python",
                        "image": seen.facts.image,
                        "command": ["python3", "-c", code],
                        "env": [*variables, {"name": "HOME", "value": "/tmp"}],
                        "workingDir": "/tmp",
                        "terminationMessagePolicy": "FallbackToLogsOnError",
                        "securityContext": _CONFINED,
                    }
                ],
            },
        }

    return build
