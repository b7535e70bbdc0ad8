"""What has to be on the machine: Debian packages, and a Go toolchain for the one binary."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

from tests.cluster.settings import cache
from tests.cluster.shell import Trouble, locked, logged, output, say

# Each package with a file that shows that it is there.
NODE_PACKAGES = {
    "containerd": "containerd",
    "runc": "runc",
    "containernetworking-plugins": "/usr/lib/cni/ptp",
    "iproute2": "ip",
    "nftables": "nft",
    "iptables": "iptables",
}
IMAGE_PACKAGES = {"buildah": "buildah", "mmdebstrap": "mmdebstrap"}


def install(packages: dict[str, str]) -> None:
    """Install those that are missing. One call at a time: images and cluster are made side by side."""
    if not _missing(packages):
        return
    with locked(cache() / "apt.lock", "Debian packages"):
        if missing := _missing(packages):
            _install(missing, packages)


def _missing(packages: dict[str, str]) -> list[str]:
    return [name for name, proof in packages.items() if not _present(proof)]


def _install(missing: list[str], packages: dict[str, str]) -> None:
    if not shutil.which("apt-get"):
        raise Trouble(
            f"please install {', '.join(missing)} with this system's package manager, then run this again"
        )
    say(f"installing Debian packages: {' '.join(missing)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    log = cache() / "logs" / "apt.log"
    logged(["apt-get", "update"], log, environment)
    # Whoever else installs just now (unattended upgrades of a machine that has just started) is waited for.
    patience = ["-o", "DPkg::Lock::Timeout=300"]
    logged(["apt-get", "install", "--yes", "--no-install-recommends", *patience, *missing], log, environment)
    for name in missing:
        if not _present(packages[name]):
            raise Trouble(f"Debian package {name} is installed, but {packages[name]} is not there; see {log}")
    _disable_service("containerd" if "containerd" in missing else "")


def _present(proof: str) -> bool:
    return Path(proof).exists() if proof.startswith("/") else shutil.which(proof) is not None


def _disable_service(name: str) -> None:
    # The cluster runs its own; the one that the package starts would only take memory.
    if name and shutil.which("systemctl"):
        subprocess.run(["systemctl", "disable", "--now", name], capture_output=True, check=False)


def go(wanted: str) -> str:
    """The path of a `go` that can build a module for the version `wanted` (such as 1.26.0).

    From 1.21 on, Go fetches a newer toolchain by itself, as a module. An older one fetches the same module
    when asked by its name.
    """
    program = shutil.which("go") or shutil.which("/usr/local/go/bin/go")
    if program is None:
        install({"golang-go": "go", "ca-certificates": "/etc/ssl/certs/ca-certificates.crt"})
        program = str(shutil.which("go"))
    version = re.search(r"go(\d+)\.(\d+)", output([program, "version"]))
    if version and (int(version[1]), int(version[2])) >= (1, 21):
        return program
    return fetched_go(program, wanted)


def fetched_go(program: str, wanted: str) -> str:
    platform = output([program, "env", "GOOS", "GOARCH"]).split()
    module = f"golang.org/toolchain@v0.0.1-go{wanted}.{'-'.join(platform)}"
    say(f"fetching Go {wanted}")
    environment = {**os.environ, "GOFLAGS": "-mod=mod", "GO111MODULE": "on"}
    done = subprocess.run(
        [program, "mod", "download", "-json", module],
        capture_output=True,
        text=True,
        env=environment,
        cwd="/",
        check=False,
    )
    if done.returncode:
        raise Trouble(
            f"Go {wanted} could not be fetched, please install it: {(done.stderr or done.stdout).strip()}"
        )
    root = Path(json.loads(done.stdout)["Dir"])
    # An older Go leaves out the bits that make its files executable.
    for tool in [*(root / "bin").iterdir(), *(root / "pkg" / "tool").rglob("*")]:
        if tool.is_file():
            tool.chmod(0o555)
    return str(root / "bin" / "go")
