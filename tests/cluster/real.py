"""A local cluster with one real node: containers run."""

import json
from collections.abc import Callable
from pathlib import Path

from tests.cluster import images, node
from tests.cluster.binary import programs
from tests.cluster.local import Component, LocalCluster
from tests.cluster.settings import REPOSITORY
from tests.cluster.shell import output, say, succeeds, wait_for
from tests.cluster.toolchain import IMAGE_PACKAGES, NODE_PACKAGES, install

BOOTSTRAP = REPOSITORY / "tests" / "cluster" / "bootstrap.yaml"
RESOLVES = "import socket; socket.gethostbyname('kubernetes.default.svc.cluster.local')"


class RealNode(LocalCluster):
    provider = "local"

    def prepare(self) -> None:
        install({**NODE_PACKAGES, **IMAGE_PACKAGES})

    def files(self) -> dict[Path, str]:
        return node.files(self.layout, self.sandbox.name)

    def node_components(self) -> list[Component]:
        return [
            Component("containerd", node.containerd(self.layout), late=False),
            Component("kubelet", node.kubelet(self.layout)),
            Component("kube-proxy", node.proxy(self.layout)),
            Component("coredns", node.coredns(self.layout)),
        ]

    def early(self) -> None:
        wait_for("containerd", lambda: succeeds(self._ctr("version")), 30)
        self.load(images.pause(programs().pause))

    def furnish(self) -> None:
        self.apply(BOOTSTRAP.read_text())

    def ready(self) -> list[tuple[str, Callable[[], bool]]]:
        return [
            ("the default service account", lambda: bool(self.asks("get", "serviceaccount", "default"))),
            ("a ready node", self._node_is_ready),
            ("an answer from the cluster's DNS", self._dns_answers),
        ]

    def _node_is_ready(self) -> bool:
        path = "jsonpath={.items[*].status.conditions[?(@.type=='Ready')].status}"
        return self.asks("get", "nodes", "-o", path) == "True"

    def _dns_answers(self) -> bool:
        return succeeds(self.access(programs()).command(["python3", "-c", RESOLVES]))

    def load(self, archive: images.Archive) -> bool:
        """Load an image unless the node has this very content; whether that was needed."""
        record = self.layout.directory / "images.json"
        loaded = json.loads(record.read_text()) if record.exists() else {}
        if loaded.get(archive.name) == archive.key and archive.name in self._node_images():
            return False
        output([*self._ctr("images", "import"), archive.file])
        if archive.name not in self._node_images():
            raise AssertionError(archive.name)
        record.write_text(json.dumps({**loaded, archive.name: archive.key}))
        say(f"loaded {archive.name}")
        return True

    def _node_images(self) -> list[str]:
        return output(self._ctr("images", "ls", "--quiet")).split()

    def _ctr(self, *arguments: str) -> list[str]:
        return ["ctr", "--address", str(node.socket(self.layout)), "--namespace", "k8s.io", *arguments]
