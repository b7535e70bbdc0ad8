"""What a scheduler says of tasks that cannot run."""

import signal
from collections.abc import Callable
from typing import Any

import pytest

from tests.runtime.conftest import Pod, Pods, eventually
from tests.runtime.scaling import Operator, Puppet, groups, secret

GROUPS = groups(
    {"name": "default", "threads": 1, "memory": 0, "resources": {}},
    {"name": "gpu", "threads": 1, "memory": 0, "resources": {"GPU": 1}},
)
PAUSE = """
def pause(dask_worker):
    from distributed.core import Status
    dask_worker.status = Status.paused
client.run(pause)
"""


@pytest.fixture(params=["ours", "oldest"])
def standing(
    pods: Pods, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[Pod, Operator, Puppet]]:
    """A worker, the operator's ear and a flow, with this Dask."""
    secret(pods, monkeypatch)
    if request.param == "oldest":
        pods.image("oldest")

    def make(**environment: Any) -> tuple[Pod, Operator, Puppet]:
        scheduler = pods.scheduler(DASKFLOW_GROUPS=GROUPS, DASKFLOW_OBSTACLE_SECONDS="0.5", **environment)
        worker = pods.worker(0, **environment)
        eventually(lambda: scheduler.ready() and worker.ready(), 60)
        return worker, Operator(pods), Puppet(pods)

    return make


def said(operator: Operator, reason: str) -> str:
    """The sentence, once the scheduler has this reason to say."""

    def sentence() -> str | None:
        trouble = operator.state()["trouble"]
        return trouble[1] if trouble and trouble[0] == reason else None

    return str(eventually(sentence, 30))


def test_resources_that_nobody_offers_are_named_with_those_that_are(
    standing: Callable[..., tuple[Pod, Operator, Puppet]],
) -> None:
    _, operator, puppet = standing()
    assert operator.state()["trouble"] is None
    puppet.do("kept['a'] = client.submit(started, 'a', resources={'gpu': 1})")
    sentence = said(operator, "ResourcesMissing")
    assert sentence.startswith(
        "Tasks of started ask for gpu=1, which no worker offers (default: none; gpu: GPU=1)"
    )
    puppet.do("kept.clear()")
    puppet.do("kept['b'] = client.submit(started, 'b', resources={'GPU': 1})")
    assert said(operator, "WorkersMissing") == "Tasks of started wait for a worker of gpu, which has GPU=1."
    puppet.do("kept.clear()")
    puppet.do("kept['c'] = client.submit(started, 'c', workers=['elsewhere'])")
    puppet.do("kept['d'] = client.submit(started, 'd', resources={'gpu': 2})")
    assert "gpu=2" in said(operator, "ResourcesMissing")


def test_paused_and_silent_workers_are_told_of(
    standing: Callable[..., tuple[Pod, Operator, Puppet]],
) -> None:
    worker, operator, puppet = standing(DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL="2s")
    puppet.do(PAUSE)
    assert said(operator, "WorkersPaused").startswith(
        "Workers are paused since their memory is full (worker-0"
    )
    worker.signal(signal.SIGSTOP)
    assert said(operator, "WorkerSilent").startswith("Worker worker-0 was closed after 2s without a sign")
