"""Flows of Prefect 3, unmodified: where their tasks run, and what becomes of what they swallow."""

import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.runtime import environments
from tests.runtime.conftest import Pods, eventually, overlay
from tests.runtime.prefect.database import database
from tests.runtime.prefect.flows import ETL, FLOWS, SCRIPT
from tests.runtime.processes import processes


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory, pyz: bytes, certificates: Path) -> Iterator[Pods]:
    """A standing cluster, and a run that lasts until all tests are done: others are given its server."""
    pods = Pods(tmp_path_factory.mktemp("prefect3"), pyz, certificates).image("prefect3")
    pods.file("flows.py", FLOWS)
    pods.file("etl.py", ETL)
    pods.file("late.py", "from flows import caring, swallowing\n")
    told: dict[str, Any] = {"DASKFLOW_ENTRYPOINT": "etl.py:etl", "DASKFLOW_THREADS": 2}
    pods.cluster(2, DASKFLOW_OWNED="0", DASK_DISTRIBUTED__ADMIN__LOW_LEVEL_LOG_LENGTH=3, **told)
    told = {"DASKFLOW_POD_IP": "127.0.0.1", "DASKFLOW_PREFECT_PORT": 0}
    flow = {"entrypoint": "etl.py:etl", "parameters": {"n": 8}}
    runner = pods.runner(flow, 2, "etl", DASKFLOW_PREFECT_DATABASE=database(), **told)
    (said,) = eventually(lambda: re.findall(r"server (http\S+) (daskflow:\S+)\n", runner.log()), 60)
    names = ("PREFECT_API_URL", "PREFECT_API_AUTH_STRING")
    pods.server = dict(zip(names, said, strict=True))  # type: ignore[attr-defined]
    yield pods
    pods.end()


def run(cluster: Pods, flow: dict[str, Any], workers: int | None = 2, **more: Any) -> dict[str, Any]:
    name = f"runner-{len(cluster.pods)}"
    server = {**cluster.server, **more}  # type: ignore[attr-defined]
    runner = cluster.runner(flow, workers, name, **server)
    runner.wait(120)
    return {**runner.message(), "log": runner.log()}


@pytest.mark.parametrize("cloudpickle", environments.OVERLAYS)
def test_a_failed_task_is_told_in_words(cluster: Pods, cloudpickle: str) -> None:
    flow = {"entrypoint": "flows:failing", "parameters": {"n": 5}}
    outcome = run(cluster, flow, PYTHONPATH=overlay(cloudpickle))
    assert (outcome["outcome"], outcome["reason"]) == ("Failed", "FlowFailed"), outcome["log"]
    assert outcome["failure"]["exception"] == "ValueError"
    assert (
        "The Prefect flow 'failing' is Failed: ValueError: no 5 today (flows.py, line" in outcome["message"]
    )
    assert "failed task runs: bad." in outcome["message"]
    logs = [outcome["log"], *(pod.log() for pod in cluster.pods[:3])]
    assert not [log for log in logs if "<dynamic-code>" in log]


def test_a_failure_that_the_flow_never_waited_for_is_a_failure(cluster: Pods) -> None:
    outcome = run(cluster, {"entrypoint": "flows:forgetting"})
    assert (outcome["outcome"], outcome["reason"]) == ("Failed", "FlowFailed"), outcome["log"]
    assert (
        "1 task run failed, and the flow never asked what came of it: bad (ValueError: no"
        in outcome["message"]
    )


def test_failures_that_the_flow_dealt_with_are_its_own_affair(cluster: Pods) -> None:
    outcome = run(cluster, {"entrypoint": "flows:caring"})
    assert outcome["outcome"] == "Succeeded", outcome["log"]
    assert outcome["result"] == ["no 1 today", "Failed", "Failed", "ValueError", "map", "Unlooked"]


def test_a_failure_is_known_however_many_came_after_it(cluster: Pods) -> None:
    """Of the events of a topic Dask keeps the last, here three."""
    outcome = run(cluster, {"entrypoint": "flows:overlooking"})
    assert "never asked what came of it: bad (ValueError: no 0 today" in outcome["message"], outcome["log"]


@pytest.mark.parametrize(("name", "result"), [("deciding", None), ("handling", "handled")])
def test_what_a_flow_decided_holds(cluster: Pods, name: str, result: str | None) -> None:
    outcome = run(cluster, {"entrypoint": f"flows:{name}"})
    assert (outcome["outcome"], outcome["result"]) == ("Succeeded", result), outcome["log"]


def test_an_async_flow_may_return_its_futures(cluster: Pods) -> None:
    outcome = run(cluster, {"entrypoint": "flows:asynchronous"})
    assert outcome["result"] in [pod.popen.pid for pod in cluster.pods], outcome["log"]


def test_a_script_that_calls_its_flow_runs_it_on_the_cluster(cluster: Pods) -> None:
    outcome = run(cluster, {"script": SCRIPT})
    assert outcome["result"] in [pod.popen.pid for pod in cluster.pods], outcome["log"]


CALLS = [{"script": "from library import main\nresult = main()"}, {"entrypoint": "calling:main"}]


@pytest.mark.parametrize("flow", CALLS, ids=["script", "function"])
def test_a_flow_is_recognised_wherever_it_is_imported_from(cluster: Pods, flow: dict[str, Any]) -> None:
    cluster.file("library.py", SCRIPT)
    cluster.file("calling.py", "import library\ndef main():\n    return library.main()\n")
    outcome = run(cluster, flow)
    assert outcome["result"] in [pod.popen.pid for pod in cluster.pods], outcome["log"]


def test_a_profile_names_the_server(cluster: Pods) -> None:
    home = cluster.folder / "home"
    home.mkdir()
    lines = [f'{name} = "{value}"' for name, value in cluster.server.items()]  # type: ignore[attr-defined]
    profile = "\n".join(['active = "mine"', "[profiles.mine]", *lines])
    (home / "profiles.toml").write_text(profile)
    runner = cluster.runner({"script": SCRIPT}, 2, "profile", PREFECT_HOME=home)
    runner.wait(120)
    assert runner.message()["result"] in [pod.popen.pid for pod in cluster.pods], runner.log()
    assert "Prefect's server is http" in runner.log()
    assert "a Prefect server for this run" not in runner.log()


def test_an_argument_that_is_for_any_cluster_is_kept(cluster: Pods) -> None:
    script = "import prefect\nfrom prefect_dask import DaskTaskRunner\n"
    script += "result = DaskTaskRunner(performance_report_path='r.html').duplicate().performance_report_path"
    assert run(cluster, {"script": script})["result"] == "r.html"


@pytest.mark.parametrize(
    ("parameters", "part"),
    [
        ({"m": 1}, "unknown: m"),
        ({"n": "many"}, "Input should be a valid integer, unable to parse string as an integer"),
    ],
)
def test_parameters_are_checked_before_the_flow_runs(
    cluster: Pods, parameters: dict[str, Any], part: str
) -> None:
    outcome = run(cluster, {"entrypoint": "flows:failing", "parameters": parameters})
    assert outcome["reason"] == "ParametersInvalid", outcome["log"]
    assert part in outcome["message"]


def test_without_a_cluster_the_same_holds_and_the_server_may_come_late(cluster: Pods) -> None:
    flow = {"entrypoint": "late:swallowing"}
    told = {"PREFECT_API_URL": "", "PREFECT_API_AUTH_STRING": "", "DASKFLOW_PREFECT_DATABASE": database()}
    outcome = run(cluster, flow, None, **told)
    assert outcome["outcome"] == "Failed", outcome["log"]
    assert "the flow never asked what came of it: bad (" in outcome["message"]
    assert "a Prefect server for this run starts" in outcome["log"]


def test_a_missing_prefect_dask_is_one_sentence(cluster: Pods) -> None:
    folder = cluster.folder / "stubs"
    folder.mkdir()
    (folder / "prefect_dask.py").write_text("raise ImportError('not installed')")
    outcome = run(cluster, {"entrypoint": "flows:failing"}, PYTHONPATH=folder)
    assert outcome["reason"] == "EntrypointInvalid"
    assert "no package prefect-dask" in outcome["message"]
    assert "workers.replicas to 0" in outcome["message"]
    script = run(cluster, {"script": SCRIPT}, PYTHONPATH=folder)
    assert (script["outcome"], "no package prefect-dask" in script["message"]) == ("Failed", True), script


@pytest.mark.parametrize(
    ("name", "parameters"), [("sleepy", {}), ("nightly", {}), ("nightly", {"side": True})]
)
def test_SIGTERM_reaches_a_flow_of_prefect(cluster: Pods, name: str, parameters: dict[str, Any]) -> None:
    flow = {"entrypoint": f"flows:{name}", "parameters": parameters}
    runner = cluster.runner(flow, 2, f"told-{len(cluster.pods)}", **cluster.server)  # type: ignore[attr-defined]
    eventually(lambda: "asleep" in runner.log(), 60)
    runner.signal(signal.SIGTERM)
    assert runner.wait(20) == 1
    assert runner.message()["reason"] == "Terminated", runner.log()
    assert ("tidied up" in runner.log()) is (name == "nightly")


def test_tasks_run_on_the_cluster_by_a_server_of_the_runs_own(cluster: Pods) -> None:
    """The last one: it ends the run whose server the others use."""
    _, *workers, runner = cluster.pods[:4]
    server = f"{cluster.secret}/runtime.pyz prefect"
    assert processes(server)
    cluster.file("enough", "")
    runner.wait(120)
    outcome = runner.message()
    assert outcome["outcome"] == "Succeeded", runner.log()
    pids = {worker.popen.pid for worker in workers}
    result = outcome["result"]
    [tasks] = outcome["report"]["prefixes"]
    assert (tasks["name"], tasks["tasks"]) == ("pid", 9)
    assert set(result["workers"]) == pids
    assert result["sub"] in pids
    assert result["refused"] == 401
    assert result["day"] == "today"
    assert re.search(r"etl.py:etl is a Prefect flow \(3\.[\d.]+\); parameters: n", runner.log())
    assert runner.log().count("on today") == 1
    eventually(lambda: not processes(server))
