"""The installed operator as tests treat it: killed, stopped and started again."""

from tests.kube import Kube

NAMESPACE = "daskflow-system"
SELECTOR = "app.kubernetes.io/name=daskflow"


class Operator:
    """The Deployment in `daskflow-system`."""

    def __init__(self) -> None:
        self.kube = Kube(NAMESPACE)

    @property
    def _name(self) -> str:
        (deployment,) = self.kube.items("Deployment", SELECTOR)
        return str(deployment["metadata"]["name"])

    def kill(self) -> None:
        """SIGKILL at this moment; the Deployment starts another at once."""
        for pod in self.kube.items("Pod", SELECTOR):
            self.kube.delete("Pod", pod["metadata"]["name"], grace=0)

    @property
    def restarts(self) -> int:
        """How often the pods that there are have died by themselves: no test has them do so."""
        pods = self.kube.items("Pod", SELECTOR)
        states = [state for pod in pods for state in pod["status"].get("containerStatuses", ())]
        return sum(state["restartCount"] for state in states)

    def stop(self) -> None:
        """No operator any more, until `start`."""
        self.kube.patch("Deployment", self._name, {"spec": {"replicas": 0}})
        self.kube.wait("the operator to stop", lambda: not self.kube.items("Pod", SELECTOR))

    def start(self) -> None:
        """An operator that has listed all there is."""
        self.kube.patch("Deployment", self._name, {"spec": {"replicas": 1}})
        self.kube.wait("the operator to be ready", self._ready, 90)

    def _ready(self) -> bool:
        deployment = self.kube.get("Deployment", self._name) or {}
        status = deployment.get("status", {})
        return status.get("readyReplicas") == 1 and status.get("replicas") == 1
