"""Lives of DaskJobs: how the program goes, and what people and nodes do meanwhile."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from daskflow.api.dask_kubernetes.names import API_VERSION, CLUSTER, JOB
from daskflow.plan.model import Key

if TYPE_CHECKING:
    from tests.simulation.dask_kubernetes.kubelet import UserPod
    from tests.simulation.dask_kubernetes.world import JobWorld

Action = Callable[["JobWorld"], None]
SUBJECT = Key(JOB, "default", "sums")
_CONTAINER = {"image": "dask:1"}


@dataclass(frozen=True)
class JobScenario:
    """`words` are what is right for the job's end (empty: it is to be gone)."""

    name: str
    words: tuple[str, ...]
    codes: tuple[int, ...] = (0,)
    policy: str = "Never"
    seconds: float = 20.0
    """How long the program runs each time."""
    actions: tuple[tuple[float, Action], ...] = ()
    within: float = 200.0
    """Seconds in which it ends, undisturbed."""
    runner_stays: bool = True
    core: bool = False
    """Whether every disturbance of it is tried (the others: deaths, missed events and a storm)."""
    truthful: bool = True
    """Whether the word at the end follows from the program's exit code alone, also where faults come."""

    def manifest(self) -> dict[str, Any]:
        """As its user writes it, and the caller's own to change."""
        scheduler = {"spec": {"containers": [{**_CONTAINER, "name": "scheduler", "args": ["dask"]}]}}
        service = {"ports": [{"name": "tcp-comm", "port": 8786}], "selector": {}}
        worker = {"replicas": 2, "spec": {"containers": [{**_CONTAINER, "name": "worker", "args": ["dask"]}]}}
        runner = {"restartPolicy": self.policy, "containers": [{**_CONTAINER, "name": "job"}]}
        return {
            "apiVersion": API_VERSION,
            "kind": JOB,
            "metadata": {"name": SUBJECT.name, "namespace": SUBJECT.namespace},
            "spec": {
                "job": {"spec": runner},
                "cluster": {"spec": {"worker": worker, "scheduler": {**scheduler, "service": service}}},
            },
        }


def runner(deed: Callable[["JobWorld", "UserPod"], None]) -> Action:
    """Something happens to the runner once it runs."""

    def act(world: "JobWorld") -> None:
        for pod in world.kubelet.runners:
            deed(world, pod)
        if not world.kubelet.runners and not world.kubelet.started:
            asyncio.get_running_loop().call_later(0.5, act, world)

    return act


def delete_cluster(world: "JobWorld") -> None:
    """Somebody deletes the job's cluster while the runner runs."""
    key = Key(CLUSTER, SUBJECT.namespace, SUBJECT.name)
    if key in world.server.objects and world.kubelet.runners:
        world.server.delete(key)
    elif not world.kubelet.started:
        asyncio.get_running_loop().call_later(0.5, delete_cluster, world)


def delete_job(world: "JobWorld") -> None:
    """Its user has seen enough."""
    if SUBJECT in world.server.objects:
        world.server.delete(SUBJECT)


def _delete(world: "JobWorld", pod: "UserPod") -> None:
    world.server.delete(pod.key)


def _force(world: "JobWorld", pod: "UserPod") -> None:
    world.server.remove(pod.key)


JOBS = (
    JobScenario("success", ("Successful",), core=True),
    JobScenario("a program that is over at once", ("Successful",), seconds=0.2),
    JobScenario("failure", ("Failed",), codes=(1,)),
    JobScenario("a third try", ("Successful",), codes=(1, 1, 0), policy="OnFailure", within=300.0, core=True),
    JobScenario(
        "runner deleted",
        ("Failed",),
        seconds=60.0,
        actions=((1.0, runner(_delete)),),
        core=True,
        runner_stays=False,
        truthful=False,
    ),
    JobScenario(
        "runner deleted with force",
        ("Failed",),
        seconds=60.0,
        actions=((1.0, runner(_force)),),
        runner_stays=False,
        truthful=False,
    ),
    JobScenario(
        "runner evicted",
        ("Failed",),
        policy="OnFailure",
        seconds=60.0,
        actions=((1.0, runner(lambda world, pod: pod.evict())),),
        truthful=False,
    ),
    JobScenario(
        "node lost",
        ("Failed",),
        seconds=300.0,
        actions=((1.0, runner(lambda world, pod: pod.lose_node())),),
        runner_stays=False,
        truthful=False,
    ),
    JobScenario(
        "cluster deleted, runner ends by itself",
        ("Successful",),
        seconds=40.0,
        actions=((1.0, delete_cluster),),
        core=True,
    ),
    JobScenario(
        "cluster deleted, runner hangs",
        ("Failed",),
        seconds=5000.0,
        actions=((1.0, delete_cluster),),
        within=300.0,
        truthful=False,
    ),
    JobScenario("job deleted", (), seconds=60.0, actions=((12.0, delete_job),), runner_stays=False),
)
SCENARIOS = {scenario.name: scenario for scenario in JOBS}
