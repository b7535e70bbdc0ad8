"""Why fewer clusters of a pool wait than are wanted."""

from typing import Any

from daskflow.cli.explanation.found import Found
from daskflow.cli.explanation.pools import pool_explained

from tests.unit.cli.explanation.around import META, NOW, warning


def said(status: dict[str, Any], **more: Any) -> list[str]:
    pool = {"metadata": META, "spec": {"ready": 2}, "status": {"observedGeneration": 1, **status}}
    return pool_explained(Found(pool, **more), NOW)


def test_all_that_is_known_of_it() -> None:
    status = {
        "ready": 1,
        "claimed": 7,
        "reason": "QuotaExceeded",
        "message": "1 of 2 clusters are waiting.",
        "conditions": [{"type": "Unused", "status": "False", "message": "x"}],
    }
    clusters = [
        {"metadata": {**META, "name": "etl-1"}, "status": {"phase": "Ready", "reason": ""}},
        {
            "metadata": {**META, "name": "etl-2"},
            "status": {"phase": "Starting", "reason": "QuotaExceeded", "message": "No room."},
        },
    ]
    runs = [{"metadata": {**META, "name": "run-1"}, "status": {"message": "No cluster waits."}}]
    event = warning("etl-2", "FailedCreate", "exceeded quota", "DaskCluster")
    lines = said(status, clusters=clusters, runs=runs, events=[event])
    assert lines[:2] == [
        "Of ClusterPool etl wait 1 of 2, QuotaExceeded; 7 were claimed.",
        "1 of 2 clusters are waiting.",
    ]
    assert lines[2].startswith("What to do: ")
    assert lines[3:9] == [
        "",
        "Its clusters:",
        "  etl-1: Ready, 5m old",
        "  etl-2: Starting (QuotaExceeded), 5m old: No room.",
        "",
        "Runs that wait for it:",
    ]
    assert lines[9] == "  run-1, 5m old: No cluster waits."
    assert any("FailedCreate: exceeded quota" in line for line in lines)


def test_one_that_is_full_needs_nothing_and_one_of_no_use_says_so() -> None:
    unused = [{"type": "Unused", "status": "True", "message": "Nobody has claimed any for a day."}]
    assert said({"ready": 2, "claimed": 0, "conditions": unused}) == [
        "Of ClusterPool etl wait 2 of 2; 0 were claimed.",
        "Nobody has claimed any for a day.",
    ]


def test_a_new_one_that_nobody_has_seen() -> None:
    pool = {"metadata": META, "spec": {}}
    assert pool_explained(Found(pool), NOW)[0].endswith("nothing has happened since.")
