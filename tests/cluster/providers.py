"""Which cluster there is: one that was given, one of kind's, or the project's own."""

import os
import platform
import shutil
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

from tests.cluster import images
from tests.cluster.access import Access, record_file
from tests.cluster.bare import NoNodes
from tests.cluster.external import GivenCluster, KindCluster
from tests.cluster.images import Archive, Image
from tests.cluster.real import RealNode
from tests.cluster.settings import state
from tests.cluster.shell import Trouble, locked, say, succeeds
from tests.cluster.simulated import MeasuredNodes, SimulatedNodes


class Provider(Protocol):
    provider: str

    def up(self) -> Access: ...
    def down(self) -> bool: ...
    def is_up(self) -> bool: ...
    def status(self) -> list[str]: ...
    def load(self, archive: Archive) -> bool: ...


def choose(simulated: bool = False) -> Provider:
    """The provider for this machine and environment."""
    given = os.environ.get("DASKFLOW_KUBECONFIG")
    wanted = "simulated" if simulated else os.environ.get("DASKFLOW_CLUSTER", "")
    if given and not wanted:
        return GivenCluster(Path(given).resolve())
    if wanted == "kind" or (not wanted and _kind_works()):
        return KindCluster()
    _check_machine()
    # Where the node's programs are, and some users' shells do not look.
    os.environ["PATH"] += ":/usr/local/sbin:/usr/sbin:/sbin"
    return SimulatedNodes() if wanted == "simulated" else RealNode()


def _kind_works() -> bool:
    return bool(shutil.which("kind") and shutil.which("docker")) and succeeds(["docker", "info"])


def _check_machine() -> None:
    if platform.system() != "Linux":
        raise Trouble(
            "the local cluster needs Linux: start Docker and install kind, or set DASKFLOW_KUBECONFIG"
        )
    if os.geteuid() != 0:
        raise Trouble("the local cluster needs root: run this as root, or start Docker and install kind")


def up(simulated: bool = False, wanted: Iterable[Image] = ()) -> Access:
    """The cluster, with these images in it."""
    provider = choose(simulated)
    with locked(state() / "lock", "the cluster"), ThreadPoolExecutor() as pool:
        # Images are built while the cluster is: the one waits for the network, the other for the processor.
        building = pool.submit(images.build_all, wanted)
        access = provider.up()
        access.record()
        for archive in building.result():
            provider.load(archive)
    return access


def down() -> None:
    with locked(state() / "lock", "the cluster"):
        ended = [provider.provider for provider in _all() if provider.down()]
        record_file().unlink(missing_ok=True)
        say(f"ended: {', '.join(ended)}" if ended else "no cluster was up")


def current() -> Provider:
    access = Access.current()
    if access is None:
        raise Trouble("no cluster is up: run `make cluster`")
    if access.provider == GivenCluster.provider:
        return GivenCluster(access.kubeconfig)
    return {provider.provider: provider for provider in _all()}[access.provider]


def load(archives: Iterable[Archive]) -> None:
    with locked(state() / "lock", "the cluster"):
        provider = current()
        for archive in archives:
            provider.load(archive)


def status() -> int:
    provider = current()
    print(f"provider: {provider.provider}")
    for line in provider.status():
        print(line)
    return 0 if provider.is_up() else 1


def _all() -> list[Provider]:
    return [KindCluster(), RealNode(), SimulatedNodes(), MeasuredNodes(), NoNodes()]
