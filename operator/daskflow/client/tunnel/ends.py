"""Where a tunnel leads: to which port of which pod, found anew whenever the last one has gone."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

from daskflow.api.daskcluster import TERMINAL_PHASES, status_of
from daskflow.api.names import DASK_CLUSTER, PORT_SCHEDULER
from daskflow.client.connection import Connection, Object
from daskflow.client.errors import DaskflowError, NotFound, WrongUse


class End(NamedTuple):
    """A port of a pod."""

    namespace: str
    pod: str
    port: int

    def __str__(self) -> str:
        return f"port {self.port} of pod {self.pod}"


Find = Callable[[], Awaitable[End]]
"""Says where to lead a connection now. Raises NotReady if that may be known soon."""


class NotReady(DaskflowError):
    """What a tunnel leads to is not there yet, or not again yet."""


def pod_port(connection: Connection, name: str, port: int, namespace: str | None = None) -> Find:
    """A port of this pod; raises NotFound once it has gone."""

    async def find() -> End:
        found = await connection.get("Pod", name, namespace)
        phase = (found.get("status") or {}).get("phase")
        if phase in ("Succeeded", "Failed"):
            raise NotFound(f"the pod {name} has ended, so nothing listens in it; name one that runs")
        if phase != "Running":
            raise NotReady(f"the pod {name} does not run yet; `kubectl describe pod {name}` says why")
        return End(found["metadata"]["namespace"], name, port)

    return find


def service_port(connection: Connection, name: str, port: int | str, namespace: str | None = None) -> Find:
    """A port of a Service, by number or name: that of some pod behind it which is ready."""

    async def find() -> End:
        service = await connection.get("Service", name, namespace)
        within, spec = service["metadata"]["namespace"], service["spec"]
        if not spec.get("selector"):
            raise WrongUse(
                f"the Service {name} selects no pods, so there is none to forward to; name one that does"
            )
        ports = spec.get("ports") or ()
        chosen = next((each for each in ports if port in (each["port"], each.get("name"))), None)
        if chosen is None:
            there = ", ".join(str(each["port"]) for each in ports)
            raise WrongUse(f"the Service {name} has no port {port}; it has {there or 'none'}")
        selector = ",".join(f"{label}={value}" for label, value in spec["selector"].items())
        pods = [pod for pod in await connection.list("Pod", within, selector=selector) if is_ready(pod)]
        if not pods:
            raise NotReady(f"no pod of the Service {name} is ready; `kubectl get endpointslices` shows them")
        target = _number(pods[0], chosen.get("targetPort", chosen["port"]), name)
        return End(within, pods[0]["metadata"]["name"], target)

    return find


def scheduler_port(
    connection: Connection, cluster: str, namespace: str | None = None, port: int = PORT_SCHEDULER
) -> Find:
    """A port of a DaskCluster's scheduler; raises NotFound once the cluster has ended."""

    async def find() -> End:
        found = await connection.get(DASK_CLUSTER, cluster, namespace)
        status = status_of(found)
        if status.phase in TERMINAL_PHASES:
            why = f": {status.message}" if status.message else ""
            raise NotFound(f"the cluster {cluster} is {status.phase}{why}")
        if status.scheduler is None or status.phase in (None, "Pending", "Suspended"):
            why = f": {status.message}" if status.message else ""
            raise NotReady(f"the cluster {cluster} is {status.phase or 'Pending'}{why}")
        return End(found["metadata"]["namespace"], status.scheduler.pod, port)

    return find


def is_ready(pod: Mapping[str, Any]) -> bool:
    """Whether it says so, and is not about to go."""
    conditions = (pod.get("status") or {}).get("conditions") or ()
    ready = any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)
    return ready and not pod["metadata"].get("deletionTimestamp")


def _number(pod: Object, target: int | str, service: str) -> int:
    """Of a Service's targetPort, which may be the name that a container gives to a port of its own."""
    if isinstance(target, int):
        return target
    spec = pod["spec"]
    containers = [*spec["containers"], *(spec.get("initContainers") or ())]
    ports = [port for container in containers for port in container.get("ports") or ()]
    found = next((port["containerPort"] for port in ports if port.get("name") == target), None)
    if found is None:
        raise WrongUse(f"the Service {service} leads to the port {target!r}, which its pods do not name")
    return int(found)
