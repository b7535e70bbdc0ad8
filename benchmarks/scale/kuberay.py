"""KubeRay's operator from the Go module proxy: its program, built once and kept, and its definitions."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.processes import Process
from benchmarks.scale.objects import WORKERS, Object
from tests.cluster.settings import cache
from tests.cluster.shell import output, say
from tests.cluster.toolchain import go

MODULE = "github.com/ray-project/kuberay/ray-operator"
VERSION = "v1.5.0"
AGENT = "kuberay-operator"
AT_ONCE = 32
"""Reconciles at a time, as the queue of ours; its own default is 1."""
CALLS = 500
"""A second; its own default is 100."""
_GO = "1.26.5"
_READY = "http://127.0.0.1:18082/readyz"


def program() -> Path:
    """Built where package registries can be reached, before the cluster's network is entered."""
    folder = cache() / "kuberay" / VERSION
    made = folder / "crds"
    # They are copied last: with them all is there.
    if not made.exists():
        say(f"building KubeRay's operator {VERSION} from Go modules: once, some minutes")
        environment = (f"GOBIN={folder}", "CGO_ENABLED=0", "GOTOOLCHAIN=auto")
        command = [go(_GO), "install", "-trimpath", "-ldflags", "-s -w", f"{MODULE}@{VERSION}"]
        output(["env", *environment, *command])
        modules = output([go(_GO), "env", "GOMODCACHE"]).strip()
        shutil.copytree(Path(modules) / f"{MODULE}@{VERSION}" / "config" / "crd" / "bases", made)
    return folder / "ray-operator"


def crds() -> Path:
    """The folder of its definitions."""
    return program().parent / "crds"


@contextmanager
def operator(log: Path) -> Iterator[Process]:
    """It on the cluster of KUBECONFIG, as an administrator; ended afterwards."""
    flags = {
        "enable-leader-election": "false",
        "metrics-addr": "0",
        "health-probe-bind-address": ":18082",
        "reconcile-concurrency": AT_ONCE,
        "qps": CALLS,
        "burst": 2 * CALLS,
    }
    command = [str(program()), *(f"--{name}={value}" for name, value in flags.items())]
    with log.open("ab") as written:
        popen = subprocess.Popen(command, stdout=written, stderr=written)
        process = Process(popen, _READY)
        try:
            process.await_ready()
            yield process
        finally:
            popen.terminate()
            popen.wait()


def ray_cluster(name: str) -> Object:
    """A head and WORKERS workers, as in KubeRay's own samples without what none of it needs."""

    def group(component: str) -> Object:
        resources = {"requests": {"cpu": "500m", "memory": "1Gi"}, "limits": {"memory": "1Gi"}}
        container = {"name": component, "image": "rayproject/ray:2.46.0", "resources": resources}
        return {"template": {"spec": {"containers": [container]}}, "rayStartParams": {}}

    workers = {"groupName": "small", "replicas": WORKERS, "minReplicas": WORKERS, "maxReplicas": WORKERS}
    return {
        "apiVersion": "ray.io/v1",
        "kind": "RayCluster",
        "metadata": {"name": name},
        "spec": {
            "rayVersion": "2.46.0",
            "headGroupSpec": group("ray-head"),
            "workerGroupSpecs": [{**workers, **group("ray-worker")}],
        },
    }
