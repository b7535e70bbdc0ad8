"""What is refused, in which words: the same that the API server would refuse."""

import base64
from pathlib import Path
from typing import Any

import pytest
import yaml
from daskflow.api.crd import KINDS
from daskflow.api.yaml_text import documents
from daskflow.cli.local.command import _overrides
from daskflow.cli.local.manifest import Invalid, archive_of, files_of, read
from daskflow.cli.local.validation import checked, holds


def manifest(**spec: Any) -> str:
    whole = {"image": "flows:1", "flow": {"entrypoint": "etl:flow"}, **spec}
    run = {
        "apiVersion": "daskflow.dev/v1alpha1",
        "kind": "FlowRun",
        "metadata": {"name": "etl"},
        "spec": whole,
    }
    return yaml.safe_dump(run)


CONFIG_MAP = yaml.safe_dump(
    {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "flows"},
        "data": {"etl.py": "flow = print"},
        "binaryData": {"data.bin": base64.b64encode(b"\x00\xff").decode()},
    }
)


def test_a_manifest_is_read_as_it_is_written() -> None:
    found = read(manifest(cluster={"workers": {"replicas": 3, "threads": None}}), "run.yaml")
    assert found.name == "etl"
    assert found.spec.cluster.workers.replicas == 3
    assert found.written["cluster"] == {"workers": {"replicas": 3}}


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ({"flwo": 1}, "spec.flwo is unknown; did you mean spec.flow?"),
        ({"cluster": {"workers": {"replica": 1}}}, "did you mean spec.cluster.workers.replicas?"),
        ({"cluster": {"workers": {"replicas": -1}}}, "spec.cluster.workers.replicas is -1; "),
        ({"cluster": {"workers": {"replicas": "2"}}}, 'spec.cluster.workers.replicas is "2"; '),
        ({"cluster": "big"}, 'spec.cluster is "big"; '),
        ({"flow": {"entrypoint": "etl"}}, '"etl" is no entrypoint; write module:attr'),
        (
            {"flow": {"entrypoint": "etl:flow", "script": "x"}},
            'spec.flow is {"entrypoint": "etl:flow", "script": "x"}; give exactly one of entrypoint',
        ),
        ({"flow": {}}, "spec.flow is {}; give exactly one of"),
        ({"flow": None}, "spec.flow is missing"),
        ({"image": None}, "spec.image is missing"),
        ({"deadlines": {"active": "soon"}}, "'soon' is not a duration; write for example 90s"),
        (
            {"cluster": {"workers": {"resources": {"limits": {"memory": "4 GB"}}}}},
            "spec.cluster.workers.resources.limits.memory: '4 GB' is not a Kubernetes quantity",
        ),
        ({"env": [{"name": "A"}, {"name": "A"}]}, "spec.env has more than one 'A'; keep one"),
        ({"security": {"runAsUser": 0}}, "spec.security.runAsUser"),
        ({"security": {"tls": {"mode": "Secret"}}}, "give secretName with mode: Secret"),
        (
            {"clusterRef": {"name": "a"}, "schedulerAddress": "tcp://a:1"},
            "at most one of cluster, clusterRef",
        ),
        (
            {"cluster": {"workers": {"autoscale": {"minimum": 3, "maximum": 2}}}},
            'spec.cluster.workers.autoscale is {"maximum": 2, "minimum": 3}; minimum is above maximum',
        ),
        (
            {"quietHours": {"start": "8", "end": "18:00"}},
            'spec.quietHours.start: "8" is no time of the day; write for example "08:00"',
        ),
        ({"quietHours": {"start": "08:00", "end": "08:00"}}, "start and end are the same time of the day"),
        ({"quietHours": {"start": "00:00", "end": "24:00"}}, "no attempt would ever begin"),
        ({"quietHours": {"start": "08:00", "end": "18:00", "days": ["Monday"]}}, "spec.quietHours.days[0]"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(spec: dict[str, Any], says: str) -> None:
    with pytest.raises(Invalid) as caught:
        read(manifest(**spec), "run.yaml")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_a_mapping_says_itself_counts_over_what_is_merged_into_it() -> None:
    assert documents("a: &a {x: 1}\nb: &b {<<: *a, x: 2}\nc: {<<: [*b, *a], x: 3, z: 4}") == [
        {"a": {"x": 1}, "b": {"x": 2}, "c": {"x": 3, "z": 4}}
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("b: {<<: {x: 1}, z: 1, z: 2}", "the key 'z' is given twice"),
        ("", "run.yaml has nothing in it; give a file with exactly one FlowRun"),
        (manifest() + "---\n" + manifest(), "FlowRun etl, FlowRun etl; give a file with exactly one FlowRun"),
        (CONFIG_MAP, "run.yaml has ConfigMap flows; give"),
        ("a: [", "run.yaml is no YAML: line 1"),
        ("a: 1\na: 2", "the key 'a' is given twice"),
        ("just text", "run.yaml holds 'just text' where a Kubernetes object is expected"),
        (
            manifest().replace("v1alpha1", "v1"),
            "apiVersion is 'daskflow.dev/v1'; write daskflow.dev/v1alpha1",
        ),
        (manifest().replace("name: etl", "name: et.l"), "metadata.name has a dot"),
        (manifest().replace("name: etl", "name: " + "e" * 51), "at most 50 characters"),
        (manifest().replace("name: etl", "labels: {}"), "metadata.name is missing"),
    ],
)
def test_a_file_that_is_not_one_run_is_refused(text: str, says: str) -> None:
    with pytest.raises(Invalid) as caught:
        read(text, "run.yaml")
    assert says in str(caught.value)


def test_every_rule_on_one_state_can_be_evaluated_here() -> None:
    """A rule that our CEL does not understand would let through what the API server refuses."""
    rules: list[tuple[str, Any]] = []

    def collect(schema: Any, sample: Any) -> None:
        for rule in schema.get("x-kubernetes-validations", ()):
            if "oldSelf" not in rule["rule"]:
                rules.append((rule["rule"], sample))
        for below in schema.get("properties", {}).values():
            collect(below, _sample(below))
        for name in ("items", "additionalProperties"):
            if name in schema:
                collect(schema[name], _sample(schema[name]))

    for kind in KINDS:
        schema = kind.definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
        collect(schema, {"metadata": {"name": "x"}})
    assert len(rules) > 20
    for rule, sample in rules:
        holds(rule, sample)


def _sample(schema: Any) -> Any:
    if schema.get("type") == "object":
        return {name: _sample(below) for name, below in schema.get("properties", {}).items()}
    return {"integer": 1, "number": 1.0, "boolean": True, "array": []}.get(schema.get("type"), "1")


def test_yaml_is_read_as_kubectl_reads_it() -> None:
    text = "{n: 1, day: 2026-11-01, at: 12:30, size: 1e3, octal: 010, on: yes, big: 1_000, x: ~, f: 1.5}"
    assert documents(text) == [
        {
            "false": 1,
            "day": "2026-11-01",
            "at": "12:30",
            "size": 1000.0,
            "octal": 8,
            "true": True,
            "big": 1000,
            "x": None,
            "f": 1.5,
        }
    ]


def test_files_come_from_the_manifests_own_config_map(tmp_path: Path) -> None:
    flow = {"entrypoint": "etl.py:flow", "files": {"configMapRef": {"name": "flows"}}}
    found = read(manifest(flow=flow) + "---\n" + CONFIG_MAP, "run.yaml")
    into = files_of(found, None, tmp_path / "files")
    assert into is not None
    assert (into / "etl.py").read_text() == "flow = print"
    assert (into / "data.bin").read_bytes() == b"\x00\xff"
    assert files_of(found, tmp_path, tmp_path / "other") == tmp_path
    alone = read(manifest(flow=flow), "run.yaml")
    with pytest.raises(Invalid, match="no such ConfigMap in the manifest; add it, or say --files DIRECTORY"):
        files_of(alone, None, tmp_path / "third")


@pytest.mark.parametrize("field", ["data", "binaryData"])
@pytest.mark.parametrize("key", ["../out.txt", "/out.txt", "a/b", ".", "..", "..data", "", "ä", "a" * 254])
def test_a_key_that_is_no_files_name_is_refused(tmp_path: Path, field: str, key: str) -> None:
    flow = {"entrypoint": "etl.py:flow", "files": {"configMapRef": {"name": "flows"}}}
    found = read(manifest(flow=flow) + "---\n" + CONFIG_MAP, "run.yaml")
    found.config_maps["flows"][field][key] = "AA=="  # type: ignore[index]
    with pytest.raises(
        Invalid, match=f"{field} of ConfigMap flows has the key .*, which Kubernetes does not"
    ):
        files_of(found, None, tmp_path / "files")
    assert [*tmp_path.rglob("*")] == [tmp_path / "files"]


@pytest.fixture
def with_archive() -> str:
    sources = [{"configMapRef": {"name": "code"}, "archive": True}, {"configMapRef": {"name": "flows"}}]
    flow = {"entrypoint": "etl.py:flow", "files": {"sources": sources}}
    part = {"metadata": {"name": "code"}, "binaryData": {"part-000": base64.b64encode(b"x").decode()}}
    code = yaml.safe_dump({"apiVersion": "v1", "kind": "ConfigMap", **part})
    return manifest(flow=flow) + "---\n" + CONFIG_MAP + "---\n" + code


def test_an_archive_comes_from_the_manifests_config_maps(with_archive: str, tmp_path: Path) -> None:
    found = read(with_archive, "run.yaml")
    into = archive_of(found, None, tmp_path / "archive")
    assert into is not None
    assert [(path.name, path.read_bytes()) for path in into.iterdir()] == [("part-000", b"x")]
    plain = files_of(found, None, tmp_path / "files")
    assert plain is not None
    assert {path.name for path in plain.iterdir()} == {"etl.py", "data.bin"}
    assert archive_of(found, tmp_path, tmp_path / "other") is None


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({}, "give configMapRef, sources or both"),
        ({"sources": []}, r"spec\.flow\.files\.sources"),
        ({"sources": [{"archive": True}]}, "give either configMapRef or secretRef"),
        ({"sources": [{"configMapRef": {"name": "a"}, "secretRef": {"name": "b"}}]}, "give either"),
    ],
)
def test_sources_that_name_nothing_are_refused(files: dict[str, Any], says: str) -> None:
    with pytest.raises(Invalid, match=says):
        read(manifest(flow={"entrypoint": "etl:flow", "files": files}), "run.yaml")


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ({"secretRef": {"name": "x"}}, r"sources\[0\]\.secretRef\.name is a Secret, which is not read here"),
        ({"configMapRef": {"name": "x"}}, r"sources\[0\]\.configMapRef\.name is 'x', and there is no such"),
    ],
)
def test_sources_that_are_not_in_the_manifest_are_told_of(
    source: dict[str, Any], says: str, tmp_path: Path
) -> None:
    flow = {"entrypoint": "etl:flow", "files": {"sources": [source]}}
    with pytest.raises(Invalid, match=says):
        files_of(read(manifest(flow=flow), "run.yaml"), None, tmp_path / "files")


def test_every_example_and_every_manifest_of_the_docs_is_valid() -> None:
    root = Path(__file__).parents[4]
    manifests = [*root.glob("examples/*/*.yaml")]
    assert manifests
    for path in manifests:
        for document in documents(path.read_text()):
            if document["kind"] in {kind.name for kind in KINDS}:
                checked(document)


@pytest.mark.parametrize("levels", [51, 220, 1_200, 100_000])
def test_what_is_nested_too_deep_is_refused_in_a_sentence(levels: int) -> None:
    deep = "[" * levels + "]" * levels
    with pytest.raises(Invalid, match="50 levels"):
        read(manifest(flow={"script": "1", "parameters": {"x": "deep"}}).replace("deep", deep), "run.yaml")
    with pytest.raises(Invalid, match=r"-p x is nested more than 50 levels"):
        _overrides([f"x={deep}"])
