"""A real Kubernetes for demo, tests and benchmarks, on any Linux machine.

`ensure_up()` is for test fixtures. Network clients reach the local cluster only from inside its network, so
run pytest through `tests/cluster/in`, as `make test` does; `Cluster.command` is for commands from anywhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.cluster import providers
from tests.cluster.access import Access


@dataclass(frozen=True)
class Cluster:
    """A cluster that is up."""

    access: Access

    @property
    def provider(self) -> str:
        return self.access.provider

    @property
    def kubeconfig(self) -> Path:
        return self.access.kubeconfig

    def command(self, arguments: Sequence[str]) -> list[str]:
        """The command that runs `arguments` where the cluster can be reached."""
        return self.access.command(arguments)


def ensure_up(simulated: bool = False) -> Cluster:
    """The cluster, made when there is none; no more than a look when it is up."""
    return Cluster(providers.up(simulated=simulated))
