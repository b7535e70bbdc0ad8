"""A standalone cluster's certificates end: the warning, by an operator for which it is later, and renewal."""

import base64
import json
from pathlib import Path

from cryptography import x509
from daskflow.manifests.certificates import VALID_FOR

from benchmarks import processes
from tests.e2e.clusters import Cluster
from tests.e2e.flows import dask_cluster
from tests.e2e.operator import Operator
from tests.kube import Kube, kubectl

AHEAD = f"""
from datetime import timedelta
from daskflow.controller import main, clock as wall_clock
now = wall_clock.WallClock.now
wall_clock.WallClock.now = lambda self: now(self) + timedelta(days={VALID_FOR.days - 20})
main.main()
"""


def warning(cluster: Cluster) -> dict[str, str]:
    """The condition CertificateExpiring; empty if there is none."""
    found = [each for each in cluster.status.get("conditions", ()) if each["type"] == "CertificateExpiring"]
    return dict(found[0]) if found else {}


def certificate(cluster: Cluster) -> x509.Certificate:
    """What its clients show."""
    secret = cluster.kube.get("Secret", cluster.status["secretName"]) or {}
    return x509.load_pem_x509_certificate(base64.b64decode(secret["data"]["tls.crt"]))


def test_certificates_that_end_soon_are_warned_of(kube: Kube, operator: Operator, tmp_path: Path) -> None:
    kube.create(dask_cluster("certified", workers={"replicas": 0}))
    plain = {"tls": {"mode": "Disabled"}}
    kube.create(dask_cluster("plain", workers={"replicas": 0}, security=plain))
    clusters = [Cluster(kube, name) for name in ("certified", "plain")]
    for cluster in clusters:
        cluster.reaches("Ready")
    certified, _ = clusters
    operator.stop()
    with processes.operator(tmp_path / "log", ("-c", AHEAD), DASKFLOW_NAMESPACES=kube.namespace):
        kube.wait("the warning", lambda: warning(certified).get("status") == "True", 20)
        assert "kubectl replace --force" in warning(certified)["message"]
        kube.wait("its Event", lambda: ("Warning", "CertificateExpiring") in kube.events("certified"), 10)
    assert certified.status["phase"] == "Ready"  # nothing has happened yet
    assert [warning(cluster) == {} for cluster in clusters] == [False, True]


def test_a_cluster_that_is_replaced_has_new_certificates(kube: Kube, tmp_path: Path) -> None:
    manifest = dask_cluster("certified", workers={"replicas": 0})
    kube.create(manifest)
    cluster = Cluster(kube, "certified")
    cluster.reaches("Ready")
    before, uid = certificate(cluster), cluster.status["scheduler"]["uid"]
    file = tmp_path / "certified.yaml"
    file.write_text(json.dumps(manifest))
    answer = kubectl("replace", "--force", "--namespace", kube.namespace, "--filename", str(file))
    assert answer.returncode == 0, answer.stderr
    kube.wait(
        "a new scheduler", lambda: (cluster.status.get("scheduler") or {}).get("uid") not in (None, uid)
    )
    cluster.reaches("Ready")
    after = certificate(cluster)
    assert after.public_key() != before.public_key()
    assert after.not_valid_after_utc > before.not_valid_after_utc
