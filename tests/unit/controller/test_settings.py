"""What the chart's variables become."""

from decimal import Decimal
from random import Random

import pytest
from daskflow.controller.settings import load_settings, operator_namespace, process_settings
from daskflow.manifests.settings import Prices

from tests.simulation import loop
from tests.simulation.kubernetes.api_server import Server
from tests.simulation.operators.client import Client


def prices() -> Prices | None:
    """As planners are given them."""
    api = Client(Server(Random(1)), Random(1))
    found: list[Prices | None] = []

    async def life() -> None:
        found.append((await load_settings(api, {})).prices)

    loop.run(life())
    return found[0]


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NAMESPACES", "METRICS_PORT", "WORKERS", "LOG_LEVEL", "LOG_FORMAT", "LEASE", "IDENTITY"):
        monkeypatch.delenv(f"DASKFLOW_{name}", raising=False)


def test_without_any_it_looks_after_everything() -> None:
    found = process_settings()
    assert (found.namespaces, found.port, found.log_level, found.log_format) == ((), 8080, "INFO", "text")
    assert found.lease == "daskflow"
    assert operator_namespace() == "daskflow-system"


def test_two_processes_of_a_machine_are_two() -> None:
    assert process_settings().identity != process_settings().identity


def test_a_pod_is_called_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASKFLOW_IDENTITY", "daskflow-5bdc5c4f7-fhgmj")
    monkeypatch.setenv("DASKFLOW_NAMESPACES", " data, ,lab")
    found = process_settings()
    assert (found.identity, found.namespaces) == ("daskflow-5bdc5c4f7-fhgmj", ("data", "lab"))


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("LOG_FORMAT", "yaml", "DASKFLOW_LOG_FORMAT is 'yaml': set it to text or json"),
        ("LOG_LEVEL", "loud", "DASKFLOW_LOG_LEVEL is 'LOUD': set it to INFO or DEBUG or WARNING or ERROR"),
        ("METRICS_PORT", "http", "DASKFLOW_METRICS_PORT is 'http': set it to a number from 1 on"),
        ("WORKERS", "0", "DASKFLOW_WORKERS is '0': set it to a number from 1 on"),
    ],
)
def test_what_cannot_be_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    monkeypatch.setenv(f"DASKFLOW_{name}", value)
    with pytest.raises(ValueError, match=says):
        process_settings()


def test_one_price_is_enough_for_costs(monkeypatch: pytest.MonkeyPatch) -> None:
    assert prices() is None
    monkeypatch.setenv("DASKFLOW_PRICE_CPU_HOUR", "0.031")
    monkeypatch.setenv("DASKFLOW_PRICE_MEMORY_GIB_HOUR", "")
    assert prices() == Prices(Decimal("0.031"), Decimal(0), "EUR")


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        (
            "CPU_HOUR",
            "free",
            "DASKFLOW_PRICE_CPU_HOUR is 'free': set it to a price of an hour, for example 0.031",
        ),
        ("MEMORY_GIB_HOUR", "-1", "DASKFLOW_PRICE_MEMORY_GIB_HOUR is '-1': set it to a price"),
        ("CURRENCY", "Kreuzer of old", "DASKFLOW_PRICE_CURRENCY is 'Kreuzer of old': set it to a short word"),
    ],
)
def test_no_price_is_guessed(monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str) -> None:
    monkeypatch.setenv(f"DASKFLOW_PRICE_{name}", value)
    with pytest.raises(ValueError, match=says):
        prices()
