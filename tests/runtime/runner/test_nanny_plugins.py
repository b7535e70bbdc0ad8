"""What cannot have an effect is said in one line, with what has."""

import pytest

from tests.runtime.conftest import Pods

FLOW = """
import warnings
warnings.simplefilter("ignore")
from distributed import get_client
from distributed.diagnostics.plugin import PipInstall, UploadDirectory, WorkerPlugin
import os
os.makedirs("lib", exist_ok=True)

class Mine(WorkerPlugin):
    pass

def register(plugin):
    client = get_client()
    name = "register_plugin" if hasattr(client, "register_plugin") else "register_worker_plugin"
    getattr(client, name)(plugin)

def upload():
    register(UploadDirectory("lib"))

def mine():
    register(Mine())
"""


@pytest.mark.parametrize("image", ["newest", "oldest"])
@pytest.mark.parametrize(("flow", "nanny", "told"), [("upload", "", 1), ("upload", "1", 0), ("mine", "", 0)])
def test_plugins_for_nannies_without_nannies(
    pods: Pods, image: str, flow: str, nanny: str, told: int
) -> None:
    if image == "oldest":
        pods.image("oldest")
    pods.file("etl.py", FLOW)
    pods.cluster(1, DASKFLOW_NANNY=nanny)
    runner = pods.runner({"entrypoint": f"etl:{flow}"}, 1)
    assert runner.outcome()["outcome"] == "Succeeded", runner.log()
    said = "UploadDirectory has no effect: it is for nannies, and these workers have none. Set nanny: true"
    assert runner.log().count(said) == told, runner.log()


def test_packages_that_an_entrypoint_would_install(pods: Pods) -> None:
    told = {"EXTRA_PIP_PACKAGES": "six", "EXTRA_APT_PACKAGES": "git"}
    scheduler, _ = pods.cluster(1, **told)
    runner = pods.runner({"script": "result = 1"}, 1, **told)
    runner.wait()
    said = "EXTRA_PIP_PACKAGES, EXTRA_APT_PACKAGES have no effect: the image's entrypoint"
    assert runner.log().count(said) == 1
    assert said not in scheduler.log()
    alone = pods.runner({"command": ["true"]}, None, "alone", EXTRA_CONDA_PACKAGES="six")
    alone.wait()
    assert "EXTRA_CONDA_PACKAGES has no effect" in alone.log()
