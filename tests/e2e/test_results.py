"""What a flow returns arrives in its status as it was."""

from tests.e2e.flows import flow_run
from tests.kube import Kube, field

SCRIPT = """
from distributed import get_client
result = {
    "fits": 2**62, "beyond": 2**64 + 1, 1: 0.1,
    "lazy": (get_client().submit(abs, -n) for n in range(3)),
}
"""


def test_results_are_run_and_exact(kube: Kube) -> None:
    kube.create(flow_run("returned", SCRIPT))
    kube.wait("its end", lambda: field(kube, "FlowRun", "returned", ".status.completionTime"), 120)
    run = kube.get("FlowRun", "returned")
    assert run is not None
    status = run["status"]
    expected = {"fits": 2**62, "beyond": "18446744073709551617", "1": 0.1, "lazy": [0, 1, 2]}
    assert status.get("result") == expected, status
    assert status["resultNote"] == "Kept as text: integers beyond 64 bits, keys."


def test_rounded_parameters_are_refused(kube: Kube) -> None:
    flow = {"script": "result = 1", "parameters": {"id": 2**64 + 1}}
    kube.create(flow_run("rounded", flow))
    kube.wait("a refusal", lambda: field(kube, "FlowRun", "rounded", ".status.reason") == "SpecInvalid")
    assert "id is 18446744073709552000" in field(kube, "FlowRun", "rounded", ".status.message")
