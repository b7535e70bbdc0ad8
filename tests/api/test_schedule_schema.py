"""What a FlowSchedule may say: refused at `kubectl apply` where the schema can know."""

from typing import Any

import pytest

from tests.e2e.flows import flow_run
from tests.kube import Kube, apply

RUN = flow_run("x", "result = 1", suspend=True)["spec"]


def schedule(**spec: Any) -> dict[str, Any]:
    """A good FlowSchedule with these fields; None removes one."""
    fields = {"cron": "0 2 * * *", "suspend": True, "template": {"spec": RUN}, **spec}
    return {
        "apiVersion": "daskflow.dev/v1alpha1",
        "kind": "FlowSchedule",
        "metadata": {"name": "nightly"},
        "spec": {name: value for name, value in fields.items() if value is not None},
    }


CASES = [
    (schedule(cron=None), ["spec", "exactly one of cron and interval"]),
    (schedule(interval="15m"), ["spec", "exactly one of cron and interval"]),
    (schedule(cron=None, interval="5s"), ["spec", "interval is too short", "10s"]),
    (schedule(cron=None, interval="15 minutes"), ["spec.interval", '"15 minutes" is not a duration']),
    (schedule(anchor="2026-01-01T00:00:00Z"), ["spec", "anchor goes with interval only"]),
    (schedule(cron=None, interval="1h", anchor="yesterday"), ["spec.anchor", "date-time"]),
    (schedule(cron="0 2 * *"), ["spec.cron", '"0 2 * *" is not five fields', "0 2 * * *"]),
    (schedule(cron="0 0 2 * * *"), ["spec.cron", "is not five fields"]),
    (schedule(cron="TZ=Europe/Berlin 0 2 * * *"), ["spec.cron", "is not five fields", "timeZone"]),
    (schedule(cron="@reboot"), ["spec.cron", "is not five fields", "@daily"]),
    (schedule(concurrencyPolicy="Maybe"), ["spec.concurrencyPolicy", '"Allow", "Forbid", "Replace"']),
    (schedule(catchUp="All", concurrencyPolicy="Replace"), ["catchUp All with concurrencyPolicy Replace"]),
    (schedule(history={"succeeded": -1}), ["spec.history.succeeded", "0"]),
    (schedule(startingDeadline="soon"), ["spec.startingDeadline", '"soon" is not a duration']),
    (schedule(template={"spec": {**RUN, "flow": {}}}), ["spec.template.spec.flow", "exactly one of"]),
    (schedule(template={"spec": {**RUN, "image": None}}), ["spec.template.spec", "image"]),
    (schedule(template={"spec": {**RUN, "wrkers": 1}}), ["unknown field", "spec.template.spec.wrkers"]),
    (schedule(template=None), ["spec.template", "Required value"]),
    ({**schedule(), "metadata": {"name": "n" * 51}}, ["metadata.name is too long"]),
]


@pytest.mark.parametrize(("manifest", "says"), CASES, ids=[" ".join(case[1])[:60] for case in CASES])
def test_refused(kube: Kube, manifest: dict[str, Any], says: list[str]) -> None:
    answer = apply(kube, manifest)
    assert answer.returncode != 0
    for word in says:
        assert word in answer.stderr


@pytest.mark.parametrize(
    "spec",
    [
        {},
        {"cron": "@daily"},
        {"cron": "*/5 0-6,22 * JAN-MAR mon#1"},
        {"cron": None, "interval": "10s"},
        {"cron": None, "interval": "1d12h", "anchor": "2026-01-01T00:00:00+01:00", "timeZone": "Asia/Tokyo"},
        {"catchUp": "All", "startingDeadline": "2h", "history": {"succeeded": 0, "failed": 10}},
    ],
)
def test_a_good_one_is_taken_and_applying_it_again_changes_nothing(kube: Kube, spec: dict[str, Any]) -> None:
    answer = apply(kube, schedule(**spec))
    assert answer.returncode == 0, answer.stderr
    kube.wait("its status", lambda: _status(kube).get("observedGeneration") == 1)
    before = kube.get("FlowSchedule", "nightly")
    assert "unchanged" in apply(kube, schedule(**spec)).stdout
    assert kube.get("FlowSchedule", "nightly") == before


@pytest.mark.parametrize(
    ("spec", "reason", "says"),
    [
        ({"cron": "0 25 * * *"}, "CronInvalid", "hour"),
        ({"cron": "0 0 30 2 *"}, "NeverFires", "no month it names has such a day"),
        ({"timeZone": "Europe/Brelin"}, "TimeZoneUnknown", "did you mean Europe/Berlin?"),
    ],
)
def test_what_only_the_operator_can_know_is_said_in_condition_and_event(
    kube: Kube, spec: dict[str, Any], reason: str, says: str
) -> None:
    assert apply(kube, schedule(**spec)).returncode == 0
    kube.wait("the condition", lambda: _stalled(kube).get("status") == "True", 10)
    assert _stalled(kube)["reason"] == reason
    assert says in _stalled(kube)["message"]
    kube.wait("the Event", lambda: ("Warning", reason) in kube.events("nightly"), 10)


def test_every_field_of_a_run_can_stand_in_the_template(kube: Kube) -> None:
    """The API server prunes nothing of a FlowRun's spec in a schedule."""
    run = kube.create(
        flow_run("run", "result = 1", suspend=True, retries={"limit": 1}, env=[{"name": "A", "value": "b"}])
    )
    made = kube.create(schedule(template={"spec": run["spec"]}))
    assert made["spec"]["template"]["spec"] == run["spec"]


def _status(kube: Kube) -> dict[str, Any]:
    return dict((kube.get("FlowSchedule", "nightly") or {}).get("status") or {})


def _stalled(kube: Kube) -> dict[str, Any]:
    return next((each for each in _status(kube).get("conditions", ()) if each["type"] == "Stalled"), {})
