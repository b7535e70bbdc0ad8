"""Who cannot reach a cluster's pods, and what those pods may do themselves."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.flows import QUICK, dask_cluster, flow_run
from tests.e2e.intrusion import intrusion
from tests.kube import Kube, namespace


@pytest.fixture(scope="module")
def home(installed: None) -> Iterator[Kube]:
    """A namespace that enforces `restricted`, with a cluster and one whose certificates are stolen."""
    with namespace() as kube:
        kube.create(dask_cluster("shared"))
        kube.create(dask_cluster("other", workers={"replicas": 0}))
        yield kube


def status(kube: Kube, name: str) -> dict[str, Any]:
    """A DaskCluster's status once it is ready."""
    return kube.reached("DaskCluster", name, "Ready")


@pytest.fixture(scope="module")
def tried(home: Kube) -> dict[str, Any]:
    """What an intruder in another namespace tried, and what came of it."""
    return intrusion(home, status(home, "shared"), status(home, "other"))


def test_who_has_the_clusters_certificates_gets_in(tried: dict[str, Any]) -> None:
    """Else nothing of what follows would prove anything."""
    assert tried["submit with the cluster's own"] == 45
    assert tried["control with the cluster's own"] == 200
    assert tried["scheduler's ready port"] == "listens"


@pytest.mark.parametrize("who", ["no certificate", "another cluster's"])
def test_nobody_else_submits_work_or_reaches_the_control_listener(tried: dict[str, Any], who: str) -> None:
    for what in ("submit", "control"):
        assert str(tried[f"{what} with {who}"]).startswith("refused"), tried


def test_plain_tcp_is_refused(tried: dict[str, Any]) -> None:
    for what in ("submit over plain TCP", "control over plain HTTP", "worker's comm over plain HTTP"):
        assert str(tried[what]).startswith("refused"), tried


@pytest.mark.parametrize("path", ["/json/counts.json", "/metrics", "/health"])
def test_dasks_own_http_servers_are_not_to_be_reached(tried: dict[str, Any], path: str) -> None:
    for whose in ("scheduler", "worker"):
        assert "ConnectionRefused" in str(tried[f"{whose} {path}"]), tried


INSIDE = """
import os
from distributed import Client, worker_client

def look(dask_scheduler=None):
    import dask
    state = dict(line.split(":", 1) for line in open("/proc/self/status") if ":" in line)
    try:
        open("/written", "w")
        root = "writable"
    except OSError as error:
        root = os.strerror(error.errno)
    return {
        "config": dask.config.get("mine.answer", None),
        "uid": os.getuid(),
        "root": root,
        "token": os.path.exists("/var/run/secrets/kubernetes.io"),
        "seccomp": state["Seccomp"].strip(),
        "capabilities": int(state["CapEff"], 16) | int(state["CapBnd"], 16),
        "privileges": state["NoNewPrivs"].strip(),
        "pid_file": os.path.exists("/tmp/dask.pid"),
    }

with Client() as client:
    (worker,) = client.run(look).values()
    magic = client.submit(len, "ab", resources={"MAGIC": 1}).result()
    result = {"runner": look(), "scheduler": client.run_on_scheduler(look), "worker": worker, "magic": magic}
"""


@pytest.fixture(scope="module")
def inside(home: Kube) -> dict[str, Any]:
    """What the processes of a run see of themselves, in a namespace that enforces `restricted`."""
    cluster = {
        "config": {"mine": {"answer": 42}},
        "scheduler": {"args": ["--pid-file", "/tmp/dask.pid"]},
        "workers": {"replicas": 1, "args": ["--resources", "MAGIC=1"]},
    }
    home.create(flow_run("inside", INSIDE, cluster=cluster))
    found: dict[str, Any] = home.result("inside")
    return found


@pytest.mark.parametrize("role", ["runner", "scheduler", "worker"])
def test_a_process_of_ours_can_do_little_beyond_its_work(inside: dict[str, Any], role: str) -> None:
    seen = inside[role]
    assert seen["uid"] == 1000
    assert seen["root"] == "Read-only file system"
    assert seen["token"] is False
    assert (seen["seccomp"], seen["capabilities"], seen["privileges"]) == ("2", 0, "1")


def test_config_reaches_all_and_args_their_own(inside: dict[str, Any]) -> None:
    assert [inside[role]["config"] for role in ("runner", "scheduler", "worker")] == [42, 42, 42]
    assert [inside[role]["pid_file"] for role in ("runner", "scheduler", "worker")] == [False, True, False]
    assert inside["magic"] == 2


def test_certificates_that_the_user_brings_and_the_images_own_user(home: Kube, tmp_path: Path) -> None:
    """The certificates are made as docs/security.md says; the user is that of docker/Dockerfile.flows."""
    page = (Path(__file__).parents[2] / "docs" / "security.md").read_text()
    commands = page.split("```sh\n")[1].split("```")[0]
    script = f'kubectl() {{ command kubectl -n {home.namespace} "$@"; }}\n{commands}'
    subprocess.run(["bash", "-euc", script], cwd=tmp_path, check=True, capture_output=True)
    security = {"tls": {"mode": "Secret", "secretName": "my-dask-certificates"}, "runAsUser": "Image"}
    script = f"import os\n{QUICK}\nresult = [result, os.getuid(), open('/daskflow/ca.crt').read()]"
    home.create(flow_run("brought", script, security=security))
    assert home.result("brought") == [45, 1000, (tmp_path / "ca.crt").read_text()]
    pods = [pod for pod in home.items("Pod") if pod["metadata"]["name"].startswith("brought-")]
    assert pods
    for pod in pods:
        assert set(pod["spec"]["securityContext"]) == {"runAsNonRoot", "seccompProfile"}


def test_what_a_cluster_brings_along_goes_with_it(home: Kube) -> None:
    (policy,) = [
        item for item in home.items("NetworkPolicy") if item["metadata"]["name"].startswith("shared")
    ]
    assert policy["spec"]["podSelector"]["matchLabels"] == {
        "daskflow.dev/cluster": policy["metadata"]["name"]
    }
    home.create(dask_cluster("open", security={"networkPolicy": {"enabled": False}}, workers={"replicas": 0}))
    status(home, "open")
    assert not [item for item in home.items("NetworkPolicy") if item["metadata"]["name"].startswith("open")]
    home.delete("DaskCluster", "other")
    home.wait("the other cluster to go", lambda: not home.owned("other"), 40)
