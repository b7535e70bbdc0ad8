"""dask-kubernetes from its PyPI package: its controller in a Python environment of its own, its CRDs."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import locks
from tests.cluster.settings import cache
from tests.kube import kubectl


def environment() -> Path:
    """Where dask-kubernetes is installed; `make bench` does it where package registries can be reached."""
    key = hashlib.sha256(locks.lock("peer").read_bytes()).hexdigest()[:12]
    folder = cache() / "peers" / f"dask-kubernetes-{key}"
    if not (folder / "done").exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        locks.install(folder / "bin" / "python", "peer")
        (folder / "done").touch()
    return folder


@contextmanager
def controller(log: Path) -> Iterator[None]:
    """dask-kubernetes' operator, run out of the cluster with an administrator's rights, as a process."""
    folder = environment()
    (package,) = folder.glob("lib/python*/site-packages/dask_kubernetes")
    crds = list((package / "operator" / "deployment" / "helm").glob("*/crds/*.yaml"))
    for crd in crds:
        applied = kubectl("apply", "--server-side", "-f", str(crd))
        assert applied.returncode == 0, applied.stderr
    command = [
        folder / "bin" / "kopf",
        "run",
        "-m",
        "dask_kubernetes.operator.controller",
        "--all-namespaces",
    ]
    with log.open("w") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env=dict(os.environ))
        try:
            yield
        finally:
            process.terminate()
            process.wait(30)


if __name__ == "__main__":
    environment()
