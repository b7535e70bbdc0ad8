"""Where things are kept, and the addresses inside the local cluster's own network."""

import os
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
IN = REPOSITORY / "tests" / "cluster" / "in"

# None of these is ever seen outside the cluster's network namespace.
NODE_IP = "10.200.0.1"
SERVICE_RANGE = "10.201.0.0/16"
API_SERVICE_IP = "10.201.0.1"
DNS_SERVICE_IP = "10.201.0.10"
POD_RANGE = "10.202.0.0/16"

API_SERVER = f"https://{NODE_IP}:6443"
NODE_NAME = "node"


def cache() -> Path:
    """What is worth keeping between clusters: the binary, image archives, build storage."""
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(root) / "daskflow"


def state() -> Path:
    """What belongs to clusters that are up. `tests/cluster/in` computes the same place."""
    chosen = os.environ.get("DASKFLOW_STATE")
    return Path(chosen).resolve() if chosen else cache() / "clusters"
