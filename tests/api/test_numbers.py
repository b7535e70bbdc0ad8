"""What the API server makes of numbers: the reason for daskflow.api.numbers."""

import pytest
from daskflow.api.numbers import kept

from tests.e2e.flows import flow_run
from tests.kube import Kube


def test_integers_beyond_64_bits_become_doubles(kube: Kube) -> None:
    parameters = {"exact": 2**63 - 1, "least": -(2**63), "small": 10**19, "large": 10**22, "id": 2**64 + 1}
    flow = {"script": "result = 1", "parameters": parameters}
    stored = kube.create(flow_run("numbers", flow, suspend=True))["spec"]["flow"]["parameters"]
    with pytest.raises(ValueError, match=r"^id is 18446744073709552000, and Kubernetes rounds"):
        kept(stored)
    del stored["id"], parameters["id"]
    assert kept(stored) == stored == kept(parameters)
