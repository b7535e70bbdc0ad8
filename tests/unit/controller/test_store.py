"""The store finds what belongs to a run, also when somebody changes whose it is."""

from typing import Any

from daskflow.api.names import LABEL_RUN
from daskflow.controller.api import key_of
from daskflow.controller.observe import observe
from daskflow.controller.store import Store

RUN = {
    "apiVersion": "daskflow.dev/v1alpha1",
    "kind": "FlowRun",
    "metadata": {"name": "run", "namespace": "data", "uid": "r", "resourceVersion": "1"},
    "spec": {},
}


def pod(version: int, labels: dict[str, str]) -> dict[str, Any]:
    owner = {"apiVersion": "daskflow.dev/v1alpha1", "kind": "DaskCluster", "name": "run-1", "uid": "c"}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": "run-1-worker-0",
            "namespace": "data",
            "uid": "p",
            "resourceVersion": str(version),
            "labels": labels,
            "ownerReferences": [{**owner, "controller": True}],
        },
        "spec": {},
        "status": {},
    }


def test_a_pod_that_lost_its_runs_label_and_went_leaves_nothing_behind() -> None:
    store = Store(changed=lambda key: None)
    store.put(RUN)
    store.put(pod(2, {LABEL_RUN: "run"}))
    assert observe(store, RUN, 0.0).grandchildren["c"]
    bare = pod(3, {})
    store.put(bare)
    assert not observe(store, RUN, 0.0).grandchildren
    store.remove(key_of(bare), "p")
    assert not observe(store, RUN, 0.0).grandchildren
