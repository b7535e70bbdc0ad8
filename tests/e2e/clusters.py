"""A DaskCluster as tests look at it."""

from typing import Any

from tests.e2e.pods import python_pod
from tests.kube import PODS_ENDS, Kube


class Cluster:
    """A DaskCluster and those who use it."""

    def __init__(self, kube: Kube, name: str) -> None:
        self.kube = kube
        self.name = name

    @property
    def status(self) -> dict[str, Any]:
        return self.kube.status("DaskCluster", self.name)

    def pods(self) -> list[dict[str, Any]]:
        """Its workers' pods, stopped ones too."""
        uid = (self.kube.get("DaskCluster", self.name) or {})["metadata"]["uid"]
        pods = self.kube.items("Pod", "daskflow.dev/component=worker")
        return [pod for pod in pods if pod["metadata"]["ownerReferences"][0]["uid"] == uid]

    def workers(self, *, over: bool = False) -> list[str]:
        """Names of its workers' pods that live (or all)."""
        pods = self.pods()
        return [pod["metadata"]["name"] for pod in pods if over or pod["status"]["phase"] not in PODS_ENDS]

    def reaches(self, phase: str, seconds: float = 60, **numbers: int) -> dict[str, Any]:
        """Its status once it is in this phase and has as many workers as that."""

        def there() -> bool:
            status, metadata = self.status, (self.kube.get("DaskCluster", self.name) or {})["metadata"]
            workers = status.get("workers", {})
            same = status.get("observedGeneration") == metadata["generation"]
            return (
                same and status["phase"] == phase and all(workers[name] == n for name, n in numbers.items())
            )

        self.kube.wait(f"{self.name} to be {phase} with {numbers}", there, seconds)
        return self.status

    def client(self, name: str, code: str) -> None:
        """Somebody connects in a pod of their own."""
        status = self.status
        env = {"DASK_CONFIG": "/daskflow/dask.yaml", "DASK_SCHEDULER_ADDRESS": status["address"]}
        self.kube.create(python_pod(name, code, {"/daskflow": status["secretName"]}, env))

    def said(self, name: str, seconds: float = 60) -> str:
        """What the client printed until its end."""
        return self.kube.printed(name, seconds).strip()
