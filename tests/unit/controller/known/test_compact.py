"""The store keeps of a pod what plans read, and of our own kinds everything."""

from daskflow.controller.known.compact import compact
from daskflow.plan.pod.pod import Pod

POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {
        "name": "run-abcde-1-runner",
        "namespace": "data",
        "uid": "u1",
        "creationTimestamp": "2026-11-01T00:00:00Z",
        "labels": {"daskflow.dev/component": "runner"},
        "managedFields": [{"manager": "daskflow"}],
    },
    "spec": {
        "nodeName": "node-1",
        "activeDeadlineSeconds": 60,
        "tolerations": [{"key": "gpu"}],
        "containers": [{"name": "runner", "image": "flows:1", "env": [{"name": "A", "value": "1"}]}],
    },
    "status": {
        "phase": "Failed",
        "podIP": "10.0.0.1",
        "containerStatuses": [
            {
                "name": "runner",
                "imageID": "sha256:1",
                "volumeMounts": [{"name": "scratch"}],
                "state": {"terminated": {"exitCode": 1, "message": '{"v":1}'}},
            }
        ],
    },
}


def test_a_pod_keeps_what_became_of_it_and_loses_how_it_was_made() -> None:
    kept = compact(POD)
    assert kept["spec"] == {
        "nodeName": "node-1",
        "activeDeadlineSeconds": 60,
        "containers": [{"name": "runner", "image": "flows:1"}],
    }
    assert "managedFields" not in kept["metadata"]
    assert Pod(kept).terminated == Pod(POD).terminated
    assert kept["status"]["podIP"] == "10.0.0.1"


def test_the_object_itself_stays_as_it_was_told() -> None:
    compact(POD)
    assert POD["spec"]["containers"][0]["env"]


def test_our_own_kinds_are_kept_whole() -> None:
    run = {
        "kind": "FlowRun",
        "metadata": {"name": "run", "managedFields": []},
        "spec": {"env": [{"name": "A"}], "runner": {"template": {"spec": {"tolerations": [{"key": "x"}]}}}},
        "status": {"phase": "Running"},
    }
    kept = compact(run)
    assert (kept["spec"], kept["status"]) == (run["spec"], run["status"])
