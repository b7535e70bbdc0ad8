"""The command `daskflow` against the real cluster: each command, its exit code, and terminals."""

import json
import re
import shlex
import signal
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kube import Kube, namespace
from tests.terminal import terminal

REPOSITORY = Path(__file__).parents[2]
IMAGE = "docker.io/local/daskflow-flows:dev"
SECONDS = 120
SLOW = "import time\nfor i in range(600):\n    print(i, flush=True)\n    time.sleep(0.5)\n"


@pytest.fixture(scope="module")
def kube(installed: None) -> Iterator[Kube]:
    with namespace() as made:
        yield made


def arguments(kube: Kube, *words: str) -> list[str]:
    return [sys.executable, "-m", "daskflow.cli", *words, "--namespace", kube.namespace]


def call(kube: Kube, *words: str) -> subprocess.CompletedProcess[str]:
    answer = subprocess.run(
        arguments(kube, *words), capture_output=True, text=True, timeout=SECONDS, cwd=REPOSITORY
    )
    assert "Traceback" not in answer.stderr
    return answer


def script(folder: Path, text: str, name: str = "flow.py") -> str:
    path = folder / name
    path.write_text(text)
    return str(path)


def start(kube: Kube, path: str, name: str, *more: str) -> subprocess.CompletedProcess[str]:
    return call(kube, "run", path, "--image", IMAGE, "--name", name, "--workers", "0", *more)


@pytest.fixture(scope="module")
def finished(kube: Kube, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = script(tmp_path_factory.mktemp("flow"), 'print("hello")\nresult = {"n": 3}')
    answer = start(kube, path, "good", "--wait")
    assert (answer.returncode, answer.stdout) == (0, "flowrun.daskflow.dev/good created\n"), answer.stderr
    return "good"


@pytest.fixture(scope="module")
def failed(kube: Kube, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = script(tmp_path_factory.mktemp("flow"), 'raise ValueError("no good")')
    assert start(kube, path, "bad", "--wait").returncode == 1
    return "bad"


def test_a_result_and_a_log_are_printed(kube: Kube, finished: str) -> None:
    assert json.loads(call(kube, "result", finished).stdout) == {"n": 3}
    assert "hello" in call(kube, "logs", finished).stdout
    assert re.search(r"^good-\S+ .*hello", call(kube, "logs", finished, "--all").stdout, re.M)


def test_runs_are_listed_and_shown(kube: Kube, finished: str) -> None:
    assert re.search(r"^good +Succeeded +1 ", call(kube, "list").stdout, re.M)
    assert "flowrun.daskflow.dev/good" in call(kube, "list", "-o", "name").stdout.split()
    items = json.loads(call(kube, "list", "-o", "json", "--phase", "succeeded").stdout)["items"]
    assert {item["status"]["phase"] for item in items} == {"Succeeded"}
    assert json.loads(call(kube, "get", finished, "-o", "json").stdout)["metadata"]["name"] == finished
    assert call(kube, "wait", finished).returncode == 0


def test_a_failure_is_explained(kube: Kube, failed: str) -> None:
    said = call(kube, "explain", failed)
    assert said.returncode == 0
    for words in ("bad is Failed, FlowFailed", "ValueError: no good", "What to do:", "attempt 1: opened"):
        assert words in said.stdout
    assert call(kube, "result", failed).returncode == 1
    assert call(kube, "wait", failed).returncode == 1


def test_a_failure_is_drawn_and_packed(kube: Kube, failed: str, tmp_path: Path) -> None:
    drawn = call(kube, "timeline", failed)
    assert drawn.returncode == 0
    assert re.search(r"^bad: Failed \(FlowFailed\) after \d", drawn.stdout)
    assert re.search(r"^  runner +\S", drawn.stdout, re.M)
    path = tmp_path / "bad.tgz"
    assert call(kube, "report", failed, "-o", "archive", "-f", str(path)).stdout == f"{path}\n"
    with tarfile.open(path) as tar:
        names = {each.name.removeprefix("bad-report/") for each in tar}
        log = tar.extractfile(next(each for each in tar if each.name.endswith("-runner.log")))
        assert log
        assert b"ValueError: no good" in log.read()
    assert {"manifest.yaml", "status.yaml", "events.yaml", "explain.txt", "timeline.svg"} <= names


def test_a_retry_is_a_new_run_with_overrides(kube: Kube, failed: str) -> None:
    answer = call(kube, "retry", failed, "--name", "again", "-e", "A=b", "--wait")
    assert answer.returncode == 1
    assert (kube.get("FlowRun", "again") or {})["spec"]["env"] == [{"name": "A", "value": "b"}]


def test_a_run_is_waited_for_left_followed_and_cancelled(kube: Kube, tmp_path: Path) -> None:
    assert start(kube, script(tmp_path, SLOW), "slow").returncode == 0
    kube.reached("FlowRun", "slow", "Running", seconds=SECONDS)
    assert call(kube, "wait", "slow", "--timeout", "1s").returncode == 4
    assert call(kube, "result", "slow").returncode == 4
    waiting = subprocess.Popen(
        arguments(kube, "watch", "slow"), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert waiting.stdout
    waiting.stdout.readline()
    waiting.send_signal(signal.SIGINT)
    _, said = waiting.communicate(timeout=SECONDS)
    assert (waiting.returncode, b"daskflow watch slow" in said) == (130, True)
    with terminal("logs", "slow", "--follow", "--namespace", kube.namespace) as screen:
        screen.until(lambda shown: any(line.isdecimal() for line in shown), "lines of the log")
        screen.press(b"\x03")
        assert screen.ended() == 130
    with terminal("watch", "slow", "--namespace", kube.namespace) as screen:
        shown = screen.until_shown("-1-runner  Running")
        assert shown[0].startswith("slow  Running  attempt 1")
        screen.press(b"\x03")
        assert screen.ended() == 130
        assert any("slow goes on; come back with" in line for line in screen.shown)
    with terminal("watch", "slow", "--cancel-on-interrupt", "--namespace", kube.namespace) as screen:
        screen.until_shown("-1-runner  Running")
        screen.press(b"\x03")
        assert screen.ended() == 130
    assert call(kube, "wait", "slow").returncode == 5


def test_a_run_is_suspended_resumed_and_deleted(kube: Kube, tmp_path: Path) -> None:
    start(kube, script(tmp_path, SLOW), "paused")
    assert call(kube, "suspend", "paused").returncode == 0
    kube.reached("FlowRun", "paused", "Suspended", seconds=SECONDS)
    assert call(kube, "resume", "paused").returncode == 0
    kube.reached("FlowRun", "paused", "Running", seconds=SECONDS)
    assert call(kube, "delete", "paused").returncode == 0
    kube.wait("the run to go", lambda: kube.get("FlowRun", "paused") is None, SECONDS)


def test_a_cluster_is_made_scaled_adapted_and_removed(kube: Kube) -> None:
    made = ("create", "pool", "--image", IMAGE, "--workers", "1", "--no-client-timeout", "1h")
    assert call(kube, "cluster", *made).returncode == 0
    kube.reached("DaskCluster", "pool", "Ready", seconds=SECONDS)
    assert re.search(r"^pool +Ready +1 +1 ", call(kube, "cluster", "list").stdout, re.M)
    assert call(kube, "cluster", "adapt", "pool", "--maximum", "2").returncode == 0
    assert call(kube, "cluster", "scale", "pool", "0").returncode == 0
    workers = json.loads(call(kube, "cluster", "get", "pool", "-o", "json").stdout)["spec"]["workers"]
    assert (workers["replicas"], "autoscale" in workers) == (0, False)
    assert call(kube, "cluster", "delete", "pool").returncode == 0
    assert call(kube, "cluster", "get", "nothing").returncode == 2


def test_a_schedule_is_listed_suspended_and_resumed(kube: Kube) -> None:
    spec = {"cron": "0 0 1 1 *", "template": {"spec": {"image": IMAGE, "flow": {"script": "1"}}}}
    kube.create(
        {
            "apiVersion": "daskflow.dev/v1alpha1",
            "kind": "FlowSchedule",
            "metadata": {"name": "yearly"},
            "spec": spec,
        }
    )
    assert call(kube, "schedule", "suspend", "yearly").returncode == 0
    assert (kube.get("FlowSchedule", "yearly") or {})["spec"]["suspend"] is True
    assert call(kube, "schedule", "resume", "yearly").returncode == 0
    assert "yearly" in call(kube, "schedule", "list").stdout
    assert "0 0 1 1 *" in call(kube, "schedule", "get", "yearly").stdout


@pytest.fixture(scope="module")
def nightly(kube: Kube) -> str:
    flow = {"script": "result = '$(scheduledTime)'"}
    spec = {"cron": "0 2 * * *", "timeZone": "Europe/Berlin", "history": {"succeeded": 1}}
    spec |= {"template": {"spec": {"image": IMAGE, "flow": flow, "cluster": {"workers": {"replicas": 0}}}}}
    head = {"apiVersion": "daskflow.dev/v1alpha1", "kind": "FlowSchedule", "metadata": {"name": "nightly"}}
    kube.create({**head, "spec": spec})
    kube.wait(
        "the schedule to be looked at",
        lambda: ((kube.get("FlowSchedule", "nightly") or {}).get("status") or {}).get("settledTime"),
        SECONDS,
    )
    return "nightly"


def test_commands_of_the_page_of_schedules_work(kube: Kube, nightly: str) -> None:
    page = (REPOSITORY / "docs" / "schedules.md").read_text()
    commands = re.findall(r"^ *\$ daskflow (.*)$", page, re.M)
    assert {words.split()[1] for words in commands} >= {"next", "trigger", "backfill"}
    said = {line: call(kube, *shlex.split(line)) for line in commands}
    assert {line: answer.stderr for line, answer in said.items() if answer.returncode} == {}
    told = {line.split()[1]: answer.stdout for line, answer in said.items()}
    assert len(re.findall(r" 02:00:00 CES?T .* nightly-\w{8}-20", told["next"])) == 3
    assert kube.get("FlowSchedule", nightly)["status"]["lastOutcome"]["run"].startswith("nightly-manual-")  # type: ignore[index]
    filled = kube.items("FlowRun", "daskflow.dev/instantiate=backfill")
    results = sorted(run["status"]["result"] for run in filled)
    assert results == [f"2026-11-0{day}T02:00:00+01:00" for day in (1, 2, 3)]


def test_what_is_wrong_is_a_sentence(kube: Kube, finished: str) -> None:
    near = call(kube, "get", "goood")
    assert (near.returncode, "did you mean good" in near.stderr) == (2, True)
    nobody = call(kube, "list", "--as", "nobody")
    assert (nobody.returncode, "may not list flowruns.daskflow.dev" in nobody.stderr) == (3, True)
    refused = call(kube, "run", "a:b", "--image", IMAGE, "--name", "x", "--set", "imag=3")
    assert (refused.returncode, "imag" in refused.stderr) == (2, True)


def test_the_cluster_is_checked(kube: Kube) -> None:
    said = call(kube, "check")
    assert re.search(r"^ok +operator \S+ in namespace \S+ is ready", said.stdout, re.M)
    assert re.search(r"^ok +you may create flowruns.daskflow.dev", said.stdout, re.M)
    assert re.search(r"^operator ", call(kube, "version").stdout, re.M)


def test_examples_of_the_page_work(kube: Kube) -> None:
    page = (REPOSITORY / "docs" / "cli.md").read_text()
    for block in re.findall(r"^```console\n(.*?)^```", page, re.M | re.S):
        for line in block.splitlines():
            words = shlex.split(line.removeprefix("$ daskflow "))
            answer = call(kube, *words)
            assert answer.returncode == 0 or words == ["check"], f"{line}: {answer.stderr}"
