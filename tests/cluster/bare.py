"""A local cluster without nodes, for proofs that need their own: who wants pods to run plays the kubelet."""

import os
from collections.abc import Callable
from pathlib import Path

from tests.cluster.images import Archive
from tests.cluster.local import Component, LocalCluster
from tests.cluster.toolchain import NODE_PACKAGES, install


class NoNodes(LocalCluster):
    provider = "bare"

    def prepare(self) -> None:
        # Where the network's programs are, and some users' shells do not look.
        os.environ["PATH"] += ":/usr/local/sbin:/usr/sbin:/sbin"
        install({"iproute2": NODE_PACKAGES["iproute2"]})

    def files(self) -> dict[Path, str]:
        return {}

    def _components(self) -> list[Component]:
        """Who binds pods is not the scheduler."""
        return [each for each in super()._components() if each.name != "kube-scheduler"]

    def node_components(self) -> list[Component]:
        return []

    def early(self) -> None:
        """There is no container runtime to prepare."""

    def furnish(self) -> None:
        """Nodes are made by whoever plays them."""

    def ready(self) -> list[tuple[str, Callable[[], bool]]]:
        return [("the default service account", lambda: bool(self.asks("get", "serviceaccount", "default")))]

    def load(self, archive: Archive) -> bool:
        """No image is ever pulled."""
        return False
