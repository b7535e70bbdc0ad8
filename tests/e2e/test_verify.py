"""`daskflow verify` on a real cluster: the quick part holds, and nothing of it stays."""

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.e2e.flows import IMAGE
from tests.kube import Kube, kubectl

UNPROVABLE = {"network"}
"""What this cluster may not be able to show."""


@pytest.mark.alone
def test_the_installed_operator_proves_itself(kube: Kube, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "daskflow.cli", "verify", "--quick", "--image", IMAGE, "-o", "json"]
    reports = ["--junit", str(tmp_path / "junit.xml"), "--report", str(tmp_path / "report.md")]
    done = subprocess.run([*command, *reports], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout)
    verdicts = {each["name"]: each["verdict"] for each in found["checks"]}
    assert len(verdicts) >= 20
    assert {name for name, verdict in verdicts.items() if verdict != "pass"} <= UNPROVABLE, done.stdout
    assert found["left"] == []
    (suite,) = ElementTree.parse(tmp_path / "junit.xml").getroot()
    assert suite.attrib["tests"] == str(len(verdicts))
    assert (tmp_path / "report.md").read_text().startswith("# daskflow verify")
    left = kubectl("get", "namespaces", "-l", "daskflow.dev/verify", "-o", "name")
    assert left.stdout.strip() == ""


def test_a_namespace_that_is_there_is_enough(kube: Kube) -> None:
    command = [sys.executable, "-m", "daskflow.cli", "verify", "-n", kube.namespace, "--image", IMAGE]
    chosen = ["module", "raises", "hostpath", "taken"]
    options = [word for name in chosen for word in ("--only", name)]
    done = subprocess.run([*command, *options, "-o", "json"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found = {each["name"]: each["verdict"] for each in json.loads(done.stdout)["checks"]}
    own = {"hostpath": "not provable"}
    assert found == {"image": "pass", **dict.fromkeys(chosen, "pass"), **own}
    assert not kube.items("FlowRun") + kube.items("Pod")
