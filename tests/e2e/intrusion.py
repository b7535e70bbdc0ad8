"""Somebody else's pod tries to get into a cluster, with what another cluster's pods have, and without."""

import base64
import json
from pathlib import Path
from typing import Any

from tests.e2e.pods import python_pod
from tests.kube import Kube, namespace

INTRUDER = Path(__file__).with_name("intruder.py").read_text()
ADDRESSES = """
import json
from distributed import Client
client = Client()
(worker,) = client.scheduler_info()["workers"].items()
print(json.dumps({"worker": worker[0], "http": worker[1]["services"].get("dashboard")}))
"""


def output(kube: Kube, pod: dict[str, Any], seconds: float = 90) -> str:
    """What a pod printed until it ended."""
    return kube.printed(kube.create(pod)["metadata"]["name"], seconds)


def secret(kube: Kube, name: str) -> dict[str, str]:
    """A Secret's data, as it is stored."""
    found = kube.get("Secret", name)
    assert found is not None
    data: dict[str, str] = found["data"]
    return data


def intrusion(home: Kube, target: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """What an intruder in another namespace tried against the first of two clusters, of which these are the
    statuses, and what came of it. The first has one worker."""
    env = {"DASK_CONFIG": "/daskflow/dask.yaml", "DASK_SCHEDULER_ADDRESS": target["address"]}
    asks = python_pod(
        f"asks-{target['scheduler']['pod']}", ADDRESSES, {"/daskflow": target["secretName"]}, env
    )
    said = json.loads(output(home, asks))
    worker, port = said["worker"].removeprefix("tls://").rsplit(":", 1)
    scheduler = home.get("Pod", target["scheduler"]["pod"])
    assert scheduler is not None
    own, others = secret(home, target["secretName"]), secret(home, other["secretName"])
    where = {
        "scheduler": scheduler["status"]["podIP"],
        "worker": worker,
        "worker_port": int(port),
        "worker_http": said["http"],
        "token": base64.b64decode(own["token"]).decode(),
    }
    folders = {"no certificate": None, "another cluster's": "/other", "the cluster's own": "/own"}
    env = {"TARGET": json.dumps(where), "FOLDERS": json.dumps(folders)}
    with namespace() as abroad:
        for name, data in {"own": own, "other": others}.items():
            abroad.create({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "data": data})
        text = output(abroad, python_pod("intruder", INTRUDER, {"/own": "own", "/other": "other"}, env))
    return dict(json.loads(line) for line in text.splitlines() if line.startswith("["))
