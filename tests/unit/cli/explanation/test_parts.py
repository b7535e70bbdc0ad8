"""What explanations of all kinds have in common."""

from dataclasses import replace
from typing import Any

from daskflow import __version__
from daskflow.cli.explanation.found import Found
from daskflow.cli.explanation.parts import limits, unattended, warnings
from daskflow.cli.installed import Operator

from tests.unit.cli.explanation.around import META, NOW, warning

RUN = {"metadata": META}


def operator(ready: int, wanted: int = 1, watched: tuple[str, ...] = ()) -> Operator:
    return Operator("system", "daskflow", __version__, "image", ready, wanted, watched)


def test_without_an_operator_at_work_that_is_said_with_a_remedy() -> None:
    def said(*operators: Operator) -> str:
        return " ".join(unattended(Found(RUN, operators=operators)))

    assert "no operator is installed" in said()
    assert "is scaled to 0" in said(operator(0, 0))
    assert "kubectl scale deployment daskflow --namespace system --replicas 1" in said(operator(0, 0))
    assert "is not ready" in said(operator(0))
    assert said(operator(0), operator(1)) == ""
    assert said(operator(1, 1, ("flows", "more"))) == ""
    assert said(operator(1, 1, ("other",))).startswith(
        "No operator looks after namespace flows, only after those in brackets: system (other)."
    )
    assert list(unattended(Found(RUN, operators=None))) == []


def test_warnings_that_are_alike_come_once_and_what_was_said_never() -> None:
    def said(*events: Any) -> list[str]:
        return list(warnings(Found(RUN, events=events), lambda event: True, NOW, "It was said already."))

    alike = [warning(f"p-{number}", "Failed", "no") for number in range(3)]
    assert said(*alike) == ["Warnings:", "  60s ago, Pod p-2 and 2 more: Failed: no"]
    assert said(warning("p", "Failed", "it was said already".capitalize())) == []
    assert said(warning("p", "Unhealthy", "Startup probe failed: dial")) == []
    assert said({**warning("p", "Scheduled", "on a node"), "type": "Normal"}) == []
    assert len(said(warning("p", "Failed", "x" * 999))[1]) < 380


def test_a_quota_that_has_refused_is_not_called_nearly_used_up_as_well() -> None:
    refused = "exceeded quota: few, requested: pods=1, used: pods=2, limited: pods=2"
    few = {"metadata": {"name": "few"}, "status": {"hard": {"pods": "2"}, "used": {"pods": "2"}}}
    other = {**few, "metadata": {"name": "other"}}
    found = Found(RUN, quotas=[few, other], events=[warning("p", "Failed", refused)])
    said = list(limits(found, lambda event: True, refused))
    assert said == [
        "The ResourceQuota few has no room: pods 2 of 2 used, 1 more asked for.",
        "The ResourceQuota other is nearly used up: pods 2 of 2.",
    ]
    assert not list(limits(replace(found, quotas=()), lambda event: False, "")), "what it refused to others"
