"""The package in the environment of its lock."""

from importlib.metadata import version

import dagster_daskflow
from dagster_daskflow.flowrun import Flow, FlowRunSpec


def test_it_is_there_with_its_metadata() -> None:
    assert dagster_daskflow.__doc__
    assert version("dagster-daskflow")


def test_a_spec_is_written_in_kubernetes_words() -> None:
    spec = FlowRunSpec(image="x", service_account_name="flows", flow=Flow(entrypoint="m:f"))
    written = {"image": "x", "serviceAccountName": "flows", "flow": {"entrypoint": "m:f"}}
    assert spec.model_dump(by_alias=True, exclude_none=True) == written
