"""What a local run tells its processes is what the operator tells pods: neither side may forget a word."""

import re
from pathlib import Path

from daskflow.api.flowrun import FlowRunSpec
from daskflow.manifests.place import Place
from daskflow.manifests.pods import runner_pod

from tests.unit.plan.stage import SETTINGS, run

ONLY_IN_PODS = {
    "DASKFLOW_POD_UID",  # one runner, so its name does not matter to the lease
    "DASKFLOW_RUN_UID",
    "DASKFLOW_SECRET",
    "DASKFLOW_FORWARD_LOGS",  # --logs
}


def test_the_runner_is_told_the_same() -> None:
    spec = FlowRunSpec.model_validate({"image": "x", "flow": {"entrypoint": "a:b"}})
    pod = runner_pod(run(), spec, Place("etl-1", "10.0.0.1", tls=False), 1, SETTINGS, None)
    told = {each["name"] for each in pod["spec"]["containers"][0]["env"]} - ONLY_IN_PODS
    root = Path(__file__).parents[4] / "operator" / "daskflow"
    sources = [root / "cli" / "local" / "environment.py", root / "runtime" / "local" / "processes.py"]
    here = set(re.findall(r'"(DASK\w+)"', "".join(source.read_text() for source in sources)))
    assert told - here == set()
