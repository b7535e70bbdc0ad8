"""Counts, and what is said of it: names by convention, labels that are bounded, rights that are missing."""

import re

import pytest
from daskflow.api.reasons import Reason
from daskflow.controller.kubernetes.verbs import ApiError
from daskflow.controller.metrics.registry import ERRORS, Registry, bounded, error_word
from daskflow.controller.reconcile import PlanFailed, Unsettled

from tests.unit.controller.expectations import RBAC


def test_a_list_that_may_not_be_made_is_told_until_it_may() -> None:
    found = Registry()
    assert found.blind() == ""
    found.requested("LIST", "Pod", 403, RBAC.format("list"))
    assert found.blind().startswith("may not list Pods: pods is forbidden")
    found.requested("GET", "Pod", 200)
    assert found.blind()
    found.requested("LIST", "Pod", 200)
    assert found.blind() == ""
    found.requested("POST", "Pod", 403, RBAC.format("create"))
    assert found.blind() == "", "what waits for that right says so itself"
    found.requested("PATCH", "Lease", 403, RBAC.format("patch"))
    assert found.blind(), "nobody can lead"
    text = found.text().decode()
    assert 'daskflow_api_denied_total{kind="Pod",verb="LIST"} 1.0' in text
    assert 'daskflow_api_denied_total{kind="Pod",verb="POST"} 1.0' in text


def test_a_lease_that_could_not_be_made_is_forgotten_when_another_has_made_it() -> None:
    found = Registry()
    found.requested("LIST", "Pod", 403, RBAC.format("list"))
    found.requested("GET", "Lease", 404)
    found.requested("POST", "Lease", 403, RBAC.format("create"))
    found.requested("LIST", "Pod", 200)
    assert found.blind().startswith("may not post Leases")
    found.requested("GET", "Lease", 200)
    assert found.blind() == ""


def test_calls_are_counted_and_timed() -> None:
    found = Registry()
    found.requested("GET", "Pod", 404, seconds=0.02)
    found.received("LIST", "Pod", 200)
    text = found.text().decode()
    assert 'daskflow_api_requests_total{code="404",kind="Pod",verb="GET"} 1.0' in text
    assert 'daskflow_api_request_seconds_bucket{le="0.025",verb="GET"} 1.0' in text
    assert 'daskflow_api_request_seconds_bucket{le="0.01",verb="GET"} 0.0' in text
    assert 'daskflow_api_objects_total{kind="Pod",verb="LIST"} 200.0' in text


@pytest.mark.parametrize("name", ["daskflow_run_attempts_total{outcome", "daskflow_runs_ended_total{phase"])
def test_the_first_failure_for_a_reason_is_an_increase(name: str) -> None:
    lines = Registry().text().decode().splitlines()
    for reason in ("FlowFailed", "RunnerLost", "ImagePullFailed", "Other"):
        assert f'{name}="Failed",reason="{reason}"}} 0.0' in lines


def test_what_is_set_anew_forgets_what_was() -> None:
    found = Registry()
    found.set_all("daskflow_clusters", [(("Ready",), 2), (("Pending",), 1)])
    found.set_all("daskflow_clusters", [(("Ready",), 3)])
    lines = [line for line in found.text().decode().splitlines() if line.startswith("daskflow_clusters")]
    assert lines == ['daskflow_clusters{phase="Ready"} 3.0']


@pytest.mark.parametrize("reason", ["", *(each.value for each in Reason)])
def test_reasons_of_ours_are_labels(reason: str) -> None:
    assert bounded(reason) == reason


def test_what_others_say_is_one_label() -> None:
    assert bounded("run-7f3a was not there") == "Other"


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (ApiError(0, "TimeoutError"), "timeout"),
        (ApiError(409, "Conflict"), "conflict"),
        (ApiError(429), "throttled"),
        (ApiError(500), "server"),
        (ApiError(503), "server"),
        (ApiError(422, "Invalid"), "refused"),
        (ApiError(401), "denied"),
        (ApiError(403, "Forbidden", RBAC.format("create")), "denied"),
        (Unsettled("again"), "unsettled"),
        (PlanFailed("bug"), "bug"),
        (KeyError("bug"), "bug"),
    ],
)
def test_each_error_has_a_word(error: Exception, word: str) -> None:
    assert error_word(error) == word
    assert word in ERRORS


def test_the_first_error_is_an_increase() -> None:
    text = Registry().text().decode()
    for error in ERRORS:
        assert f'daskflow_reconcile_errors_total{{error="{error}",kind="FlowRun"}} 0.0' in text


def test_it_says_what_it_is() -> None:
    assert re.search(
        r'^daskflow_build_info\{python="3.*",version="\d.*"\} 1\.0$', Registry().text().decode(), re.M
    )
