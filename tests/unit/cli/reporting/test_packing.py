"""`daskflow report -o archive`: what is in it, and that none of the secrets is that were planted all over."""

import base64
import io
import json
import stat
import tarfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from daskflow.cli.main import app
from daskflow.cli.reporting.contents import LOG_BYTES
from daskflow.cli.reporting.destination import put
from daskflow.client.errors import WrongUse
from typer.testing import CliRunner, Result

from tests.unit.cli.api_of_objects import Objects, serving
from tests.unit.client.report.reported import reported
from tests.unit.client.timeline.a_run import at, attempt, event, pod

SECRETS = {
    "variable": "planted-variable-1",
    "parameter": "planted-parameter-2",
    "nested": "planted-nested-3",
    "template": "planted-template-4",
    "option": "planted-option-5",
    "url": "planted-url-6",
    "query": "planted-query-7",
    "script": "planted-script-8",
    "annotation": "planted-annotation-9",
    "log": "planted-log-10",
    "message": "planted-message-11",
    "event": "planted-event-12",
    "termination": "planted-termination-13",
    "applied": "planted-applied-14",
    "result": "planted-result-15",
    "failure": "planted-failure-16",
    "config": "planted-config-17",
    "worker": "planted-worker-18",
}
API = "daskflow.dev/v1alpha1"


def planted() -> Objects:
    """A run that has failed, with a secret wherever one may be."""
    s = SECRETS
    failed = attempt(1, 1, 3, 8, outcome="Failed", reason="FlowFailed", message=f"password={s['message']}")
    variable = {"name": "DB_PASSWORD", "value": s["variable"]}
    run = {
        "apiVersion": API,
        "kind": "FlowRun",
        "metadata": {
            "name": "etl",
            "namespace": "team",
            "uid": "u",
            "creationTimestamp": at(0),
            "annotations": {
                "kubectl.kubernetes.io/last-applied-configuration": json.dumps({"x": s["applied"]}),
                "example.org/api-token": s["annotation"],
            },
            "managedFields": [{"manager": s["applied"]}],
        },
        "spec": {
            "image": "etl:1",
            "imagePullSecrets": [{"name": "regcred"}],
            "env": [variable, {"name": "WAREHOUSE", "value": f"postgres://etl:{s['url']}@db/x"}],
            "flow": {
                "script": f'API_KEY = "{s["script"]}"\nprint(1)',
                "parameters": {"day": "monday", "token": s["parameter"], "login": {"secret": [s["nested"]]}},
            },
            "template": {
                "spec": {"containers": [{"name": "x", "env": [{"name": "T_TOKEN", "value": s["template"]}]}]}
            },
            "cluster": {
                "workers": {"args": ["--auth-token", s["option"], "--nthreads", "2"]},
                "config": {"storage": {"secret_access_key": s["config"]}},
            },
        },
        "status": {
            "phase": "Failed",
            "reason": "FlowFailed",
            "message": f"ValueError: no login with {s['variable']}",
            "completionTime": at(9),
            "attempts": [failed],
            "result": {"token": s["result"]},
            "failure": {
                "exception": "ValueError",
                "message": "no",
                "traceback": f'connect(secret="{s["failure"]}")',
            },
        },
    }
    log = (
        f"{at(5)} hello {s['variable']} {_coded(s['parameter'])}\n{at(6)} Authorization: Bearer {s['log']}\n"
    )
    return Objects(run, *_around(variable), logs={"etl-hhhhhhhh-1-runner": log})


def _around(variable: dict[str, str]) -> list[dict[str, Any]]:
    s = SECRETS
    said = json.dumps({"v": 1, "message": f"api_key: {s['termination']}"})
    ended = {"terminated": {"startedAt": at(4), "finishedAt": at(8), "exitCode": 1, "message": said}}
    runner = pod("runner", 1, 1, ended, placed=2)
    runner["kind"] = "Pod"
    runner["spec"] = {"containers": [{"name": "runner", "env": [variable]}, {"name": "side"}]}
    late = event("Pod", "etl-hhhhhhhh-1-worker-0", "Failed", 5, type="Warning")
    late |= {"kind": "Event", "message": f"GET https://r/x?sig={s['query']} token={s['event']}"}
    cluster = {
        "kind": "DaskCluster",
        "metadata": {"name": "etl-hhhhhhhh-1", "labels": {"daskflow.dev/run": "etl"}},
        "spec": {"env": [{"name": "W_SECRET", "value": s["worker"]}]},
    }
    secret = {"kind": "Secret", "metadata": {"name": "db"}, "data": {"a": "c2VjcmV0"}}
    return [runner, late, cluster, secret]


def _coded(value: str) -> str:
    return base64.b64encode(value.encode()).decode().rstrip("=")


def called(folder: Path, *options: str, objects: Objects | None = None) -> Result:
    with serving(objects or planted(), folder) as kubeconfig:
        return CliRunner().invoke(
            app, ["report", "etl", "-o", "archive", "--kubeconfig", kubeconfig, *options]
        )


def content(path: Path) -> dict[str, str]:
    with tarfile.open(path) as tar:
        return {each.name: (tar.extractfile(each) or io.BytesIO()).read().decode() for each in tar}


def test_none_of_the_secrets_that_were_planted_is_in_the_archive(tmp_path: Path) -> None:
    objects = planted()
    path = tmp_path / "out.tar.gz"
    answer = called(tmp_path, "-f", str(path), objects=objects)
    assert answer.exit_code == 0, answer.output
    found = content(path)
    coded = {name: _coded(value) for name, value in SECRETS.items()}
    for file, text in found.items():
        assert not [name for name, value in SECRETS.items() if value in text], file
        assert not [name for name, value in coded.items() if value in text], file
    assert not any("/secrets" in path for path in objects.asked)
    assert SECRETS["variable"] not in answer.output
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_all_else_about_the_run_is_there_and_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "out.tgz"
    assert called(tmp_path, "-f", str(path)).exit_code == 0
    found = {name.removeprefix("etl-report/"): text for name, text in content(path).items()}
    name = "etl-hhhhhhhh-1-runner"
    assert set(found) == {
        *("README.txt", "manifest.yaml", "status.yaml", "events.yaml", "pods.yaml", "clusters.yaml"),
        *("quotas.yaml", "explain.txt", "timeline.txt", "timeline.svg", "check.txt", "versions.yaml"),
        *(f"logs/{name}.log", f"logs/{name}.side.log"),
    }
    manifest = yaml.safe_load(found["manifest.yaml"])
    assert (manifest["kind"], manifest["spec"]["image"]) == ("FlowRun", "etl:1")
    assert manifest["spec"]["imagePullSecrets"] == [{"name": "regcred"}]
    assert manifest["spec"]["flow"]["parameters"]["day"] == "monday"
    assert yaml.safe_load(found["status.yaml"])["attempts"][0]["outcome"] == "Failed"
    for kind in ("events", "pods", "clusters"):
        assert len(yaml.safe_load(found[f"{kind}.yaml"])["items"]) == 1
    assert "What to do: Read the log" in found["explain.txt"]
    assert "WRONG  no operator is installed" in found["check.txt"]
    assert yaml.safe_load(found["versions.yaml"])["operators"] == []
    assert "hello" in found[f"logs/{name}.log"]
    ElementTree.fromstring(found["timeline.svg"])
    assert "attempt 1" in found["timeline.txt"]
    assert "values that looked like secrets" in found["README.txt"]


def test_a_report_of_the_run_is_there_as_a_page(tmp_path: Path) -> None:
    objects = planted()
    objects.objects[0]["status"]["report"] = reported()["status"]["report"]
    path = tmp_path / "out.tgz"
    assert called(tmp_path, "-f", str(path), objects=objects).exit_code == 0
    found = content(path)
    assert found["etl-report/report.html"].startswith("<!doctype html>")
    assert 'class="plot"' in found["etl-report/report.html"]
    assert "report.html, which says where time and memory went" in found["etl-report/README.txt"]


def test_what_may_not_be_seen_is_named(tmp_path: Path) -> None:
    objects = planted()
    objects.forbidden = ("events", "log", "daskclusters", "deployments", "customresourcedefinitions")
    path = tmp_path / "out.tgz"
    answer = called(tmp_path, "-f", str(path), objects=objects)
    assert answer.exit_code == 0, answer.output
    said = content(path)["etl-report/README.txt"]
    assert "You may not look at events." in said
    assert "You may not look at daskclusters." in said
    assert "There is no log of runner in etl-hhhhhhhh-1-runner" in said


@pytest.mark.parametrize(
    ("name", "said"),
    [("there.tgz", "is there already"), ("out.zip", "is a .tar.gz"), ("no/out.tgz", "is no folder")],
)
def test_a_file_that_cannot_be_written_is_a_sentence(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "there.tgz").write_text("")
    answer = called(tmp_path, "-f", str(tmp_path / name))
    assert (answer.exit_code, said in answer.output) == (2, True)
    assert called(tmp_path, "-f", str(tmp_path / "there.tgz"), "--force").exit_code == 0


def test_force_leaves_neither_the_rights_nor_the_target_of_what_was_there(tmp_path: Path) -> None:
    other, link, open_to_all = (tmp_path / name for name in ("other", "link.tgz", "all.tgz"))
    other.write_text("mine")
    link.symlink_to(other)
    open_to_all.write_text("")
    open_to_all.chmod(0o644)
    for path in (link, open_to_all):
        answer = called(tmp_path, "-f", str(path), "--force")
        assert answer.exit_code == 0, answer.output
        assert "etl-report/README.txt" in content(path)
        assert (path.is_symlink(), stat.S_IMODE(path.stat().st_mode)) == (False, 0o600)
    assert other.read_text() == "mine"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["all.tgz", "config", "link.tgz", "other"]


@pytest.mark.parametrize(("name", "force"), [("there.tgz", False), ("link.tgz", False), ("folder", True)])
def test_what_came_to_be_meanwhile_is_not_written_over(tmp_path: Path, name: str, force: bool) -> None:
    (tmp_path / "there.tgz").write_text("mine")
    (tmp_path / "link.tgz").symlink_to(tmp_path / "nowhere")
    (tmp_path / "folder").mkdir()
    before = sorted(tmp_path.iterdir())
    with pytest.raises(WrongUse, match=f"{name} (is there already|cannot be written)"):
        put(tmp_path / name, b"archive", force=force)
    assert sorted(tmp_path.iterdir()) == before
    assert (tmp_path / "there.tgz").read_text() == "mine"


@pytest.mark.parametrize(("lines", "left"), [(20_000, "12:00 x"), (1, "")])
def test_a_line_that_the_cut_of_a_long_log_has_hit_is_left_out(tmp_path: Path, lines: int, left: str) -> None:
    whole = "12:00 x" if lines > 1 else "a" * LOG_BYTES
    opaque = "0123456789"
    # The cut comes within the password.
    rest = opaque[5:] + "\n" + f"{whole}\n" * lines
    padding = "y" * (LOG_BYTES - len(rest) - 1) + "\n" if lines > 1 else ""
    objects = planted()
    objects.logs = {"etl-hhhhhhhh-1-runner": f"password={opaque}"[:-5] + rest + padding}
    path = tmp_path / "out.tgz"
    assert called(tmp_path, "-f", str(path), objects=objects).exit_code == 0
    found = content(path)
    assert not any(opaque[5:] in text for text in found.values())
    log = found.get("etl-report/logs/etl-hhhhhhhh-1-runner.log", "")
    assert log.startswith(left)
    assert bool(log) == bool(left)
    assert ("longer than 1 MiB" in found["etl-report/README.txt"]) == (not left)


def test_it_goes_to_stdout_and_to_a_file_of_the_run_s_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = called(tmp_path, "-f", "-")
    with tarfile.open(fileobj=io.BytesIO(answer.stdout_bytes)) as tar:
        assert "etl-report/README.txt" in tar.getnames()
    assert called(tmp_path).stdout == "etl-report.tar.gz\n"
    assert (tmp_path / "etl-report.tar.gz").exists()
