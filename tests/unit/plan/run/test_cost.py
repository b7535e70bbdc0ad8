"""What an attempt cost, by the installation's prices."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from daskflow.api.flowrun import spec_of
from daskflow.api.flowrun_report import report_of
from daskflow.api.flowrun_status import status_of
from daskflow.manifests.settings import Prices
from daskflow.plan.model import Observed
from daskflow.plan.run.cost import cost
from daskflow.plan.run.view import RunView

from tests.unit.plan.stage import NOW, SETTINGS, opened

PRICES = Prices(Decimal("0.04"), Decimal("0.005"), "EUR")


def resources(cpu: str, memory: str) -> dict[str, Any]:
    return {"resources": {"requests": {"cpu": cpu}, "limits": {"memory": memory}}}


SPEC = {
    "runner": resources("500m", "1Gi"),
    "cluster": {"scheduler": resources("1", "2Gi"), "workers": {"replicas": 4, **resources("2", "8Gi")}},
}


def amount(spec: dict[str, Any], paid: float, prices: Prices | None = PRICES, **more: Any) -> str | None:
    stage = opened(spec)
    view = RunView(
        stage.resource,
        spec_of(stage.resource),
        status_of(stage.resource),
        Observed(**more),
        NOW + timedelta(hours=2),
        replace(SETTINGS, prices=prices),
    )
    report = report_of({"seconds": 7000, "tasks": 1, "threadSeconds": {"paid": paid}})
    assert report is not None
    found = cost(view, report)
    return found and f"{found.amount} {found.currency}"


def test_workers_cost_their_registered_time_and_the_others_all_of_it() -> None:
    # Two hours of runner (0.02 + 0.005) and scheduler (0.04 + 0.01), 4 workers of 2 threads (0.08 + 0.04).
    assert amount(SPEC, 4 * 2 * 7200) == "1.11 EUR"


def test_groups_count_by_how_many_there_are() -> None:
    group = {"name": "large", "replicas": 1, "threads": 1, **resources("4", "32Gi")}
    cluster = {"workers": {"replicas": 3, "threads": 1, **resources("1", "0")}, "workerGroups": [group]}
    # (3 · 0.04 + 0.16 + 0.16) / 4 a thread and hour.
    assert amount({"cluster": cluster}, 3600) == "0.11 EUR"


def test_small_amounts_have_more_digits() -> None:
    assert amount({"cluster": SPEC["cluster"]}, 0) == "0.10 EUR"
    assert amount({"runner": resources("10m", "1Gi")}, 0) == "0.0108 EUR"


@pytest.mark.parametrize(("spec", "prices"), [(SPEC, None), ({}, PRICES)])
def test_without_prices_or_requests_there_is_no_cost(spec: dict[str, Any], prices: Prices | None) -> None:
    assert amount(spec, 3600, prices) is None


@pytest.mark.parametrize("memory", ["1e34", "1e99", "9" * 31])
def test_what_nobody_could_pay_is_no_cost(memory: str) -> None:
    """A group of workers that no node can hold waits while the others work, and the run ends."""
    group = {"name": "large", "replicas": 1, **resources("4", memory)}
    assert amount({"cluster": {"workers": {"replicas": 1}, "workerGroups": [group]}}, 10**9) is None


def test_on_a_cluster_of_others_a_run_pays_its_share() -> None:
    reference = {
        "kind": "DaskCluster",
        "metadata": {"name": "shared", "namespace": "data", "uid": "cluster-1"},
        "spec": {"image": "flows:1", **SPEC["cluster"]},
        "status": {},
    }
    spec = {"clusterRef": {"name": "shared"}, "runner": resources("500m", "1Gi")}
    assert amount(spec, 7200, reference=reference) == "0.17 EUR"
