"""A FlowRun from whatever a user calls a flow."""

import re
from pathlib import Path
from typing import Any

import pytest
from daskflow.client.errors import WrongUse
from daskflow.client.manifest import again, manifest

YAML = """
apiVersion: daskflow.dev/v1alpha1
kind: FlowRun
metadata: {name: etl}
spec:
  image: one
  flow: {entrypoint: "flows.etl:flow", parameters: {day: 2026-11-01, size: 1}}
"""


def test_overrides_go_over_a_manifest(tmp_path: Path) -> None:
    (tmp_path / "run.yaml").write_text(YAML)
    for flow in (YAML, tmp_path / "run.yaml", str(tmp_path / "run.yaml")):
        found = manifest(
            flow,
            image="two",
            workers=4,
            threads=2,
            memory="1Gi",
            parameters={"size": 2},
            spec={"suspend": True},
        )
        assert found["metadata"] == {"name": "etl"}
        assert found["spec"] == {
            "image": "two",
            "flow": {"entrypoint": "flows.etl:flow", "parameters": {"day": "2026-11-01", "size": 2}},
            "cluster": {
                "workers": {
                    "replicas": 4,
                    "threads": 2,
                    "resources": {"limits": {"memory": "1Gi"}, "requests": {"memory": "1Gi"}},
                }
            },
            "suspend": True,
        }


@pytest.mark.parametrize(
    ("flow", "entrypoint", "base"),
    [
        ("flows/daily_etl.py:flow", "flows/daily_etl.py:flow", "daily-etl"),
        ("a.b.etl:Class.flow", "a.b.etl:Class.flow", "etl"),
    ],
)
def test_an_entrypoint_is_a_run_of_its_name(flow: Any, entrypoint: str, base: str) -> None:
    found = manifest(flow)
    assert found["spec"]["flow"]["entrypoint"] == entrypoint
    assert re.fullmatch(f"{base}-[a-z0-9]{{6}}", found["metadata"]["name"])
    assert manifest(flow)["metadata"]["name"] != found["metadata"]["name"]
    assert manifest(flow, name="mine")["metadata"]["name"] == "mine"


def test_a_name_is_made_on_demand() -> None:
    assert re.fullmatch("etl-[a-z0-9]{6}", manifest(YAML, generate_name=True)["metadata"]["name"])
    assert len(manifest("a:b", name="x" * 60, generate_name=True)["metadata"]["name"]) <= 50


@pytest.mark.parametrize(
    ("flow", "words"),
    [
        ("nothing", "'nothing' is no flow; give module:attr"),
        ("missing.yaml", "missing.yaml cannot be read"),
        ({"kind": "Pod"}, "the manifest has Pod; give exactly one FlowRun"),
        ({"kind": "FlowRun", "apiVersion": "v2"}, "apiVersion of the manifest is 'v2'; write daskflow.dev"),
        ("a:\n- b: [", "is no YAML"),
        (YAML + "---" + YAML, "has FlowRun, FlowRun; give exactly one"),
        (YAML.replace("{name: etl}", "text"), "metadata of the manifest is 'text'; give an object"),
    ],
)
def test_what_is_no_flow_is_said(flow: Any, words: str) -> None:
    with pytest.raises(WrongUse, match=words):
        manifest(flow)


def test_a_run_once_more_is_what_it_was_without_what_it_was_told_later() -> None:
    old = {
        "metadata": {
            "name": "etl-bcdfgh",
            "namespace": "team",
            "uid": "u",
            "resourceVersion": "1",
            "labels": {"team": "a", "daskflow.dev/schedule": "nightly"},
            "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}"},
        },
        "spec": {"image": "i", "cancel": True, "suspend": True},
        "status": {"phase": "Failed"},
    }
    new = manifest(again(old), image="j")
    assert new["spec"] == {"image": "j"}
    assert re.fullmatch("etl-[a-z0-9]{6}", new["metadata"].pop("name"))
    assert new["metadata"] == {"namespace": "team", "labels": {"team": "a"}}


@pytest.mark.parametrize("kind", [str, Path])
def test_a_scripts_path_is_a_run_of_its_text(tmp_path: Path, kind: type) -> None:
    path = tmp_path / "2 Load_Daily.py"
    path.write_text("result = 1")
    made = manifest(kind(path))
    assert made["spec"] == {"flow": {"script": "result = 1"}}
    assert re.fullmatch(r"load-daily-[a-z0-9]{6}", made["metadata"]["name"])
