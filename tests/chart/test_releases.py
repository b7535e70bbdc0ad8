"""Releases on a real cluster: each mode works, and is upgraded, rolled back and removed without a loss."""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.chart.helm import CHART, Object, helm
from tests.e2e.flows import QUICK, WAITING, flow_run
from tests.e2e.operator import Operator
from tests.kube import Kube, kubectl, namespace

IMAGE = {"repository": "docker.io/local/daskflow-operator", "tag": "dev"}


@pytest.fixture(scope="module", autouse=True)
def alone(installed: None) -> Iterator[None]:
    """The operator that is there for all namespaces rests meanwhile."""
    operator = Operator()
    operator.stop()
    yield
    operator.start()


@pytest.fixture
def places() -> Iterator[list[Kube]]:
    """Three namespaces: the operator's, and two for runs."""
    with ExitStack() as stack:
        yield [stack.enter_context(namespace()) for _ in range(3)]


def install(
    release: str, kube: Kube, values: Object, *options: str, verb: str = "install", chart: Path = CHART
) -> None:
    """Installs or upgrades, and waits until it is ready."""
    given: Object = {"image": IMAGE, "crds": {"install": False}, **values}
    done = helm(
        *(verb, release, str(chart), "--namespace", kube.namespace, "--values", "-"),
        *("--wait", "--timeout", "90s", *options),
        text=yaml.safe_dump(given),
    )
    assert done.returncode == 0, done.stderr + kube.picture()


@contextmanager
def released(release: str, kube: Kube, values: Object, chart: Path = CHART) -> Iterator[None]:
    """A release, for as long as it is needed."""
    try:
        install(release, kube, values, chart=chart)
        yield
    finally:
        helm("uninstall", release, "--namespace", kube.namespace, "--wait")


@pytest.fixture
def previous(tmp_path: Path) -> Path:
    """The chart as it was before its last change."""
    last = ["git", "rev-list", "-1", "--skip=1", "HEAD", "--", "charts", "crds"]
    commit = subprocess.run(last, capture_output=True, text=True, check=False).stdout.strip()
    if not commit:
        pytest.skip("the history of the repository has no earlier chart: clone it whole")
    archive = subprocess.run(["git", "archive", commit, "charts", "crds"], capture_output=True, check=True)
    subprocess.run(["tar", "-x", "-C", str(tmp_path)], input=archive.stdout, check=True)
    return tmp_path / CHART


def quick(kube: Kube, name: str = "run", **spec: Any) -> None:
    """A run that succeeds."""
    kube.create(flow_run(name, QUICK, **spec))
    assert kube.ended(name)["phase"] == "Succeeded"


def test_an_operator_of_one_namespace_runs_flows_there_and_sees_no_other(places: list[Kube]) -> None:
    home, ours, other = places
    with released("one", home, {"namespaces": [ours.namespace]}):
        other.create(flow_run("run", QUICK))
        quick(ours)
        assert other.run_status("run").get("phase") is None
        tested = helm("test", "one", "--namespace", home.namespace)
        assert tested.returncode == 0, tested.stdout + tested.stderr
        account = f"system:serviceaccount:{home.namespace}:one-daskflow"
        for resource in ("pods", "secrets", "flowruns.daskflow.dev"):
            for verb in ("get", "list", "create"):
                asked = kubectl("auth", "can-i", verb, resource, "--as", account, "-n", other.namespace)
                assert asked.stdout.strip() == "no"


def test_two_operators_of_one_name_share_the_cluster(places: list[Kube]) -> None:
    first, second, third = places
    with (
        released("flows", first, {"namespaces": [third.namespace]}),
        released("flows", second, {"namespaces": [second.namespace]}),
    ):
        quick(third)
        quick(second)
        tested = helm("test", "flows", "--namespace", second.namespace)
        assert tested.returncode == 0, tested.stdout + tested.stderr


def test_a_release_of_a_namespace_that_another_has_is_refused(places: list[Kube]) -> None:
    home, ours, _ = places
    with released("one", home, {"namespaces": [ours.namespace]}):
        values = yaml.safe_dump({"namespaces": [ours.namespace], "crds": {"install": False}, "image": IMAGE})
        again = ("--set", "fullnameOverride=one-daskflow")
        done = helm("install", "two", str(CHART), "-n", home.namespace, "--values", "-", *again, text=values)
        assert done.returncode != 0
        assert "cannot be imported into the current release" in done.stderr


def test_a_run_goes_on_through_upgrade_rollback_and_removal(places: list[Kube]) -> None:
    home, ours, other = places
    with released("one", home, {"namespaces": [ours.namespace]}):
        ours.create(flow_run("run", WAITING.format(seconds=25)))
        ours.wait("the flow to begin", lambda: "begun" in ours.runner_log("run"))
        install("one", home, {"namespaces": [ours.namespace, other.namespace]}, verb="upgrade")
        quick(other)
        back = helm("rollback", "one", "1", "--namespace", home.namespace, "--wait", "--timeout", "90s")
        assert back.returncode == 0, back.stderr
    # Nobody looks after it; it ends by itself.
    pods = "daskflow.dev/run=run,daskflow.dev/component=runner"
    ours.wait(
        "the runner to end", lambda: [p["status"]["phase"] for p in ours.items("Pod", pods)] == ["Succeeded"]
    )
    assert ours.run_status("run")["phase"] == "Running"
    with released("other-name", home, {"namespaces": [ours.namespace]}):
        status = ours.ended("run")
        assert (status["phase"], status["result"], len(status["attempts"])) == ("Succeeded", "done", 1)


def test_a_namespace_that_goes_and_comes_back_keeps_no_other_waiting(places: list[Kube]) -> None:
    home, ours, other = places
    values = {"namespaces": [ours.namespace, other.namespace]}
    with released("two", home, values):
        quick(other)
        gone = kubectl("delete", "namespace", other.namespace, "--timeout=60s")
        assert gone.returncode == 0, gone.stderr
        quick(ours)
        for pod in home.items("Pod", "app.kubernetes.io/name=daskflow"):
            home.delete("Pod", pod["metadata"]["name"], grace=0)
        quick(ours, "after-a-restart")
        home.call("POST", "/api/v1/namespaces", {"metadata": {"name": other.namespace}})
        install("two", home, values, verb="upgrade")
        quick(other)


def test_what_the_policy_allows_goes_and_comes_to_its_end(places: list[Kube]) -> None:
    home, ours, _ = places
    nothing = ("serviceAccounts", "secrets", "hostPaths", "volumes", "nodeSelectors", "tolerations")
    rule: Object = {
        "name": "strict",
        **{key: [] for key in (*nothing, "priorityClasses", "args", "env", "config")},
        "images": ["docker.io/local/*"],
        "privileged": False,
        "maxCpu": "2",
        "maxMemory": "2Gi",
        "maxWorkers": 1,
        "maxActive": "10m",
        "maxIdle": "10m",
    }
    limits = {"resources": {"limits": {"memory": "1Gi"}}}
    cluster = {"scheduler": limits, "workers": {"replicas": 1, **limits}}
    values = {"namespaces": [ours.namespace], "policy": {"enabled": True, "rules": [rule]}}
    with released("one", home, values):
        ours.create(flow_run("run", QUICK, cluster=cluster, runner=limits, deadlines={"active": "5m"}))
        assert ours.ended("run")["phase"] == "Succeeded"
        # No template asks for it, so that only the pods tell.
        ours.create(flow_run("unlimited", QUICK, deadlines={"active": "5m"}))
        refused = "Each container needs a limit of memory here"
        ours.wait(
            "the pods to be refused", lambda: refused in ours.run_status("unlimited").get("message", "")
        )


def test_a_run_goes_and_comes_through_an_upgrade_from_the_earlier_chart(
    places: list[Kube], previous: Path
) -> None:
    home, ours, _ = places
    values = {"namespaces": [ours.namespace]}
    with released("one", home, values, chart=previous):
        ours.create(flow_run("run", WAITING.format(seconds=15)))
        ours.wait("the flow to begin", lambda: "begun" in ours.runner_log("run"))
        install("one", home, values, verb="upgrade")
        status = ours.ended("run")
        assert (status["phase"], len(status["attempts"])) == ("Succeeded", 1)
        back = helm("rollback", "one", "1", "--namespace", home.namespace, "--wait", "--timeout", "90s")
        assert back.returncode == 0, back.stderr
        quick(ours, "after")
