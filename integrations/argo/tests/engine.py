"""Argo Workflows, built from its Go module: a controller as a process, and the image of its pods.

Run as a program it builds both, where modules can be fetched; tests find them in the cache.
"""

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from integrations.kubectl import kubectl
from tests.cluster import images
from tests.cluster.builders import Recipe
from tests.cluster.hashing import digest
from tests.cluster.providers import load
from tests.cluster.settings import cache
from tests.cluster.shell import locked, say
from tests.cluster.toolchain import go

SOURCES = Path(__file__).with_name("engine")
MODULE = "github.com/argoproj/argo-workflows/v3"
PROGRAMS = ("workflow-controller", "argoexec")
IMAGE = "docker.io/local/argoexec:dev"
DOCKERFILE = 'FROM scratch\nCOPY root /\nENTRYPOINT ["argoexec"]\n'


def folder() -> Path:
    """Where the programs are, or would be, with `crds` beside them."""
    return cache() / "argo" / digest([SOURCES], [DOCKERFILE])


def build() -> None:
    """Build what is not there yet. Raises CalledProcessError."""
    target = folder()
    if target.exists():
        return
    with locked(cache() / "argo" / "lock", "Argo Workflows"):
        if not target.exists():
            _build(target)


def _build(target: Path) -> None:
    say("building Argo Workflows from Go modules: once, about five minutes on two cores")
    wanted = re.search(r"^go (\S+)$", (SOURCES / "go.mod").read_text(), re.MULTILINE)
    program = go(wanted[1] if wanted else "1.26.0")
    environment = {**os.environ, "CGO_ENABLED": "0", "GOTOOLCHAIN": "auto", "GOWORK": "off"}
    # Verified by go.sum here; what it needs is by its own.
    download = [program, "mod", "download", "-json", MODULE]
    told = json.loads(subprocess.check_output(download, cwd=SOURCES, env=environment, text=True))
    half_done = target.with_name(f"{target.name}.new")
    shutil.rmtree(half_done, ignore_errors=True)
    half_done.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as scratch:
        sources = Path(scratch) / "argo"
        # A copy that can be written: modules hold no links, and one of its files is one.
        subprocess.run(["cp", "--recursive", "--no-preserve=mode", told["Dir"], str(sources)], check=True)
        (sources / "workflow/executor/osspecific/signal_linux.go").symlink_to("signal_darwin.go")
        flags = ["-trimpath", "-gcflags=all=-dwarf=false", "-ldflags", "-s -w", "-o", f"{half_done}/"]
        packages = [f"./cmd/{name}" for name in PROGRAMS]
        subprocess.run([program, "build", *flags, *packages], cwd=sources, env=environment, check=True)
        crds = sorted((sources / "manifests/base/crds/minimal").glob("argoproj.io_*.yaml"))
        (half_done / "crds.yaml").write_text("---\n".join(each.read_text() for each in crds))
    (half_done / "root" / "bin").mkdir(parents=True)
    (half_done / "argoexec").rename(half_done / "root" / "bin" / "argoexec")
    scratch_folder = half_done / "root" / "tmp"
    scratch_folder.mkdir()
    scratch_folder.chmod(0o1777)  # the executor has no rights of root's
    (half_done / "Dockerfile").write_text(DOCKERFILE)
    half_done.rename(target)


@contextmanager
def controller(namespace: str, log: Path) -> Iterator[None]:
    """A controller of the workflows of one namespace."""
    target = folder()
    if not target.exists():
        raise AssertionError("Argo Workflows is not built: `make doors-argo`")
    recipe = Recipe(IMAGE, target / "Dockerfile", target)
    load([images.archived(recipe, target.name)])
    kubectl("apply", "--server-side", "--filename", str(target / "crds.yaml"))
    kubectl("wait", "--for=condition=Established", "--timeout=30s", "crd/workflows.argoproj.io")
    settings = ["create", "configmap", "workflow-controller-configmap", "--namespace", namespace]
    kubectl(
        *settings,
        "--from-literal=metricsConfig={enabled: false}",
        "--from-literal=executor={imagePullPolicy: Never}",
    )
    options = ["--namespaced", "--namespace", namespace, "--executor-image", IMAGE, "--loglevel", "warn"]
    environment = {**os.environ, "LEADER_ELECTION_DISABLE": "true"}
    with log.open("w") as output:
        command = [str(target / "workflow-controller"), *options]
        process = subprocess.Popen(command, stdout=output, stderr=output, env=environment)
        try:
            yield
        finally:
            process.terminate()
            process.wait(30)
            kubectl("delete", "--ignore-not-found", "--wait=false", "--filename", str(target / "crds.yaml"))


if __name__ == "__main__":
    build()
