"""`daskflow explain` as it is called."""

from pathlib import Path
from typing import Any

import pytest
from daskflow.cli.commands.explain import target
from daskflow.cli.main import app
from daskflow.client.errors import WrongUse
from typer.testing import CliRunner, Result

from tests.unit.cli.api_of_objects import Objects, serving
from tests.unit.cli.explanation.around import META, waiting, warning

API = "daskflow.dev/v1alpha1"


def called(folder: Path, what: str, *objects: Any, **more: Any) -> Result:
    with serving(Objects(*objects, **more), folder) as kubeconfig:
        return CliRunner().invoke(app, ["explain", what, "--kubeconfig", kubeconfig])


@pytest.mark.parametrize(
    ("what", "kind"),
    [
        ("etl", "run"),
        ("run/etl", "run"),
        ("flowruns.daskflow.dev/etl", "run"),
        ("cluster/etl", "cluster"),
        ("DaskCluster/etl", "cluster"),
        ("schedules/etl", "schedule"),
        ("clusterpools.daskflow.dev/etl", "pool"),
    ],
)
def test_kinds_are_named_as_kubectl_names_them(what: str, kind: str) -> None:
    assert target(what) == (kind, "etl")


@pytest.mark.parametrize("what", ["pod/etl", "cluster/", "/"])
def test_another_kind_is_wrong_use(what: str) -> None:
    with pytest.raises(WrongUse, match=r"neither a run's name nor cluster/NAME"):
        target(what)


def test_all_that_is_around_a_pool_is_looked_at(tmp_path: Path) -> None:
    pool = {"kind": "ClusterPool", "metadata": {**META, "namespace": "team"}, "spec": {"ready": 1}}
    pool["status"] = {"observedGeneration": 1, "ready": 0, "message": "None waits."}
    waits = {"spec": {"pool": {"name": "etl"}}, "status": {}}
    waits["status"] = {"phase": "Pending", "reason": "PoolEmpty", "message": "It waits."}
    other = {**waits, "spec": {"pool": {"name": "other"}}}
    runs = [
        {"kind": "FlowRun", "metadata": {**META, "namespace": "team", "name": name}, **run}
        for name, run in (("waits", waits), ("beside", other))
    ]
    answer = called(tmp_path, "pool/etl", pool, *runs)
    assert answer.exit_code == 0, answer.output
    assert "Of ClusterPool etl wait 0 of 1; 0 were claimed." in answer.output
    assert "  waits, 5m old: It waits." in answer.output or "  waits, " in answer.output
    assert "beside" not in answer.output


def test_all_that_is_around_a_run_is_looked_at(tmp_path: Path) -> None:
    attempt = {"number": 1, "cluster": "etl-1", "startTime": "2026-01-01T11:55:00Z"}
    run = {
        "kind": "FlowRun",
        "metadata": {**META, "namespace": "team"},
        "status": {"phase": "Starting", "reason": "ImagePullFailed", "attempts": [attempt]},
    }
    runner = {**waiting("etl-1-runner", "ErrImagePull", "not found"), "kind": "Pod"}
    gone = {**warning("etl-1-worker-0", "Evicted", "The node was low on memory."), "kind": "Event"}
    answer = called(tmp_path, "etl", run, runner, gone, logs={"etl-1-runner": "2026-01-01T12:00:00Z last\n"})
    assert answer.exit_code == 0, answer.output
    for words in (
        "etl is Starting, ImagePullFailed",
        "The image etl:1 cannot be pulled",
        "Evicted: The node was low on memory.",
        "No operator is at work: no operator is installed.",
    ):
        assert words in answer.output
    less = called(tmp_path, "etl", run, runner, gone, forbidden=("pods", "events", "nodes", "deployments"))
    assert less.exit_code == 0, less.output
    assert "You may not look at pods." in less.output
    assert "nodes" not in less.output
    assert "No operator" not in less.output


def test_of_a_run_that_waits_for_a_cluster_it_is_told_what_its_pool_says(tmp_path: Path) -> None:
    run = {
        "kind": "FlowRun",
        "metadata": {**META, "namespace": "team"},
        "spec": {"pool": {"name": "small"}},
        "status": {"phase": "Pending", "reason": "PoolEmpty", "message": "No cluster waits."},
    }
    pools = [
        {
            "kind": "ClusterPool",
            "metadata": {**META, "name": name, "namespace": "team"},
            "status": {"message": said},
        }
        for name, said in (("small", "No claim."), ("other", "Not this."))
    ]
    answer = called(tmp_path, "etl", run, *pools)
    assert "ClusterPool small: No claim." in answer.output
    assert "Not this." not in answer.output


@pytest.mark.parametrize(
    ("what", "kind", "said"),
    [
        ("cluster/etl", "DaskCluster", "The DaskCluster etl is"),
        ("schedule/etl", "FlowSchedule", "The FlowSched"),
    ],
)
def test_clusters_and_schedules_are_explained_too(tmp_path: Path, what: str, kind: str, said: str) -> None:
    status = {"phase": "Ready", "observedGeneration": 1}
    answer = called(tmp_path, what, {"kind": kind, "metadata": META, "spec": {}, "status": status})
    assert answer.exit_code == 0, answer.output
    assert answer.output.startswith(said)
    assert called(tmp_path, what).exit_code == 2
