"""`daskflow local`: manifests on this machine, in the processes that are pods in Kubernetes."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.runtime.local.conftest import COMMAND, WAITING, Local, manifest, outcome_of

EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.mark.parametrize(
    ("example", "result"),
    [
        ("diamond", 9900),
        ("squares", 333283335000),
        ("script", {"scheduler": 9, "worker": 6, "runner": 6}),
        ("command", None),
    ],
)
def test_examples(local: Local, example: str, result: Any) -> None:
    answer = local(str(EXAMPLES / example / "flowrun.yaml"), "--output", "-", directory=EXAMPLES)
    outcome = outcome_of(answer)
    assert (answer.returncode, outcome["phase"], outcome.get("result")) == (0, "Succeeded", result)
    assert outcome["cluster"]["workersDesired"] == 2
    assert outcome["flowStartTime"]
    assert "spec.image has no meaning here" in answer.stderr


def test_parameters_are_json_else_text(local: Local, tmp_path: Path) -> None:
    (tmp_path / "etl.py").write_text("def flow(a, b, c): return [a, b, c]")
    text = manifest({"entrypoint": "etl:flow", "parameters": {"a": 1, "b": 2}}, 0)
    answer = local("-p", "b=[3]", "--parameter", "c=day=1", "--output", "-", text=text)
    assert outcome_of(answer)["result"] == [1, [3], "day=1"]
    bare = manifest({"entrypoint": "etl:flow"}, 0).replace(
        "etl:flow", "etl:flow\n    parameters: {b: 1, c: 2, n: 3}"
    )
    (tmp_path / "etl.py").write_text("def flow(n, b, c): return [n, b, c]")
    assert outcome_of(local("-p", "n=4", "--output", "-", text=bare))["result"] == [4, 1, 2]
    wrong = local("-p", "b", text=text)
    assert (wrong.returncode, "write -p name=value" in wrong.stderr) == (2, True)


def test_numbers_that_a_cluster_would_round_are_refused_here_too(local: Local) -> None:
    said = "id is 18446744073709551617, and Kubernetes rounds numbers beyond 64 bits; write it as text"
    written = local(text=manifest({"entrypoint": "etl:flow", "parameters": {"id": 2**64 + 1}}, 0))
    assert (written.returncode, f"spec.flow.parameters: {said}" in written.stderr) == (2, True), (
        written.stderr
    )
    given = local("-p", f"id={2**64 + 1}", text=manifest({"entrypoint": "etl:flow"}, 0))
    assert (given.returncode, f"-p {said}" in given.stderr) == (2, True), given.stderr


def test_a_flow_that_fails(local: Local, tmp_path: Path) -> None:
    answer = local("--output", str(tmp_path / "outcome.json"), text=manifest("raise ValueError('day 32')"))
    outcome = json.loads((tmp_path / "outcome.json").read_text())
    assert answer.returncode == 1
    assert (outcome["phase"], outcome["reason"], outcome["failure"]["exception"]) == (
        "Failed",
        "FlowFailed",
        "ValueError",
    )
    assert answer.stderr.count("daskflow: Failed") == 1


COUNTING = """
from distributed import get_client
result = sum(get_client().gather(get_client().map(abs, [1, 2])))
"""


@pytest.mark.parametrize(
    ("name", "begin"), [("x.html", "<!doctype"), ("x.svg", "<svg "), ("x.json", "{"), ("x.txt", "run: Succ")]
)
def test_the_report_is_kept_in_the_form_of_its_file(
    local: Local, tmp_path: Path, name: str, begin: str
) -> None:
    answer = local("--report", str(tmp_path / name), text=manifest(COUNTING))
    assert answer.returncode == 0, answer.stderr
    assert (tmp_path / name).read_text().startswith(begin)


def test_the_report_is_printed_and_the_outcome_s_file_has_it_for_later(local: Local, tmp_path: Path) -> None:
    kept = tmp_path / "kept.json"
    answer = local("--report", "-", "--output", str(kept), text=manifest(COUNTING))
    assert answer.stdout.startswith("run: Succeeded after ")
    assert re.search(r"^abs +\S* +\S+ +2 ", answer.stdout, re.M)
    later = subprocess.run(
        [*COMMAND[:-1], "report", str(kept)], capture_output=True, text=True, timeout=60, check=True
    )
    assert later.stdout.startswith("kept: Succeeded after ")


def test_a_run_without_a_scheduler_has_no_report_and_says_so(local: Local, tmp_path: Path) -> None:
    answer = local("--report", str(tmp_path / "x.html"), text=manifest("result = 1", 0))
    assert (answer.returncode, "there is no report" in answer.stderr) == (0, True)
    assert not (tmp_path / "x.html").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--report", "x.pdf"), "give it a name that ends with .txt, .svg, .html, .json"),
        (("--report", "no/x.svg"), "no is no folder"),
        (("--report", "-", "--output", "-"), "would be mixed up"),
    ],
)
def test_a_report_that_has_nowhere_to_go_starts_nothing(
    local: Local, arguments: tuple[str, ...], said: str
) -> None:
    answer = local(*arguments, text=manifest("print('begun')"))
    assert (answer.returncode, said in answer.stderr, answer.stdout) == (2, True, "")


def test_the_report_is_in_the_outcome_and_the_record_of_each_task_where_it_was_asked_for(
    local: Local, tmp_path: Path
) -> None:
    script = (
        "from distributed import get_client\nresult = sum(get_client().gather(get_client().map(abs, [1, 2])))"
    )
    text = manifest(script, report={"to": str(tmp_path / "kept"), "timeline": False})
    answer = local("--output", "-", text=text)
    report = outcome_of(answer)["report"]
    assert (report["tasks"], report["prefixes"][0]["name"], report["workers"]["count"]) == (2, "abs", 1)
    assert 0 <= report["efficiency"] < 1
    assert "timeline" not in report
    assert report["record"] == str(tmp_path / "kept" / "local" / "run" / "1" / "tasks.json.gz")
    assert Path(report["record"]).exists()
    assert "spec.report" not in answer.stderr


def test_a_manifest_that_is_wrong_starts_nothing(local: Local) -> None:
    answer = local(text=manifest("x", cluser={}))
    assert answer.returncode == 2
    assert answer.stderr == "daskflow: spec.cluser is unknown; did you mean spec.cluster?\n"


def test_files_of_a_config_map_in_the_manifest(local: Local) -> None:
    flow = {"entrypoint": "main.py:flow", "files": {"configMapRef": {"name": "flows"}}}
    data = {
        "main.py": "from distributed import Client\nfrom part import double\n"
        "flow = lambda: Client().submit(double, 21).result()",
        "part.py": "def double(x): return 2 * x",
    }
    config_map = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "flows"}, "data": data}
    text = manifest(flow) + "---\n" + yaml.safe_dump(config_map)
    assert outcome_of(local("--output", "-", text=text))["result"] == 42


@pytest.mark.parametrize("scheduler", ["threads", "processes", "sync"])
def test_single_machine_schedulers(local: Local, tmp_path: Path, scheduler: str) -> None:
    (tmp_path / "etl.py").write_text(
        "import dask, os, threading\n"
        "@dask.delayed\n"
        "def where(n): return [os.getpid(), threading.get_ident()]\n"
        "def flow():\n"
        "    found = dask.compute(*[where(n) for n in range(4)])\n"
        "    here = [os.getpid(), threading.get_ident()]\n"
        "    return [all(f == here for f in found), all(f[0] == here[0] for f in found)]\n"
    )
    outcome = outcome_of(
        local("--scheduler", scheduler, "--output", "-", text=manifest({"entrypoint": "etl.py:flow"}))
    )
    assert (
        outcome["result"]
        == {"threads": [False, True], "processes": [False, False], "sync": [True, True]}[scheduler]
    )
    assert "cluster" not in outcome


def test_without_workers_there_is_no_cluster(local: Local) -> None:
    text = manifest("import os; result = os.environ.get('DASK_SCHEDULER_ADDRESS')", 0)
    outcome = outcome_of(local("--output", "-", text=text))
    assert outcome["phase"] == "Succeeded"
    assert "cluster" not in outcome


def test_a_flow_makes_a_cluster_for_itself(local: Local) -> None:
    script = """
from daskflow.runtime import Cluster
def double(x): return 2 * x
from distributed import Client
with Cluster(workers=1, env={"LEVEL": "2"}) as cluster:
    level = Client().submit(__import__("os").getenv, "LEVEL").result()
    result = [sum(cluster.client.gather(cluster.client.map(double, range(10)))), level]
"""
    assert outcome_of(local("--output", "-", text=manifest(script, 0)))["result"] == [90, "2"]


@pytest.mark.parametrize(("files", "result"), [(["day-1"], 5), (["day-1", "day-22"], 11)])
def test_the_snippet_of_the_docs(local: Local, tmp_path: Path, files: list[str], result: int) -> None:
    page = (EXAMPLES.parent / "docs" / "conditional.md").read_text()
    (snippet,) = re.findall(r"```python\n(.*?)```", page, re.S)
    (tmp_path / "etl.py").write_text("def read(name): return len(name)\n" + snippet)
    text = manifest({"entrypoint": "etl.py:flow", "parameters": {"files": files}}, 0)
    assert outcome_of(local("--output", "-", text=text))["result"] == result


def test_a_python_without_distributed_is_explained(local: Local) -> None:
    text = manifest("result = 1")
    answer = local("--output", "-", "--python", "/no/python", text=text)
    assert (answer.returncode, "--python /no/python is no program" in answer.stderr) == (2, True)


def test_a_deadline(local: Local) -> None:
    text = manifest(WAITING, 0, deadlines={"active": "2s"})
    answer = local("--output", "-", text=text)
    outcome = outcome_of(answer)
    assert (answer.returncode, outcome["reason"]) == (1, "DeadlineExceeded")
    assert "spec.deadlines.active of 2s" in outcome["message"]
    assert "tidied up" in answer.stderr
