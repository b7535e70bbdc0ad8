"""The one Go binary (etcd, Kubernetes, CoreDNS, kubectl, helm, kwok), built once per content of sources."""

import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tests.cluster.hashing import digest
from tests.cluster.settings import REPOSITORY, cache
from tests.cluster.shell import Trouble, locked, output, say
from tests.cluster.toolchain import go

SOURCES = REPOSITORY / "tests" / "cluster" / "kube"
KUBERNETES = "v1.36.3"
PROGRAMS = (
    *(
        "etcd",
        "coredns",
        "kube-apiserver",
        "kube-controller-manager",
        "kube-scheduler",
        "kube-proxy",
        "kubelet",
    ),
    *("kubectl", "helm", "kwok"),
)
TOOLS = ("kubectl", "helm", "kwok")

# Without cgo and debug information the build takes half the time.
VERSION_FLAGS = " ".join(
    f"-X {package}/version.gitVersion={KUBERNETES}"
    for package in ("k8s.io/component-base", "k8s.io/client-go/pkg")
)
FLAGS = [
    "-trimpath",
    "-gcflags=all=-dwarf=false",
    "-tags",
    "providerless",
    "-ldflags",
    f"-s -w {VERSION_FLAGS}",
]


@dataclass(frozen=True)
class Programs:
    """A built binary, as a folder of links named after the programs that it is."""

    directory: Path

    @property
    def tools(self) -> Path:
        """What belongs on a user's PATH."""
        return self.directory / "tools"

    @property
    def pause(self) -> Path:
        return self.directory / "pause"

    def path(self, name: str) -> str:
        return str(self.directory / name)


def programs() -> Programs:
    """The binary for the sources as they are now, built when it is not there yet."""
    key = digest([SOURCES], [*FLAGS])
    directory = cache() / "kube" / key
    if not directory.exists():
        with locked(cache() / "kube" / "lock", "the Kubernetes binary"):
            if not directory.exists():
                _build(directory)
    return Programs(directory)


def _build(directory: Path) -> None:
    started = time.monotonic()
    wanted = re.search(r"^go (\S+)$", (SOURCES / "go.mod").read_text(), re.MULTILINE)
    program = go(wanted[1] if wanted else "1.26.0")
    environment = {**os.environ, "CGO_ENABLED": "0", "GOGC": "off", "GOTOOLCHAIN": "auto", "GOWORK": "off"}
    say("building Kubernetes from Go modules: once, about six minutes on two cores")
    say("  fetching modules")
    packages = _packages(program, environment)
    half_done = directory.with_name(f"{directory.name}.new")
    shutil.rmtree(half_done, ignore_errors=True)
    half_done.mkdir(parents=True)
    _compile([program, "build", "-v", *FLAGS, "-o", f"{half_done}/", ".", "./pause"], environment, packages)
    _link(half_done)
    half_done.rename(directory)
    say(f"built Kubernetes {KUBERNETES} in {time.monotonic() - started:.0f} s")
    for other in directory.parent.iterdir():
        if other.is_dir() and other != directory and time.time() - other.stat().st_mtime > 7 * 86400:
            shutil.rmtree(other, ignore_errors=True)


def _packages(program: str, environment: dict[str, str]) -> int:
    done = subprocess.run(
        [program, "list", "-deps", "-tags", "providerless", ".", "./pause"],
        cwd=SOURCES,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Trouble(f"Go modules could not be fetched: {done.stderr.strip()[-2000:]}")
    return len(done.stdout.split())


def _compile(command: list[str], environment: dict[str, str], packages: int) -> None:
    """Run `go build -v`, which names each package it has to compile, and show how far it is."""
    complaints: list[str] = []
    compiled, shown = 0, time.monotonic()
    with subprocess.Popen(command, cwd=SOURCES, env=environment, stderr=subprocess.PIPE, text=True) as build:
        assert build.stderr is not None
        for line in build.stderr:
            if re.fullmatch(r"[\w.\-/~]+\n", line):
                compiled += 1
            else:
                complaints.append(line)
            if time.monotonic() - shown > (1 if sys.stderr.isatty() else 15):
                shown = time.monotonic()
                say(f"  compiled {compiled} of at most {packages} packages")
    if build.returncode:
        raise Trouble(f"`go build` failed:\n{''.join(complaints)[-4000:]}")


def _link(directory: Path) -> None:
    tools = directory / "tools"
    tools.mkdir()
    for name in PROGRAMS:
        (directory / name).symlink_to("kube")
    for name in TOOLS:
        (tools / name).symlink_to("../kube")
    output([directory / "kubectl", "version", "--client"])
