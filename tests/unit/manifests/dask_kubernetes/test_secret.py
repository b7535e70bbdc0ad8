"""The Secret of a cluster of dask-kubernetes' users."""

from daskflow.manifests.dask_kubernetes.secret import mounted, secret
from daskflow.manifests.settings import Injection, Settings

CLUSTER = {
    "apiVersion": "kubernetes.dask.org/v1",
    "kind": "DaskCluster",
    "metadata": {
        "name": "lab",
        "namespace": "n",
        "uid": "u",
        "creationTimestamp": "2026-01-01T00:00:00Z",
        "labels": {"team": "weather"},
    },
}


def test_it_is_found_by_nobody_who_lacks_the_root_key() -> None:
    names = [mounted(CLUSTER, Settings(key * 32, b"", "", {})) for key in (b"a", b"b")]
    assert len(set(names)) == 2
    assert all(name.startswith("lab-") for name in names)


def test_it_has_the_runtime_and_what_is_injected() -> None:
    settings = Settings(b"a" * 32, b"zip", "", {})
    made = secret(CLUSTER, Injection(tls="Pods"), settings)
    assert made["metadata"]["name"] == mounted(CLUSTER, settings)
    assert made["metadata"]["labels"]["team"] == "weather"
    assert made["data"] == {"runtime.pyz": "emlw"}
    assert {"tls.key", "daskflow_scheduler.py"} <= made["stringData"].keys()
    assert made["immutable"] is True
