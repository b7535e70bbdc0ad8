"""Clusters that are made by others: one whose kubeconfig was given, and one of kind's."""

import shutil
from pathlib import Path

from tests.cluster.access import Access
from tests.cluster.binary import programs
from tests.cluster.images import Archive
from tests.cluster.settings import state
from tests.cluster.shell import Trouble, output, say, succeeds


def _tools() -> Path | None:
    """kubectl and helm where the machine has none."""
    return None if shutil.which("kubectl") and shutil.which("helm") else programs().tools


class GivenCluster:
    """A cluster that exists: used, never changed by `up` or `down`."""

    provider = "given"

    def __init__(self, kubeconfig: Path) -> None:
        self.kubeconfig = kubeconfig

    def up(self) -> Access:
        access = Access(self.provider, self.kubeconfig, _tools())
        kubectl = f"{access.tools}/kubectl" if access.tools else "kubectl"
        output([kubectl, "--kubeconfig", str(self.kubeconfig), "get", "--raw", "/readyz"])
        say(f"using the cluster of {self.kubeconfig}")
        return access

    def down(self) -> bool:
        return False

    def is_up(self) -> bool:
        return self.kubeconfig.exists()

    def status(self) -> list[str]:
        return [f"kubeconfig: {self.kubeconfig}"]

    def load(self, archive: Archive) -> bool:
        raise Trouble(f"please push {archive.file} to a registry that the given cluster pulls from")


class KindCluster:
    """A node in a Docker container, made by kind."""

    provider = "kind"
    name = "daskflow"

    @property
    def kubeconfig(self) -> Path:
        return state() / self.provider / "kubeconfig"

    def up(self) -> Access:
        if not self.is_up():
            say("making a cluster with kind")
            self.kubeconfig.parent.mkdir(parents=True, exist_ok=True)
            output([*self._kind("create", "cluster"), "--kubeconfig", str(self.kubeconfig), "--wait", "120s"])
        return Access(self.provider, self.kubeconfig, _tools())

    def down(self) -> bool:
        if not self.kubeconfig.exists():
            return False
        output(self._kind("delete", "cluster"))
        shutil.rmtree(self.kubeconfig.parent)
        return True

    def is_up(self) -> bool:
        return self.kubeconfig.exists() and succeeds(
            self._kind("export", "kubeconfig", f"--kubeconfig={self.kubeconfig}")
        )

    def status(self) -> list[str]:
        return [f"kubeconfig: {self.kubeconfig}"]

    def load(self, archive: Archive) -> bool:
        output([*self._kind("load", "image-archive"), str(archive.file)])
        say(f"loaded {archive.name}")
        return True

    def _kind(self, *arguments: str) -> list[str]:
        return ["kind", *arguments, "--name", self.name]
