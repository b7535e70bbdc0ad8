"""The volumes of a flow's files: one ConfigMap, several sources, an archive in parts."""

from typing import Any

import pytest
from daskflow.api.files import Files
from daskflow.manifests.cluster import dask_cluster
from daskflow.manifests.files import from_cluster, handed_down
from daskflow.manifests.pods import runner_pod, worker_pod
from daskflow.plan.pod.volumes_and_network import _sources

from tests.unit.manifests.test_pods import CLUSTER, PLACE, RUN, SETTINGS, cluster_spec, environment, run_spec

ONE = {"configMapRef": {"name": "flows"}}
PARTS = [{"configMapRef": {"name": f"code-{number}"}, "archive": True} for number in range(2)]
SECRET = {"secretRef": {"name": "keys"}}


def pods(files: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The runner and a worker of its cluster."""
    spec = run_spec(flow={"entrypoint": "etl.py:flow", "files": files})
    cluster = dask_cluster(RUN, spec, 1)
    worker = worker_pod(CLUSTER, cluster_spec(**cluster["spec"]), PLACE, "default", 0)
    return runner_pod(RUN, spec, PLACE, 1, SETTINGS, None), worker


@pytest.mark.parametrize(
    ("files", "told"),
    [
        (ONE, {"DASKFLOW_FILES": {"configMap": {"name": "flows"}}}),
        (
            {**ONE, "sources": [SECRET]},
            {
                "DASKFLOW_FILES": {
                    "projected": {"sources": [{"configMap": {"name": "flows"}}, {"secret": {"name": "keys"}}]}
                }
            },
        ),
        (
            {"sources": PARTS},
            {
                "DASKFLOW_ARCHIVE": {
                    "projected": {"sources": [{"configMap": {"name": f"code-{n}"}} for n in range(2)]}
                }
            },
        ),
        (
            {**ONE, "sources": PARTS[:1]},
            {
                "DASKFLOW_FILES": {"configMap": {"name": "flows"}},
                "DASKFLOW_ARCHIVE": {"projected": {"sources": [{"configMap": {"name": "code-0"}}]}},
            },
        ),
    ],
    ids=["one", "several", "archive", "both"],
)
def test_runner_and_workers_have_them_alike(files: dict[str, Any], told: dict[str, Any]) -> None:
    for pod in pods(files):
        variables = environment(pod)
        found = {}
        for name in ("DASKFLOW_FILES", "DASKFLOW_ARCHIVE"):
            if name in variables:
                mounts = pod["spec"]["containers"][0]["volumeMounts"]
                (volume,) = (each["name"] for each in mounts if each["mountPath"] == variables[name])
                (found[name],) = (
                    {key: value for key, value in each.items() if key != "name"}
                    for each in pod["spec"]["volumes"]
                    if each["name"] == volume
                )
        assert found == told


def test_a_lone_config_map_is_told_to_clusters_as_earlier_versions_did() -> None:
    files = Files.model_validate(ONE)
    assert handed_down(files.all_sources) == "flows"
    assert from_cluster("flows") == files.all_sources
    assert from_cluster("") == ()


def test_several_sources_arrive_as_they_were() -> None:
    files = Files.model_validate({**ONE, "sources": [*PARTS, SECRET]})
    assert from_cluster(handed_down(files.all_sources)) == files.all_sources


def test_what_a_pod_waits_for_is_named_with_its_field() -> None:
    runner, _ = pods({**ONE, "sources": [*PARTS, SECRET]})
    assert set(_sources(runner["spec"]["volumes"])) == {
        'ConfigMap "flows" (spec.flow.files.sources)',
        'ConfigMap "code-0" (spec.flow.files.sources)',
        'ConfigMap "code-1" (spec.flow.files.sources)',
        'Secret "keys" (spec.flow.files.sources)',
    }
