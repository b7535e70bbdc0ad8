"""Clusters that wait, on a real kubelet: runs claim them, each serves one, and the pool makes the next."""

from collections.abc import Iterator
from typing import Any

import pytest
from daskflow.api.conditions import instant

from tests.e2e.flows import IMAGE, flow_run
from tests.kube import Kube, namespace

WAITS = """
import time
from distributed import get_client
get_client().submit(sum, [1, 2]).result()
print("begun", flush=True)
time.sleep(600)
"""


COMMAND = "import distributed; assert distributed.Client().submit(sum, [1, 2]).result() == 3"
PARAMETERS = "import json, os\nresult = json.loads(os.environ['DASKFLOW_PARAMETERS'])"
ADDS = "from distributed import get_client\nresult = get_client().submit(sum, [1, 2]).result()"


def cluster_pool(name: str, ready: int = 1, image: str = IMAGE, **spec: Any) -> dict[str, Any]:
    """A pool of clusters of one worker."""
    template = {"spec": {"image": image, "cluster": {"workers": {"replicas": 1}}}}
    return {
        "apiVersion": "daskflow.dev/v1alpha1",
        "kind": "ClusterPool",
        "metadata": {"name": name},
        "spec": {"ready": ready, "template": template, **spec},
    }


def from_pool(name: str, flow: dict[str, Any] | str, pool: str = "small", **spec: Any) -> dict[str, Any]:
    """A run of the pool that waits for a cluster of it."""
    run = flow_run(name, flow, **spec)
    run["spec"] = {
        "pool": {"name": pool, "otherwise": "Wait"},
        **{field: value for field, value in run["spec"].items() if field not in ("image", "cluster")},
    }
    return run


@pytest.fixture(scope="module")
def kube(installed: None) -> Iterator[Kube]:
    """A namespace with a pool whose cluster waits."""
    with namespace() as found:
        found.create(cluster_pool("small"))
        waiting(found)
        yield found


def waiting(kube: Kube, pool: str = "small", ready: int = 1) -> None:
    """So many clusters wait, and are known to."""
    kube.wait("clusters to wait", lambda: kube.status("ClusterPool", pool).get("ready") == ready, 90)


def idle(kube: Kube) -> set[str]:
    """Names of clusters that no run has."""
    found = kube.items("DaskCluster", "daskflow.dev/pool,!daskflow.dev/run")
    return {each["metadata"]["name"] for each in found}


def claim(status: dict[str, Any], attempt: int = -1) -> dict[str, Any]:
    """What an attempt has from its pool."""
    found: dict[str, Any] = status["attempts"][attempt]["claim"]
    return found


def test_each_run_has_a_cluster_of_its_own_that_had_waited(kube: Kube) -> None:
    clusters = []
    for name in ("first", "second"):
        waiting(kube)
        kube.create(from_pool(name, ADDS))
        status = kube.ended(name)
        assert status["phase"] == "Succeeded", status
        assert status["result"] == 3
        assert claim(status)["reason"] == "Claimed"
        clusters.append(status["attempts"][0]["clusterUid"])
        runner = f"{status['attempts'][0]['cluster']}-runner"
        pod = next(each for each in kube.items("Pod") if each["metadata"]["name"] == runner)
        (owner,) = pod["metadata"]["ownerReferences"]
        assert (owner["kind"], owner["name"]) == ("FlowRun", name)
        assert pod["metadata"]["labels"]["daskflow.dev/run"] == name
    assert len(set(clusters)) == 2
    waiting(kube)
    kube.wait(
        "claims to be counted", lambda: (kube.status("ClusterPool", "small").get("claimed") or 0) >= 2, 30
    )
    said = [event["reason"] for event in kube.items("Event")]
    assert "Restored" not in said, "a claim was taken for an edit by hand"


@pytest.mark.parametrize(
    ("name", "flow", "result"),
    [
        ("command", {"command": ["python3", "-c", COMMAND]}, None),
        ("parameters", {"script": PARAMETERS, "parameters": {"a": 1}}, {"a": 1}),
        ("module", {"entrypoint": "operator:add", "parameters": {}}, None),
    ],
)
def test_flows_of_every_kind(kube: Kube, name: str, flow: dict[str, Any], result: Any) -> None:
    waiting(kube)
    kube.create(from_pool(name, flow))
    status = kube.ended(name)
    if name == "module":
        assert status["reason"] == "ParametersInvalid", status
    else:
        assert status["phase"] == "Succeeded", status
        assert status.get("result") == result
    assert claim(status)["reason"] == "Claimed"


def test_tried_again_it_claims_another(kube: Kube) -> None:
    waiting(kube)
    retries = {"limit": 1, "backoff": {"initial": "1s"}}
    kube.create(from_pool("again", "raise ValueError('no')", retries=retries))
    status = kube.ended("again", 120)
    assert status["phase"] == "Failed"
    assert [claim(status, number)["reason"] for number in (0, 1)] == ["Claimed", "Claimed"]
    assert len({each["clusterUid"] for each in status["attempts"]}) == 2
    assert status["failure"]["exception"] == "ValueError"


def test_cancelled_with_its_grace(kube: Kube) -> None:
    waiting(kube)
    kube.create(from_pool("cancelled", WAITS))
    kube.wait("the flow", lambda: kube.status("FlowRun", "cancelled").get("phase") == "Running", 30)
    kube.patch("FlowRun", "cancelled", {"spec": {"cancel": True}})
    assert kube.ended("cancelled")["phase"] == "Cancelled"


def test_its_deadline_is_in_the_pod_that_waited(kube: Kube) -> None:
    waiting(kube)
    kube.create(from_pool("late", WAITS, deadlines={"active": "20s"}))
    status = kube.ended("late", 90)
    assert (status["phase"], status["reason"]) == ("Failed", "DeadlineExceeded")


def test_what_does_not_fit_starts_cold_and_says_why(kube: Kube) -> None:
    run = from_pool("unfit", "result = 1", env=[{"name": "A", "value": "b"}])
    run["spec"]["pool"]["otherwise"] = "Start"
    kube.create(run)
    status = kube.ended("unfit", 90)
    assert status["phase"] == "Succeeded"
    assert claim(status)["reason"] == "DoesNotFit"
    assert claim(status)["message"].startswith("spec.env[A] is set, and not set in ClusterPool small;")
    condition = next(each for each in status["conditions"] if each["type"] == "Instant")
    assert condition["status"] == "False"


def test_another_template_replaces_what_waits(kube: Kube) -> None:
    waiting(kube)
    before = idle(kube)
    changed = cluster_pool("small")["spec"]["template"]
    changed["spec"]["env"] = [{"name": "GREETING", "value": "hello"}]
    kube.patch("ClusterPool", "small", {"spec": {"template": changed}})
    kube.wait(
        "what waited to be replaced",
        lambda: (
            not idle(kube) & before and idle(kube) and kube.status("ClusterPool", "small").get("ready") == 1
        ),
        90,
    )
    kube.create(from_pool("greets", "import os\nresult = os.environ['GREETING']"))
    assert kube.ended("greets")["result"] == "hello"


def test_with_the_pool_go_those_that_wait(kube: Kube) -> None:
    kube.create(cluster_pool("other", ready=2))
    waiting(kube, "other", 2)
    kube.delete("ClusterPool", "other")
    kube.wait(
        "its clusters to go",
        lambda: not [each for each in kube.items("Pod") if each["metadata"]["name"].startswith("other-")],
        60,
    )


def test_a_ticks_cluster_waits_for_it(kube: Kube) -> None:
    """Its first line comes within seconds of the tick; no start does."""
    run = flow_run("ahead", "import time\nresult = time.time()")["spec"]
    kube.create(
        {
            "apiVersion": "daskflow.dev/v1alpha1",
            "kind": "FlowSchedule",
            "metadata": {"name": "ahead"},
            "spec": {"interval": "30s", "prewarm": "20s", "template": {"spec": run}},
        }
    )

    def ended() -> dict[str, Any] | None:
        runs = kube.items("FlowRun", "daskflow.dev/schedule=ahead")
        warm = (each for each in runs if (each.get("status") or {}).get("attempts"))
        found = (each for each in warm if "claim" in each["status"]["attempts"][0])
        return next((each for each in found if each["status"].get("completionTime")), None)

    done = kube.wait("a run whose cluster had waited", ended, 120)
    kube.delete("FlowSchedule", "ahead")
    assert done["status"]["phase"] == "Succeeded", done["status"]
    (attempt,) = done["status"]["attempts"]
    assert (attempt["claim"]["reason"], attempt["claim"].get("pool", "")) == ("Claimed", "")
    tick = instant(done["metadata"]["annotations"]["daskflow.dev/scheduled-time"])
    assert done["status"]["result"] - tick.timestamp() < 10


def test_the_runs_of_a_schedule_claim_from_the_pool_that_they_name(kube: Kube) -> None:
    waiting(kube)
    run = from_pool("x", "result = 1")["spec"]
    kube.create(
        {
            "apiVersion": "daskflow.dev/v1alpha1",
            "kind": "FlowSchedule",
            "metadata": {"name": "of-a-pool"},
            "spec": {"interval": "10s", "template": {"spec": run}},
        }
    )

    def ended() -> dict[str, Any] | None:
        runs = kube.items("FlowRun", "daskflow.dev/schedule=of-a-pool")
        return next((each for each in runs if (each.get("status") or {}).get("completionTime")), None)

    done = kube.wait("a run of the schedule", ended, 60)
    kube.delete("FlowSchedule", "of-a-pool")
    assert done["status"]["phase"] == "Succeeded", done["status"]
    assert claim(done["status"])["reason"] == "Claimed"
