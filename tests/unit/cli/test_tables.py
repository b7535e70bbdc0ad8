"""Rows of tables, as plain objects make them."""

from datetime import UTC, datetime
from typing import Any

import pytest
from daskflow.cli.printing import table
from daskflow.cli.tables import clusters, pods, pools, runs, schedules
from daskflow.cli.tables.ages import elapsed

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
META = {"name": "etl", "namespace": "flows", "creationTimestamp": "2026-01-01T11:55:00Z"}


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-3, "0s"), (45, "45s"), (119, "119s"), (200, "3m20s"), (180, "3m"), (1200, "20m"), (18600, "5h10m"),
        (90000, "25h"), (1e6, "11d"),
    ],
)  # fmt: skip
def test_ages_are_kubectls(seconds: float, said: str) -> None:
    assert elapsed(seconds) == said


def test_a_run_is_a_row() -> None:
    status = {"phase": "Running", "attempt": 2, "cluster": {"workers": "1/2"}, "progress": {"summary": "3/9"}}
    report = {"efficiency": 0.76, "memory": {"peak": "7.0Gi"}}
    run = {"metadata": META, "spec": {"image": "x", "flow": {"script": "1"}}, "status": status}
    assert runs.row(run, NOW) == ("etl", "Running", "2", "1/2", "3/9", "5m", "", "")
    wide = runs.row(run, NOW, wide=True, namespaces=True)
    assert wide == ("flows", "etl", "Running", "2", "1/2", "3/9", "5m", "", "", "", "", "x", "script", "")
    ended = {**run, "status": {**status, "report": report}}
    assert runs.row(ended, NOW, wide=True)[8:10] == ("0.76", "7.0Gi")
    assert len(wide) == len(runs.header(wide=True, namespaces=True))


@pytest.mark.parametrize("status", [None, {}, "nonsense", {"cluster": 3, "progress": []}])
def test_a_status_may_hold_anything(status: Any) -> None:
    assert runs.row({"metadata": META, "status": status}, NOW)[1] == "Pending"


def test_rows_are_taken_from_a_table_of_the_api_server() -> None:
    names = ("Name", "Phase", "Attempt", "Other", "Age", "Duration")
    page = {
        "columnDefinitions": [{"name": name} for name in names],
        "rows": [
            {"cells": ["etl", "Failed", 2, "x", "5m", None], "object": {"metadata": {"namespace": "flows"}}},
            {"cells": ["new", None, None, "x", "1s", ""], "object": {"metadata": {"namespace": "flows"}}},
        ],
    }
    columns = runs.columns_of(page)
    assert runs.rows(page, columns, NOW) == [
        ("etl", "Failed", "2", "", "", "5m", "", ""),
        ("new", "Pending", "", "", "", "1s", "", ""),
    ]
    assert [row[0] for row in runs.rows(page, columns, NOW, namespaces=True)] == ["flows", "flows"]
    whole = {"items": [{"metadata": META}]}
    assert runs.rows(whole, runs.columns_of(whole), NOW) == [("etl", "Pending", "", "", "", "5m", "", "")]


@pytest.mark.parametrize(
    ("pod", "said"),
    [
        ({}, "Pending"),
        ({"phase": "Running", "containerStatuses": [{"state": {"running": {}}}]}, "Running"),
        ({"containerStatuses": [{"state": {"waiting": {"reason": "ErrImagePull"}}}]}, "ErrImagePull"),
        (
            {"containerStatuses": [{"state": {"terminated": {"exitCode": 137, "reason": "OOMKilled"}}}]},
            "Failed (OOMKilled, exit code 137)",
        ),
        ({"conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unsched"}]}, "Unsched"),
    ],
)
def test_a_pods_state_is_a_word_or_two(pod: dict[str, Any], said: str) -> None:
    assert pods.state({"metadata": META, "status": pod}) == said


def test_clusters_and_schedules_are_rows() -> None:
    status = {"phase": "Ready", "workers": {"ready": 1, "desired": 2}, "address": "tls://x:8786"}
    cluster = {"metadata": META, "status": status}
    assert clusters.row(cluster, NOW) == ("etl", "Ready", "1", "2", "tls://x:8786", "5m", "")
    schedule = {"metadata": META, "spec": {"cron": "@daily"}, "status": {"activeCount": 1}}
    assert schedules.row(schedule, NOW) == ("etl", "@daily", "UTC", "", "", "1", "", "5m", "")
    pool = {"metadata": META, "spec": {"ready": 2}, "status": {"ready": 1, "claimed": 3}}
    assert pools.row(pool, NOW) == ("etl", "2", "1", "0", "3", "", "5m", "")
    assert (len(clusters.HEADER), len(schedules.HEADER), len(pools.HEADER)) == (7, 9, 8)


def test_no_cell_can_move_the_cursor() -> None:
    assert table(("A", "B"), [("1", "\x1b[2J\nx"), ("two", "")]) == "A     B\n1     \\x1b[2J; x\ntwo"
