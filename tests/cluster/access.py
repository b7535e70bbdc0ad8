"""How to reach a cluster: what `tests/cluster/in` reads, whatever made the cluster."""

import os
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.cluster.settings import IN, state


def record_file() -> Path:
    return state() / "current"


@dataclass(frozen=True)
class Access:
    """A kubeconfig, the tools that go with it, and for a local cluster the network to be in."""

    provider: str
    kubeconfig: Path
    tools: Path | None = None
    pid: int | None = None
    network: str = ""
    resolv: Path | None = None

    def command(self, arguments: Sequence[str]) -> list[str]:
        """The command that runs `arguments` where this cluster is reached, be it current or not."""
        file = state() / self.provider / "access"
        self.record(file)
        return ["env", f"DASKFLOW_ACCESS={file}", str(IN), *arguments]

    def record(self, file: Path | None = None) -> None:
        """Make this the current cluster, for every shell; or write how to reach it to another file."""
        file = file or record_file()
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists() or file.read_text() != self.render():
            new = file.with_suffix(f".{os.getpid()}")
            new.write_text(self.render())
            new.replace(file)

    def render(self) -> str:
        values = {
            "provider": self.provider,
            "kubeconfig": self.kubeconfig,
            "tools": self.tools or "",
            "pid": self.pid or "",
            "network": self.network,
            "resolv": self.resolv or "",
        }
        return "".join(f"{name}={shlex.quote(str(value))}\n" for name, value in values.items())

    @classmethod
    def current(cls) -> "Access | None":
        if not record_file().exists():
            return None
        values = {}
        for line in record_file().read_text().splitlines():
            name, _, value = line.partition("=")
            values[name] = "".join(shlex.split(value))
        return cls(
            provider=values["provider"],
            kubeconfig=Path(values["kubeconfig"]),
            tools=Path(values["tools"]) if values["tools"] else None,
            pid=int(values["pid"]) if values["pid"] else None,
            network=values["network"],
            resolv=Path(values["resolv"]) if values["resolv"] else None,
        )
