"""Which clocks the schema takes, by the rules that the API server evaluates."""

from typing import Any

import pytest
from daskflow.cli.local.validation import Invalid, checked

SPEC = {"template": {"spec": {"image": "flows:1", "flow": {"script": "result = 1"}}}}


def _schedule(**spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "daskflow.dev/v1alpha1",
        "kind": "FlowSchedule",
        "metadata": {"name": "nightly"},
        "spec": {**SPEC, **spec},
    }


@pytest.mark.parametrize("interval", ["10s", "60s", "100s", "1m", "0m10s", "1d12h", "05m"])
def test_an_interval_of_ten_seconds_or_more_is_taken(interval: str) -> None:
    checked(_schedule(interval=interval))


@pytest.mark.parametrize("interval", ["1s", "9s", "09s", "0s", "0m", "0d5s"])
def test_a_shorter_interval_is_refused(interval: str) -> None:
    with pytest.raises(Invalid, match="at least 10s"):
        checked(_schedule(interval=interval))


@pytest.mark.parametrize("cron", ["0 2 * * *", "@daily", "*/5 0-6,22 * JAN-MAR mon#1", "0  2  * * *"])
def test_a_cron_of_five_fields_or_a_name_is_taken(cron: str) -> None:
    checked(_schedule(cron=cron))


@pytest.mark.parametrize(
    "cron", ["", "0 2 * *", "0 0 2 * * *", "@reboot", "TZ=Europe/Berlin 0 2 * * *", "@daily 0 0 0 0"]
)
def test_any_other_cron_is_refused(cron: str) -> None:
    with pytest.raises(Invalid, match="is not five fields"):
        checked(_schedule(cron=cron))
