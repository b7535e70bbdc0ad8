"""docs/upgrading.md's way from one stored version to the next, gone with a copy of a definition."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.flows import flow_run
from tests.kube import Kube, kubectl

GROUP = "upgrade.daskflow.test"
PAGE = Path("docs/upgrading.md")
CRD = f"flowruns.{GROUP}"


def definition(storage: str, *served: str) -> dict[str, Any]:
    """That of FlowRuns in another group, in these versions."""
    crd: dict[str, Any] = yaml.safe_load(Path("crds/flowruns.yaml").read_text())
    (version,) = crd["spec"]["versions"]
    versions = [{**version, "name": name, "storage": name == storage} for name in served]
    names = {
        key: value for key, value in crd["spec"]["names"].items() if key not in ("shortNames", "categories")
    }
    spec = {**crd["spec"], "group": GROUP, "versions": versions, "names": names}
    return {**crd, "metadata": {"name": CRD}, "spec": spec}


def applied(body: dict[str, Any]) -> str:
    done = kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", text=yaml.safe_dump(body))
    return "" if done.returncode == 0 else done.stderr


def told(beginning: str) -> str:
    """A command of the page, about the copy."""
    (command,) = re.findall(rf"^    ({beginning}.*)$", PAGE.read_text(), re.M)
    command = str(command).replace("flowruns.daskflow.dev", CRD)
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def copy(kube: Kube) -> Iterator[Kube]:
    """Where the copy is served, with one object in it that has a status."""
    assert applied(definition("v1alpha1", "v1alpha1")) == ""
    try:
        kubectl("wait", "--for=condition=Established", "--timeout=20s", f"crd/{CRD}")
        run = {**flow_run("run", "result = 1"), "apiVersion": f"{GROUP}/v1alpha1"}
        path = f"/apis/{GROUP}/v1alpha1/namespaces/{kube.namespace}/flowruns"
        kube.wait(
            "the copy to be served", lambda: kubectl("get", CRD, "-n", kube.namespace).returncode == 0, 20
        )
        made = kube.call("POST", path, {**run, "metadata": {"namespace": kube.namespace, "name": "run"}})
        kube.call("PUT", f"{path}/run/status", {**made, "status": {"phase": "Succeeded", "result": [1]}})
        yield kube
    finally:
        kubectl("delete", "crd", CRD, "--wait=false")


def test_what_is_stored_moves_to_the_next_version_and_the_old_one_can_go(copy: Kube) -> None:
    assert applied(definition("v1beta1", "v1alpha1", "v1beta1")) == ""
    stored = "kubectl get crd flowruns"
    copy.wait("both to be stored", lambda: told(stored) == '["v1alpha1","v1beta1"]', 20)
    assert "v1alpha1" in applied(definition("v1beta1", "v1beta1"))
    path = f"/apis/{GROUP}/v1beta1/namespaces/{copy.namespace}/flowruns/run"

    def served() -> bool:
        return kubectl("get", "--raw", path).returncode == 0

    copy.wait("the new version to be served", served, 20)
    assert "replaced" in told("kubectl get flowruns.daskflow.dev --all-namespaces")
    told("kubectl patch crd flowruns.daskflow.dev")
    assert told(stored) == '["v1beta1"]'
    assert applied(definition("v1beta1", "v1beta1")) == ""
    moved = copy.call("GET", path)
    assert (moved["apiVersion"], moved["status"]["result"]) == (f"{GROUP}/v1beta1", [1])
