"""Why a DaskCluster is as it is."""

from daskflow.cli.explanation.clusters import cluster_explained
from daskflow.cli.explanation.found import Found

from tests.unit.cli.explanation.around import META, NOW, unschedulable, warning


def test_a_cluster_whose_workers_find_no_node() -> None:
    message = "0/1 nodes are available: 1 Insufficient cpu."
    group = {"name": "big", "ready": 0, "desired": 2, "reason": "Unschedulable", "message": "No node."}
    status = {
        "phase": "Starting",
        "reason": "Unschedulable",
        "message": f"No node has room for pod pool-x-worker-0: {message}",
        "scheduler": {"pod": "pool-x-scheduler"},
        "workers": {"ready": 0, "desired": 2, "groups": [group]},
    }
    events = [
        warning("pool-x-worker-1", "FailedScheduling", "another word"),
        warning("pool-y-worker-1", "Failed", "a stranger's"),
        warning("pool", "WorkerLost", "It is gone.", kind="DaskCluster"),
    ]
    cluster = {"metadata": {**META, "name": "pool"}, "status": status}
    said = cluster_explained(
        Found(cluster, [unschedulable("pool-x-worker-0", message, cpu="64")], events), NOW
    )
    assert said[:2] == [
        "The DaskCluster pool is Starting, Unschedulable: 0 of 2 workers are ready, 5m old.",
        f"No node has room for pod pool-x-worker-0: {message}",
    ]
    assert said[2].startswith("What to do: Ask for less")
    assert "  group big: 0 of 2 workers, Unschedulable: No node." in said
    assert "No node takes the pod pool-x-worker-0, which asks for cpu 64:" in said
    text = "\n".join(said)
    assert "another word" in text
    assert "It is gone." in text
    assert "a stranger's" not in text
    assert text.count("Insufficient") == 1


def test_a_run_s_cluster_points_at_the_run() -> None:
    cluster = {"metadata": {**META, "labels": {"daskflow.dev/run": "etl"}}, "status": {"phase": "Ready"}}
    assert "It is a run's: daskflow explain etl --namespace flows" in cluster_explained(Found(cluster), NOW)


def test_one_that_nobody_has_looked_at() -> None:
    said = cluster_explained(Found({"metadata": META}), NOW)
    assert said[0] == "etl was created 5m ago and nothing has happened since."
