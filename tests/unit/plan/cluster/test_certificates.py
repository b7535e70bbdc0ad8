"""Certificates that end soon are told of."""

from datetime import timedelta
from typing import Any

import pytest

from tests.unit.plan.cluster.stage import running
from tests.unit.plan.stage import NOW


@pytest.mark.parametrize(
    ("days", "spec", "warned"),
    [
        (334, {}, False),
        (335, {}, True),
        (335, {"security": {"tls": {"mode": "Disabled"}}}, False),
        (335, {"security": {"tls": {"mode": "Secret", "secretName": "mine"}}}, True),
    ],
)
def test_certificates_that_end_soon_are_told_of_once(days: int, spec: dict[str, Any], warned: bool) -> None:
    stage = running(1, **spec).later(days=days)
    events = [event.reason for event in stage.plan().events]
    assert events == (["CertificateExpiring"] if warned else [])
    conditions = {each["type"]: each for each in stage.applied().status["conditions"]}
    assert ("CertificateExpiring" in conditions) is warned
    if warned:
        assert "2027-03-01" in conditions["CertificateExpiring"]["message"]
    assert not stage.applied().plan().acts


def test_it_wakes_up_for_that() -> None:
    assert running(1).plan().requeue_at == NOW + timedelta(days=335)
