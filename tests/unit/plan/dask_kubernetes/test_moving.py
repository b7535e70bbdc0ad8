"""What the operator of dask-kubernetes has left on objects goes, with what would keep them for ever."""

from dataclasses import replace
from typing import Any

from tests.unit.plan.dask_kubernetes.stage import a_cluster

MARKER = "kopf.zalando.org/KopfFinalizerMarker"
LEFT: dict[str, Any] = {
    "finalizers": ["example.com/archive", MARKER],
    "annotations": {"kopf.zalando.org/last-handled-configuration": "{}", "note": "mine"},
}


def test_finalizer_and_annotations_of_kopf_are_taken_off_first() -> None:
    stage = a_cluster()
    marked = replace(stage, resource={**stage.resource, "metadata": {**stage.resource["metadata"], **LEFT}})
    first = marked.plan()
    assert (first.creates, first.status) == ((), None)
    meta = marked.settled().resource["metadata"]
    assert (meta["finalizers"], meta["annotations"]) == (["example.com/archive"], {"note": "mine"})


def test_one_that_was_deleted_already_is_let_go() -> None:
    stage = a_cluster()
    meta = {**stage.resource["metadata"], **LEFT, "deletionTimestamp": "2026-03-01T12:00:00Z"}
    plan = replace(stage, resource={**stage.resource, "metadata": meta}).plan()
    assert [patch.body["metadata"]["finalizers"] for patch in plan.patches] == [["example.com/archive"]]
    assert (plan.creates, plan.status) == ((), None)
