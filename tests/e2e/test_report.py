"""Runs on real nodes keep where their time and memory went, however they end."""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.flows import IMAGE, dask_cluster, flow_run
from tests.kube import Kube, kubectl, namespace

ROUNDS, SHARE, THREADS = 20, 0.6, 2
KNOWN = f"""
import time
from distributed import get_client
client = get_client()
client.wait_for_workers(1)

def work(seconds):
    begun = time.monotonic()
    time.sleep(seconds)
    return time.monotonic() - begun

began, busy = time.monotonic(), 0
for number in range({ROUNDS}):
    busy += sum(client.gather(client.map(work, [{SHARE}] * {THREADS}, pure=False)))
    time.sleep(max(began + number + 1 - time.monotonic(), 0))
result = [time.monotonic() - began, busy]
"""
"""Keeps its worker's threads busy for this share of each second, and says for how long they were."""
FAILS = """
from distributed import get_client
get_client().submit(sum, range(10)).result()
raise ValueError("day 32")
"""
HANGS = """
import time
from distributed import get_client
get_client().submit(sum, range(10)).result()
print("begun", flush=True)
time.sleep(600)
"""
EATS = """
from distributed import KilledWorker, get_client
try:
    get_client().submit(bytearray, 2**30).result()
except KilledWorker:
    result = "killed"
"""
"""Its worker may have a third of that."""
RECORD = "/kept"
READ = f"""
import glob, gzip, json
(file,) = glob.glob("{RECORD}/reports/*/recorded/1/tasks.json.gz")
found = json.load(gzip.open(file))
print(json.dumps([sorted(found["prefixes"]), len(found["tasks"]["prefix"])]))
"""


@pytest.fixture(scope="module")
def kube(installed: None) -> Iterator[Kube]:
    """All the runs at once, the longest first."""
    with namespace(restricted=False) as made:
        made.create(dask_cluster("shared"))
        workers = {"replicas": 1, "threads": THREADS}
        made.create(flow_run("known", KNOWN, cluster={"workers": workers}))
        made.create(flow_run("killed", HANGS))
        made.create(flow_run("fails", FAILS, retries={"limit": 1, "backoff": {"initial": "1s"}}))
        eater = {"replicas": 1, "nanny": False, "resources": {"limits": {"memory": "320Mi"}}}
        config = {"distributed": {"scheduler": {"allowed-failures": 0}}}
        made.create(flow_run("eats", EATS, cluster={"workers": eater, "config": config}))
        guest = flow_run("guest", FAILS, clusterRef={"name": "shared"})
        del guest["spec"]["cluster"]
        made.create(guest)
        made.create(_recorded(made.namespace))
        yield made


def _recorded(where: str) -> dict[str, Any]:
    """A run that writes the record of each task into a folder of the node."""
    run = flow_run("recorded", FAILS, report={"to": f"{RECORD}/reports"})
    mounts = [{"name": "kept", "mountPath": RECORD}]
    run["spec"]["runner"] = {
        "template": {
            "spec": {
                "initContainers": [_opening(mounts)],
                "containers": [{"name": "runner", "volumeMounts": mounts}],
                "volumes": [_folder(where)],
            }
        }
    }
    return run


def _opening(mounts: list[dict[str, str]]) -> dict[str, Any]:
    """Lets whatever user the runner is write there."""
    return {
        "name": "open",
        "image": IMAGE,
        "command": ["chmod", "777", RECORD],
        "volumeMounts": mounts,
        "securityContext": {"runAsUser": 0, "runAsNonRoot": False},
    }


def _folder(where: str) -> dict[str, Any]:
    return {"name": "kept", "hostPath": {"path": f"/tmp/daskflow-{where}", "type": "DirectoryOrCreate"}}


def test_a_killed_runner_leaves_its_schedulers_report(kube: Kube) -> None:
    kube.wait("the flow to run", lambda: "begun" in kube.runner_log("killed"), 90)
    (runner,) = kube.runners("killed")
    kube.delete("Pod", runner["metadata"]["name"], grace=0)
    status = kube.ended("killed")
    assert status["reason"] in ("RunnerLost", "Terminated")  # as far as SIGTERM got before SIGKILL
    assert status["report"]["tasks"] == 1


def test_failed_attempts_have_theirs(kube: Kube) -> None:
    status = kube.ended("fails")
    assert [each["outcome"] for each in status["attempts"]] == ["Failed", "Failed"]
    assert all(0 <= each["efficiency"] < 0.5 and each["peakMemory"] for each in status["attempts"])
    assert status["report"]["prefixes"][0]["name"] == "sum"
    assert "day 32" in status["message"]


def test_a_worker_that_the_kernel_killed_is_counted_with_its_limit(kube: Kube) -> None:
    status = kube.ended("eats")
    assert status["result"] == "killed"
    report = status["report"]
    assert report["workers"]["deaths"] == 1
    assert report["memory"]["limit"] == "320Mi"


def test_a_run_on_a_shared_cluster_has_its_own_share(kube: Kube) -> None:
    report = kube.ended("guest")["report"]
    assert report["tasks"] == 1
    assert report["workers"]["count"] == 1


def test_the_record_of_each_task_is_where_the_run_wants_it(kube: Kube) -> None:
    report = kube.ended("recorded")["report"]
    assert report.get("record", "").startswith(f"{RECORD}/reports/{kube.namespace}/recorded/1/"), report
    reader = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "reader"},
        "spec": {
            "restartPolicy": "Never",
            "containers": [
                {
                    "name": "reader",
                    "image": IMAGE,
                    "command": ["python3", "-c", READ],
                    "volumeMounts": [{"name": "kept", "mountPath": RECORD}],
                }
            ],
            "volumes": [_folder(kube.namespace)],
        },
    }
    kube.create(reader)
    assert json.loads(kube.printed("reader", 60)) == [["sum"], 1]


def test_efficiency_is_right_and_shown(kube: Kube) -> None:
    status = kube.ended("known", 120)
    report = status["report"]
    spent, (took, busy) = report["threadSeconds"], status["result"]
    assert busy >= ROUNDS * SHARE * THREADS
    assert spent["busy"] == pytest.approx(busy, rel=0.05)
    # The worker was there before the flow and a little after it: known to the API server to a second.
    paid = THREADS * report["seconds"]
    assert THREADS * took <= spent["paid"] <= paid
    assert report["efficiency"] == pytest.approx(busy / spent["paid"], abs=0.03)
    assert report["tasks"] == ROUNDS * THREADS
    wide = kubectl("get", "fr", "known", "-n", kube.namespace, "-o", "wide").stdout
    heads, values = wide.splitlines()
    shown = {head: values[heads.index(head) :].split()[0] for head in ("EFFICIENCY", "PEAK")}
    assert float(shown["EFFICIENCY"]) == report["efficiency"]
    assert shown["PEAK"] == report["memory"]["peak"]
    told = _command("report", "known", "-n", kube.namespace)
    assert "work" in told
    assert "<svg" in _command("report", "known", "-n", kube.namespace, "-o", "svg")


def _command(*words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "daskflow.cli", *words], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
