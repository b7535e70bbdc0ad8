"""A local cluster with many simulated nodes, for scale: KWOK says that their pods run."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from tests.cluster.images import Archive
from tests.cluster.local import Component, LocalCluster
from tests.cluster.settings import POD_RANGE, REPOSITORY
from tests.cluster.toolchain import NODE_PACKAGES, install

NODES = 20
PODS_PER_NODE = 2000
STAGES = REPOSITORY / "tests" / "cluster" / "stages.yaml"
FLOWS = REPOSITORY / "tests" / "cluster" / "flow_stages.yaml"


class SimulatedNodes(LocalCluster):
    provider = "simulated"

    def prepare(self) -> None:
        install({"iproute2": NODE_PACKAGES["iproute2"]})

    def files(self) -> dict[Path, str]:
        return {self.layout.settings / "stages.yaml": self._stages()}

    def _stages(self) -> str:
        return STAGES.read_text()

    def node_components(self) -> list[Component]:
        arguments = [
            f"--kubeconfig={self.layout.kubeconfig_of('kwok')}",
            f"--config={self.layout.settings / 'stages.yaml'}",
            "--manage-all-nodes=true",
            "--node-lease-duration-seconds=40",
            f"--cidr={POD_RANGE}",
        ]
        return [Component("kwok", arguments)]

    def early(self) -> None:
        """There is no container runtime to prepare."""

    def furnish(self) -> None:
        self.apply(yaml.safe_dump_all(node(number) for number in range(NODES)))

    def ready(self) -> list[tuple[str, Callable[[], bool]]]:
        return [
            ("the default service account", lambda: bool(self.asks("get", "serviceaccount", "default"))),
            (f"{NODES} ready nodes", self._nodes_are_ready),
        ]

    def _nodes_are_ready(self) -> bool:
        path = "jsonpath={.items[*].status.conditions[?(@.type=='Ready')].status}"
        return self.asks("get", "nodes", "-o", path).split() == ["True"] * NODES

    def load(self, archive: Archive) -> bool:
        """Simulated nodes have every image."""
        return False


class MeasuredNodes(SimulatedNodes):
    """Beside any other cluster, for `benchmarks.scale`; runners end by themselves, with an outcome."""

    provider = "measured"

    def prepare(self) -> None:
        # Where the network's programs are, and some users' shells do not look.
        os.environ["PATH"] += ":/usr/local/sbin:/usr/sbin:/sbin"
        super().prepare()

    def _stages(self) -> str:
        return f"{STAGES.read_text()}---\n{FLOWS.read_text()}"


def node(number: int) -> dict[str, Any]:
    size = {"cpu": "2000", "memory": "8Ti", "pods": str(PODS_PER_NODE), "ephemeral-storage": "8Ti"}
    name = f"node-{number:02}"
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "annotations": {"kwok.x-k8s.io/node": "fake"},
            "labels": {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "type": "kwok"},
        },
        "status": {"allocatable": size, "capacity": size},
    }
