"""What Airflow finds of this package by itself, and how it stores DAGs with it."""

import json
from pathlib import Path
from typing import Any

import airflow
import jsonschema
import pytest
from airflow.providers_manager import ProvidersManager
from airflow.sdk import DAG, task
from airflow.serialization.serialized_objects import DagSerialization
from airflow_provider_daskflow.operators import DaskflowRunOperator
from airflow_provider_daskflow.outcome import POINTLESS
from airflow_provider_daskflow.provider import provider_info
from airflow_provider_daskflow.sensors import DaskflowRunSensor

from integrations import ROOT


def test_airflow_finds_the_provider() -> None:
    manager = ProvidersManager()
    provider = manager.providers["airflow-provider-daskflow"]
    assert provider.version == "0.1.0"
    assert provider_info().items() <= provider.data.items()
    assert "airflow_provider_daskflow.links.FlowRunLink" in manager.extra_links_class_names
    assert "daskflow" in [name for name, _ in manager.taskflow_decorators.items()]


def test_its_metadata_are_as_airflow_wants_them() -> None:
    schema = json.loads((Path(airflow.__path__[0]) / "provider_info.schema.json").read_text())
    jsonschema.validate(provider_info(), schema)


def test_the_button_can_be_configured() -> None:
    from airflow.configuration import conf

    ProvidersManager().initialize_providers_configuration()
    assert conf.get("daskflow", "run_url") == ""


@pytest.fixture
def dag() -> DAG:
    with DAG("stored", schedule=None) as dag:

        @task.daskflow(image="flows:1")
        def doubled(n: int) -> int:
            return 2 * n

        etl = DaskflowRunOperator(
            task_id="etl", image="flows:1", entrypoint="etl:flow", parameters={"n": doubled(1)}
        )
        each = DaskflowRunOperator.partial(task_id="each", image="flows:1", entrypoint="etl:flow")
        (
            etl
            >> each.expand(parameters=[{"n": 1}, {"n": 2}])
            >> DaskflowRunSensor(task_id="wait", name="theirs")
        )
        doubled.expand(n=[1, 2, 3])
    return dag


def test_a_dag_is_stored_and_read_again(dag: DAG) -> None:
    stored: dict[str, Any] = json.loads(json.dumps(DagSerialization.serialize_dag(dag)))
    read = DagSerialization.deserialize_dag(stored)
    assert sorted(read.task_ids) == ["doubled", "doubled__1", "each", "etl", "wait"]
    etl = read.get_task("etl")
    assert (etl.task_type, [link.name for link in etl.operator_extra_links]) == (
        "DaskflowRunOperator",
        ["FlowRun"],
    )
    assert read.get_task("each").is_mapped


def test_reasons_without_another_try_are_those_of_the_operator() -> None:
    rows = [line.split(" | ") for line in (ROOT / "docs" / "reasons.md").read_text().splitlines()]
    final = {row[0].strip("|` ") for row in rows if row[-1].strip(" |") == "not tried again"}
    assert POINTLESS - {"Cancelled"} < final
