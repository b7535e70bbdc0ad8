"""What Flyte's plugin made and said, as it was recorded, against our models and plans of today."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from daskflow.api.dask_kubernetes.job import spec_of
from daskflow.manifests.dask_kubernetes.objects import cluster_of

from tests.unit.plan.dask_kubernetes.job.stage import JobStage, job

RECORDED = Path(__file__).parents[2] / "recorded"
MANIFEST: dict[str, Any] = json.loads((RECORDED / "manifest.json").read_text())
TRANSITIONS: dict[str, Any] = json.loads((RECORDED / "transitions.json").read_text())
WORDS = {
    "PhaseQueued": {"", "JobCreated", "ClusterCreated"},
    "PhaseInitializing": {"", "JobCreated", "ClusterCreated"},
    "PhaseRunning": {"Running"},
    "PhaseSuccess": {"Running", "Successful"},
    "PhaseRetryableFailure": {"Running", "ClusterCreated", "Failed"},
}
"""What Flyte says, and the words of `jobStatus` just before: failures it also reads off the pod."""
ENDS = {
    "success": ("Successful", "PhaseSuccess"),
    "failure": ("Failed", "PhaseRetryableFailure"),
    "cannot start": ("Failed", "PhaseRetryableFailure"),
    "image": ("ClusterCreated", "PhaseRetryableFailure"),
}
"""The last words of jobStatus and of Flyte. It gives an image up by what it sees of the pod."""


def test_a_manifest_as_flyte_creates_it_is_read_whole() -> None:
    spec = spec_of(MANIFEST)
    assert spec.job.spec["restartPolicy"] == "Never"
    assert spec.cluster.spec.worker.count == 2
    made = cluster_of({**job(MANIFEST["spec"]), "metadata": job(name="flyte-sums")["metadata"]}, spec)
    assert made["spec"]["scheduler"]["service"]["type"] == "NodePort"
    assert made["metadata"]["labels"]["project"] == "flytesnacks"
    assert made["spec"]["worker"]["spec"]["containers"][0]["args"][:2] == ["dask", "worker"]


@pytest.mark.parametrize("task", TRANSITIONS["tasks"])
def test_each_state_that_flyte_was_shown_is_what_plans_make_of_it_today(task: str) -> None:
    stage = JobStage(job(MANIFEST["spec"], name="flyte-sums")).settled()
    last = ""
    for entry in TRANSITIONS["tasks"][task]:
        assert entry["jobStatus"] in WORDS[entry["said"]["phase"]]
        if not entry["runner"]:
            continue
        assert stage.runner is not None
        body = {**stage.runner, "status": entry["runner"]}
        others = tuple(each for each in stage.children if each["kind"] != "Pod")
        stage = replace(stage, children=(*others, body)).settled()
        last = entry["said"]["phase"]
    word = stage.status["jobStatus"]
    assert word == ENDS[task][0]
    assert last == ENDS[task][1]


def test_each_task_was_seen_to_its_end() -> None:
    ends = {task: entries[-1]["said"] for task, entries in TRANSITIONS["tasks"].items()}
    assert {task: said["phase"] for task, said in ends.items()} == {task: ENDS[task][1] for task in ends}
    assert "ImagePullBackOff" in ends["image"]["code"]
    assert "StartError" in ends["cannot start"]["message"]
