"""Whatever is given, the answer is a manifest that is taken or one sentence, and never a traceback."""

import string
from pathlib import Path
from typing import Any

import pytest
import yaml
from daskflow.cli.local.validation import Invalid
from daskflow.cli.main import app
from daskflow.cli.migration.draft import refusal
from daskflow.cli.migration.options import Options
from daskflow.cli.migration.sources import Text, migrate
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

JOB = "apiVersion: kubernetes.dask.org/v1\nkind: DaskJob\n"

BOMB = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty; give a manifest"),
        ("# nothing\n---\n", "is empty; give a manifest"),
        ("a: [1", "is no YAML: line 1"),
        ("- 1\n- 2\n", "holds [1, 2] where a mapping is expected"),
        ("just words", "holds 'just words' where a mapping is expected"),
        ("3", "holds 3 where a mapping is expected"),
        ("null", "is empty; give a manifest"),
        ("colour: red\nsize: 3", "has colour, size, which no known source has; say --from"),
        ("services: {db: {image: postgres, command: run}}", "nothing in it can be migrated"),
        ("services: null", "which no known source has"),
        ("jobqueue: {slurm: {queue: a}}", "nothing in it can be migrated"),
        ("kind: ConfigMap\napiVersion: v1", "nothing in it can be migrated"),
        ("kind: List\napiVersion: v1\nitems: [3]", "holds 3 where a Kubernetes object is expected"),
        ("kind: List\napiVersion: v1\nitems: 3", "nothing in it can be migrated"),
        ("a: " + "[" * 200 + "]" * 200, "levels deep"),
        ("a: " + "[" * 5000 + "]" * 5000, "nested deeper"),
        (BOMB, "more than 50000 values"),
        ("a: &a\n  b: *a", "levels deep"),
        ("\0", "is no text"),
        ("a: {{ .Values.b }}\nc: {{- include d }}\ne: {{", "give what `helm template` prints"),
        ('{"cells": [], "nbformat": 4}', "is a notebook; give what `jupyter nbconvert"),
        ("import os\nprint(os.getcwd())", "has no call of KubeCluster"),
        ("from dask_kubernetes.operator import HelmCluster\nHelmCluster('a')", "helm get values NAME"),
    ],
)
def test_one_sentence(text: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "input"
    file.write_text(text)
    answer = CliRunner().invoke(app, ["migrate", str(file)])
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert answer.stderr.count("\n") == 1
    assert said in answer.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["missing.yaml"],
            "missing.yaml cannot be read: No such file or directory; give the path of a file.",
        ),
        (["."], "cannot be read: Is a directory"),
        (["--from", "flyte", "a"], "'flyte' is not one of"),
        ([], "Missing argument"),
    ],
)
def test_wrong_use(arguments: list[str], said: str) -> None:
    answer = CliRunner().invoke(app, ["migrate", *arguments])
    assert answer.exit_code == 2
    assert said in answer.stderr


def test_values_that_json_has_not_are_named() -> None:
    pod = "{nodeSelector: !!timestamp 2026-01-01, volumes: [{name: a, emptyDir: .nan}]}"
    header = JOB.replace("DaskJob", "DaskCluster")
    text = f"{header}metadata: {{name: a}}\nspec: {{worker: {{spec: {pod}}}}}"
    result = migrate([Text("x.yaml", text)], Options())
    ((manifest, _),) = result.manifests
    assert "template" not in manifest["spec"]["workers"]
    said = [str(finding) for finding in result.findings if "JSON has not" in str(finding)]
    assert [line.partition(" is ")[0].rpartition(".")[2] for line in said] == ["nodeSelector", "volumes[0]"]


@pytest.mark.parametrize("text", ["x = " + "-" * 50000 + "1", "x = " + "+".join(["1"] * 20000)])
def test_a_program_that_is_nested_too_deep(text: str, tmp_path: Path) -> None:
    file = tmp_path / "x.py"
    file.write_text(text)
    answer = CliRunner().invoke(app, ["migrate", str(file)])
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert answer.stderr.endswith("; give the part that makes the cluster.\n")
    assert "Python: ;" not in answer.stderr


def test_half_characters_are_named(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    pod = r'spec: {worker: {spec: {containers: [{image: a, env: [{name: A, value: "\ud83d"}]}]}}}'
    file.write_text(f"{JOB.replace('DaskJob', 'DaskCluster')}metadata: {{name: a}}\n{pod}\n")
    answer = CliRunner().invoke(app, ["migrate", str(file)])
    assert answer.exit_code == 0, answer.output
    assert r"\ud83d" in answer.stderr
    assert "env" not in str(yaml.safe_load(answer.stdout))


def test_what_is_said_is_one_line_each(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    name = r"a\nkind: Evil\e[31m"
    file.write_text(f'{JOB.replace("DaskJob", "DaskCluster")}metadata: {{name: "{name}"}}\nspec: {{b: 1}}\n')
    answer = CliRunner().invoke(app, ["migrate", str(file)])
    assert "\x1b" not in answer.output
    assert all(line.startswith("daskflow: ") for line in answer.stderr.splitlines())
    assert yaml.safe_load(answer.stdout)["kind"] == "DaskCluster"


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"\xff\xfe\x00")
    answer = CliRunner().invoke(app, ["migrate", str(tmp_path / "x")])
    assert (answer.exit_code, "is no text in UTF-8" in answer.stderr) == (2, True)


@pytest.mark.parametrize(
    "spec", ["null", "3", "[]", "{job: null, cluster: null}", "{job: [1], cluster: {spec: 3}}"]
)
def test_a_job_without_anything_is_a_run_that_says_so(spec: str) -> None:
    result = migrate([Text("job.yaml", f"{JOB}metadata: {{name: a}}\nspec: {spec}\n")], Options())
    ((manifest, _),) = result.manifests
    assert refusal(manifest) == ""
    assert "spec.flow could not be migrated" in str(manifest["spec"]["flow"])
    assert any("neither command nor args" in str(finding) for finding in result.findings)


WORDS = st.sampled_from(  # of any source
    [
        "apiVersion",
        "kind",
        "metadata",
        "name",
        "namespace",
        "labels",
        "annotations",
        "spec",
        "job",
        "cluster",
        "worker",
        "scheduler",
        "service",
        "type",
        "ports",
        "containers",
        "image",
        "env",
        "value",
        "valueFrom",
        "args",
        "command",
        "resources",
        "limits",
        "requests",
        "cpu",
        "memory",
        "replicas",
        "volumes",
        "volumeMounts",
        "mountPath",
        "securityContext",
        "tolerations",
        "idleTimeout",
        "minimum",
        "maximum",
        "services",
        "deploy",
        "environment",
        "entrypoint",
        "depends_on",
        "scale",
        "jobqueue",
        "slurm",
        "cores",
        "processes",
        "worker-extra-args",
        "additional_worker_groups",
        "mounts",
        "extraArgs",
        "jupyter",
        "webUI",
        "enabled",
    ]
)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3000)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(
        ["dask-worker", "dask", "scheduler", "--nthreads", "1Gi", "512m", "tcp://a:8786", "$(A)", ""]
    )
    | st.text(string.printable, max_size=12)
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=6),
    max_leaves=30,
)
FIELDS = st.dictionaries(WORDS, VALUES, max_size=5)
POD = st.fixed_dictionaries(
    {},
    optional={
        "spec": st.fixed_dictionaries({}, optional={"containers": st.lists(FIELDS), "volumes": VALUES})
    },
)
CLUSTER = FIELDS | st.fixed_dictionaries(
    {"worker": POD | VALUES, "scheduler": POD | VALUES}, optional={"idleTimeout": VALUES}
)
DOCUMENTS = st.one_of(
    st.fixed_dictionaries(
        {
            "apiVersion": st.just("kubernetes.dask.org/v1"),
            "kind": st.sampled_from(["DaskJob", "DaskCluster", "DaskWorkerGroup", "DaskAutoscaler"]),
            "metadata": VALUES | st.fixed_dictionaries({"name": VALUES, "labels": VALUES}),
            "spec": CLUSTER
            | st.fixed_dictionaries({"job": POD, "cluster": st.fixed_dictionaries({"spec": CLUSTER})}),
        }
    ),
    st.fixed_dictionaries({"services": st.dictionaries(st.sampled_from("abc"), FIELDS, min_size=1)}),
    st.fixed_dictionaries({"jobqueue": st.dictionaries(st.sampled_from("abc"), FIELDS | VALUES)}),
    st.fixed_dictionaries(
        {"worker": FIELDS}, optional={"scheduler": VALUES, "additional_worker_groups": VALUES}
    ),
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(st.lists(DOCUMENTS, min_size=1, max_size=3))
def test_any_document(documents: list[dict[str, Any]]) -> None:
    try:
        result = migrate([Text("x.yaml", yaml.safe_dump_all(documents))], Options(variables={}))
    except Invalid as error:
        said = str(error)
    else:
        said = ""
    assert "\n" not in said
    for manifest, _ in result.manifests if not said else ():
        assert refusal(manifest) == ""


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(["KubeCluster", "SLURMCluster", "DaskTaskRunner", "coiled.Cluster"]),
    st.dictionaries(
        st.sampled_from(
            [
                "name",
                "image",
                "n_workers",
                "resources",
                "env",
                "worker_command",
                "idle_timeout",
                "custom_cluster_spec",
                "cores",
                "memory",
                "processes",
                "worker_cpu",
                "worker_memory",
                "worker_options",
                "environ",
                "cluster_kwargs",
                "cluster_class",
                "adapt_kwargs",
            ]
        ),
        VALUES,
    ),
    VALUES,
)
def test_any_arguments(called: str, arguments: dict[str, Any], scaled: Any) -> None:
    given = ", ".join(f"{name}={value!r}" for name, value in arguments.items())
    text = (
        f"import coiled\n@flow\ndef f(): ...\nc = {called}({given})\n"
        f"c.scale({scaled!r})\nc.adapt(minimum={scaled!r})\n"
    )
    result = migrate([Text("x.py", text)], Options())
    for manifest, _ in result.manifests:
        assert refusal(manifest) == ""
