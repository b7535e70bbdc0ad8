"""`kubectl wait` ends with a run, however that ends: the line of docs/pipelines.md."""

import re
import shlex
from pathlib import Path

from tests.e2e.flows import flow_run
from tests.kube import Kube, kubectl

PAGE = Path(__file__).parents[2] / "docs" / "pipelines.md"


def test_one_line_waits_for_any_end(kube: Kube) -> None:
    scripts = {"good": "result = 1", "bad": "raise ValueError", "cancelled": "import time\ntime.sleep(300)"}
    for name, script in scripts.items():
        kube.create(flow_run(name, script, cluster={"workers": {"replicas": 0}}))
    kube.patch("FlowRun", "cancelled", {"spec": {"cancel": True}})
    [line] = re.findall(r"^    (kubectl wait .*)$", PAGE.read_text(), re.M)
    program, *words = shlex.split(
        line.replace("flowrun/sales", " ".join(f"flowrun/{each}" for each in scripts))
    )
    assert program == "kubectl"
    waited = kubectl(*words, "--namespace", kube.namespace)
    assert waited.returncode == 0, waited.stderr
    assert waited.stdout.count("condition met") == 3
    phases = {name: kube.run_status(name)["phase"] for name in scripts}
    assert phases == {"good": "Succeeded", "bad": "Failed", "cancelled": "Cancelled"}
