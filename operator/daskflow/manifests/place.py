"""Where a pod belongs: which cluster's it is, and how it reaches the scheduler."""

from dataclasses import dataclass

from daskflow.api.names import PORT_CONTROL, PORT_SCHEDULER


@dataclass(frozen=True)
class Place:
    """Which cluster a pod belongs to."""

    base: str
    """The common beginning of the cluster's names; also the name of its Service."""
    cluster_ip: str
    """The Service's address, known before any pod exists, so that nobody waits for DNS.

    Empty for a runner without a cluster.
    """
    tls: bool
    certificates: str = ""
    """The user's Secret with ca.crt, tls.crt and tls.key; empty: they are in the cluster's own."""

    external: str = ""
    """The address of a scheduler that is none of ours."""

    secret: str = ""
    """The Secret that pods mount; empty: it has the name of the Service, as earlier versions gave it."""

    @property
    def mounted(self) -> str:
        """The name of the Secret that pods mount."""
        return self.secret or self.base

    @property
    def address(self) -> str:
        """Where Dask clients and workers connect; empty without a scheduler."""
        if not self.cluster_ip:
            return self.external
        return f"{'tls' if self.tls else 'tcp'}://{_host(self.cluster_ip)}:{PORT_SCHEDULER}"

    @property
    def control(self) -> str:
        """The scheduler's control listener; empty where there is none."""
        if not self.cluster_ip:
            return ""
        return f"{'https' if self.tls else 'http'}://{_host(self.cluster_ip)}:{PORT_CONTROL}"


def _host(ip: str) -> str:
    return f"[{ip}]" if ":" in ip else ip
