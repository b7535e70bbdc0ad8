"""The FlowRun of one tick."""

from typing import Any

import pytest
from daskflow.api.flowrun import spec_of

from tests.unit.plan.schedule.stage import MIDNIGHT, UID, ScheduleStage, schedule


def test_the_run_is_the_template_with_the_tick_in_it() -> None:
    template = {
        "metadata": {
            "labels": {"team": "data", "daskflow.dev/schedule": "forged"},
            "annotations": {"note": "x"},
        },
        "spec": {
            "image": "flows:1",
            "flow": {
                "entrypoint": "flows:etl",
                "parameters": {
                    "at": "$(scheduledTime)",
                    "day": "$(scheduledTime:%Y-%m-%d)",
                    "deep": [{"from": "s3://x/$(previousScheduledTime:%Y%m%dT%H)/", "n": 3}],
                    "kept": "$$(scheduledTime) $(other) $HOME",
                    "epoch": "$(scheduledTime:%s)",
                },
            },
            "retries": {"limit": 1},
        },
    }
    spec = {"cron": "30 1 * * *", "timeZone": "Europe/Berlin", "template": template}
    (body,) = ScheduleStage(schedule(spec)).settled().at(1).plan().creates
    assert body["spec"]["flow"]["parameters"] == {
        "at": "2026-03-01T01:30:00+01:00",
        "day": "2026-03-01",
        "deep": [{"from": "s3://x/20260228T01/", "n": 3}],
        "kept": "$(scheduledTime) $(other) $HOME",
        "epoch": str(int(MIDNIGHT.timestamp() + 1800)),
    }
    assert {**body["spec"], "flow": None} == {**template["spec"], "flow": None}
    metadata = body["metadata"]
    assert metadata["name"].startswith("hourly-")
    assert metadata["name"].endswith("-20260301-003000")
    assert metadata["labels"] == {
        "app.kubernetes.io/managed-by": "daskflow",
        "team": "data",
        "daskflow.dev/schedule": "hourly",
        "daskflow.dev/scheduled-time": "20260301T003000Z",
    }
    assert metadata["annotations"] == {"note": "x", "daskflow.dev/scheduled-time": "2026-03-01T00:30:00Z"}
    assert metadata["ownerReferences"] == [
        {
            "apiVersion": "daskflow.dev/v1alpha1",
            "kind": "FlowSchedule",
            "name": "hourly",
            "uid": UID,
            "controller": True,
        }
    ]
    assert spec_of(body).retries.limit == 1


def _made_from(spec: dict[str, Any]) -> Any:
    template = {"spec": {"image": "flows:1", **spec}}
    stage = ScheduleStage(schedule({"cron": "30 1 * * *", "template": template})).settled()
    return stage.at(2)


@pytest.mark.parametrize(
    ("flow", "made"),
    [
        ({"command": ["etl", "$(scheduledTime:%Y-%m-%d)"]}, {"command": ["etl", "2026-03-01"]}),
        (
            {"script": "day = '$(scheduledTime:%d)' + '$$(scheduledTime)'"},
            {"script": "day = '01' + '$(scheduledTime)'"},
        ),
    ],
)
def test_the_tick_is_put_into_commands_scripts_and_variables(flow: Any, made: Any) -> None:
    env = [{"name": "DAY", "value": "$(scheduledTime:%d)"}, {"name": "HOST", "value": "$(POD)"}]
    (body,) = _made_from({"flow": flow, "env": env}).plan().creates
    assert body["spec"]["flow"] == made
    assert body["spec"]["env"] == [{"name": "DAY", "value": "01"}, {"name": "HOST", "value": "$(POD)"}]


def test_the_tick_before_is_known_wherever_it_may_stand() -> None:
    before = "$(previousScheduledTime:%Y-%m-%d)"
    spec = {"flow": {"command": ["etl", before]}, "env": [{"name": "SINCE", "value": before}]}
    (body,) = _made_from(spec).plan().creates
    assert body["spec"]["flow"]["command"] == ["etl", "2026-02-28"]
    assert body["spec"]["env"] == [{"name": "SINCE", "value": "2026-02-28"}]


@pytest.mark.parametrize(
    ("spec", "where"),
    [
        (
            {"flow": {"entrypoint": "etl:flow"}, "image": "flows:$(scheduledTime:%Y)"},
            "spec.template.spec.image has",
        ),
        (
            {"flow": {"entrypoint": "etl:flow", "files": {"configMapRef": {"name": "$(scheduledTime)"}}}},
            "spec.template.spec.flow.files.configMapRef.name has",
        ),
        (
            {
                "flow": {"entrypoint": "etl:flow"},
                "template": {"spec": {"volumes": [{"name": "$(scheduledTime)"}]}},
            },
            "spec.template.spec.template.spec.volumes[0].name has",
        ),
    ],
)
def test_a_tick_where_it_would_stay_as_written_is_refused(spec: Any, where: str) -> None:
    stage = _made_from(spec)
    assert not stage.plan().creates
    assert stage.status["reason"] == "SpecInvalid"
    assert where in stage.status["message"]


def test_the_run_knows_whether_a_cluster_is_started_ahead_of_it() -> None:
    for prewarm in ({}, {"prewarm": "20s"}):
        stage = ScheduleStage(schedule({"cron": "30 1 * * *", **prewarm})).settled().at(1, minutes=30)
        (body,) = (made for made in stage.plan().creates if made["kind"] == "FlowRun")
        assert ("daskflow.dev/prewarm" in body["metadata"]["annotations"]) is bool(prewarm)
