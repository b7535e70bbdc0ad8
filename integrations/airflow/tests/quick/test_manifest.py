"""From arguments to a FlowRun, and what is said of those that make none."""

from pathlib import Path
from typing import Any

import pytest
from airflow.sdk import DAG, task
from airflow_provider_daskflow.flowrun import FlowRunSpec
from airflow_provider_daskflow.manifest import Invalid, manifest_of
from airflow_provider_daskflow.operators import DaskflowRunOperator

_YAML = """
apiVersion: daskflow.dev/v1alpha1
kind: FlowRun
metadata: {name: nightly, labels: {team: a}}
spec:
  image: flows:1
  flow: {entrypoint: etl:flow, parameters: {n: 1}}
  cluster: {workers: {replicas: 2}}
"""


def operator(**given: Any) -> DaskflowRunOperator:
    return DaskflowRunOperator(task_id="etl", **given)


def sentence(**given: Any) -> str:
    with pytest.raises(Invalid) as raised:
        operator(**given)
    return str(raised.value)


BASE = {"image": "flows:1", "entrypoint": "etl:flow"}
FLOW = {"entrypoint": "etl:flow"}


@pytest.mark.parametrize(
    ("given", "spec"),
    [
        ({"workers": 3}, {"cluster": {"workers": {"replicas": 3}}}),
        ({"workers": {"threads": 2, "nanny": True}}, {"cluster": {"workers": {"threads": 2, "nanny": True}}}),
        ({"autoscale": (0, 9)}, {"cluster": {"workers": {"autoscale": {"minimum": 0, "maximum": 9}}}}),
        (
            {"worker_resources": {"limits": {"memory": "2Gi"}}},
            {"cluster": {"workers": {"resources": {"limits": {"memory": "2Gi"}}}}},
        ),
        ({"env": {"A": "b", "N": 1}}, {"env": [{"name": "A", "value": "b"}, {"name": "N", "value": "1"}]}),
        ({"cluster": "lab"}, {"clusterRef": {"name": "lab"}}),
        ({"flow_retries": 2}, {"retries": {"limit": 2}}),
        ({"flow_retries": {"infrastructureLimit": 1}}, {"retries": {"infrastructureLimit": 1}}),
        ({"deadlines": {"active": "2h"}}, {"deadlines": {"active": "2h"}}),
        ({"parameters": {"n": (1, 2)}}, {"flow": {**FLOW, "parameters": {"n": [1, 2]}}}),
        ({"service_account_name": "etl"}, {"serviceAccountName": "etl"}),
        ({"manifest": {"template": {"metadata": {}}}}, {"template": {"metadata": {}}}),
    ],
)
def test_an_argument_is_a_field(given: dict[str, Any], spec: dict[str, Any]) -> None:
    _, made = operator(**BASE, **given).made_spec()
    assert made == {"image": "flows:1", "flow": FLOW, **spec}
    FlowRunSpec.model_validate(made)


def test_arguments_are_set_over_a_manifest(tmp_path: Path) -> None:
    file = tmp_path / "run.yaml"
    file.write_text(_YAML)
    for manifest in (_YAML, file):
        _, spec = operator(manifest=manifest, workers=5, parameters={"n": 2}).made_spec()
        assert spec == {
            "image": "flows:1",
            "flow": {"entrypoint": "etl:flow", "parameters": {"n": 2}},
            "cluster": {"workers": {"replicas": 5}},
        }
    _, spec = operator(manifest=_YAML, script="result = 1").made_spec()
    assert spec["flow"] == {"script": "result = 1", "parameters": {"n": 1}}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"image": "x"},
            "what to run: none is given; give one of entrypoint, script and command, or a manifest",
        ),
        ({**BASE, "script": "result = 1"}, "what to run: entrypoint and script are given; give one of"),
        (
            {"entrypoint": "etl:flow"},
            "image: none is given; name one with Python and distributed, or a cluster",
        ),
        (
            {**BASE, "workers": "many"},
            'spec.cluster.workers.replicas: "many" will not do: input should be a valid',
        ),
        (
            {**BASE, "workers": -1},
            "spec.cluster.workers.replicas: -1 will not do: input should be greater than",
        ),
        ({**BASE, "workers": {"thread": 1}}, "spec.cluster.workers.thread: a FlowRun has no such field; see"),
        (
            {**BASE, "autoscale": {"minimum": 1}},
            "spec.cluster.workers.autoscale.maximum: it is required here",
        ),
        (
            {**BASE, "deadlines": {"active": 3}},
            "spec.deadlines.active: 3 will not do: input should be a valid str",
        ),
        (
            {**BASE, "worker_resources": {"limits": {"memory": "2Gib"}}},
            'spec.cluster.workers.resources.limits.memory: "2Gib" is not a Kubernetes quantity; write for',
        ),
        (
            {**BASE, "worker_resources": {"limits": {"memory": "512m"}}},
            'spec.cluster.workers.resources.limits: memory "512m" is less than 1Mi; m stands for',
        ),
        (
            {**BASE, "autoscale": (9, 3)},
            "spec.cluster.workers.autoscale: minimum is above maximum; lower it or raise maximum",
        ),
        (
            {**BASE, "deadlines": {"active": "2 hours"}},
            'spec.deadlines.active: "2 hours" is not a duration; write for example 90s, 10m, 2h or 7d',
        ),
        ({**BASE, "namespace": "Team A"}, 'namespace: "Team A" is no namespace; write at most 63 small'),
        (
            {"manifest": _YAML.replace("nightly", "nightly, namespace: a_b")},
            'manifest: metadata.namespace: "a_b" is no namespace; write at most 63 small',
        ),
        (
            {**BASE, "parameters": {"rate": float("nan")}},
            "spec.flow.parameters.rate: nan cannot be sent as JSON; give a number, a text, or nothing",
        ),
        ({**BASE, "env": ["A=b"]}, 'spec.env[0]: "A=b" will not do: input should be a valid dictionary'),
        (
            {**BASE, "parameters": {"f": open}},
            "spec.flow.parameters.f: a builtin_function_or_method cannot be sent",
        ),
        (
            {**BASE, "parameters": {1: 2}},
            "spec.flow.parameters: the key 1 is no text, as keys of JSON have to be",
        ),
        ({"manifest": "a: [", **BASE}, "manifest: it is no YAML: while parsing a flow node"),
        ({"manifest": "[1]", **BASE}, "manifest: write a FlowRun, or its spec, as a mapping or as YAML"),
        (
            {"manifest": {"kind": "Job"}},
            "manifest: it is a Job of None; only a FlowRun of daskflow.dev/v1alpha1",
        ),
        (
            {"manifest": {"cluster": 3}, "workers": 2, **BASE},
            "spec.cluster: a mapping is needed here, since cluster",
        ),
        (
            {**BASE, "cluster": "shared", "workers": 2, "autoscale": (1, 2)},
            "cluster: shared has workers of its own; leave workers and autoscale out, or cluster",
        ),
        ({"manifest": Path("/no/such")}, "manifest: /no/such cannot be read: No such file or directory"),
    ],
)
def test_what_is_wrong_is_said_while_the_dag_is_parsed(given: dict[str, Any], said: str) -> None:
    text = sentence(**given)
    assert text.startswith(said)
    assert "\n" not in text


def test_templates_and_results_of_other_tasks_are_let_pass() -> None:
    with DAG("templates", schedule=None):

        @task
        def number() -> int:
            return 3

        made = DaskflowRunOperator(
            task_id="etl",
            image="{{ params.image }}",
            entrypoint="etl:flow",
            workers="{{ params.workers }}",
            autoscale=number(),
            deadlines=number(),
            parameters={"n": number(), "day": "{{ ds }}"},
            params={"image": "flows:1", "workers": 3},
        )
        DaskflowRunOperator(task_id="of_text", manifest="{{ params.spec }}")
    assert {"number", "number__1", "number__2"} == made.upstream_task_ids


def test_what_is_wrong_beside_a_template_is_said() -> None:
    text = sentence(
        image="{{ params.image }}", entrypoint="etl:flow", workers={"replicas": "{{ n }}", "x": 1}
    )
    assert text.startswith("spec.cluster.workers.x: a FlowRun has no such field")


@pytest.mark.parametrize("name", ["labels", "annotations"])
def test_metadata_of_a_manifest_that_is_no_mapping_is_named(name: str) -> None:
    given = {"kind": "FlowRun", "metadata": {name: ["team=a"]}, "spec": {}}
    with pytest.raises(Invalid, match=f"manifest: metadata.{name} has to be a mapping"):
        manifest_of(given)
    given["metadata"] = {name: None}
    assert manifest_of(given) == given
