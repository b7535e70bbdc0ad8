"""Defaults of a namespace on a real cluster: heard of at once, written down, the same for who has begun."""

from typing import Any

from daskflow.api.defaults import CONFIG_MAP, CONFIG_MAP_ANNOTATION, CONFIG_MAP_KEY

from tests.e2e.flows import dask_cluster, flow_run
from tests.kube import Kube

ALONE = {"workers": {"replicas": 0}}


def defaults(text: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": CONFIG_MAP, "annotations": {CONFIG_MAP_ANNOTATION: "true"}},
        "data": {CONFIG_MAP_KEY: text},
    }


def test_a_namespace_gives_what_its_runs_and_clusters_lack(kube: Kube) -> None:
    kube.create(defaults("deadlines: {strat: 1h}"))
    told = ("Warning", "DefaultsInvalid")
    kube.wait("the Event on the ConfigMap", lambda: told in kube.events(CONFIG_MAP), 10)
    kube.create(flow_run("waits", "result = 1", cluster=ALONE))
    kube.create(dask_cluster("lab", workers={"replicas": 1}))
    for kind, name in (("FlowRun", "waits"), ("DaskCluster", "lab")):
        said = kube.reached(kind, name, "Pending", seconds=10)
        assert said["reason"] == "DefaultsInvalid"
        assert "did you mean deadlines.start?" in said["message"]
    assert kube.items("Pod") == []

    label = "template: {metadata: {labels: {team: %s}}}\ncluster: {noClientTimeout: 1h}"
    kube.patch("ConfigMap", CONFIG_MAP, {"data": {CONFIG_MAP_KEY: label % "red"}})
    assert kube.ended("waits", 30)["defaults"] == {
        "sources": ["namespace"],
        "spec": {"template": {"metadata": {"labels": {"team": "red"}}}},
    }
    assert kube.reached("DaskCluster", "lab", "Ready")["defaults"]["spec"]["noClientTimeout"] == "1h"

    kube.patch("ConfigMap", CONFIG_MAP, {"data": {CONFIG_MAP_KEY: label % "blue"}})
    kube.patch("DaskCluster", "lab", {"spec": {"workers": {"replicas": 2}}})
    workers = "daskflow.dev/component=worker"
    kube.wait("another worker", lambda: len(kube.items("Pod", workers)) == 2, 20)
    assert {pod["metadata"]["labels"]["team"] for pod in kube.items("Pod")} == {"red"}
