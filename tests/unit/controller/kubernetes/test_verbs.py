"""What an answer of the API server means."""

import logging

import pytest
from daskflow.controller.kubernetes.verbs import ApiError

from tests.simulation.actions.api_server import GUARD, POLICY, QUOTA
from tests.simulation.operators.client import CLASH
from tests.unit.controller.expectations import RBAC


def test_a_webhook_that_is_down_is_somebodys_to_hear_of() -> None:
    down = ApiError(500, "InternalError", 'failed calling webhook "a": connection refused')
    assert not down.passing
    assert ApiError(500, "InternalError", "etcdserver: leader changed").passing


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)


@pytest.mark.parametrize(
    ("error", "taken", "passing", "rightless"),
    [
        (ApiError(409, "AlreadyExists", "x"), True, False, False),
        (CLASH, False, True, False),
        (ApiError(409, "", "x"), False, True, False),
        (QUOTA, False, False, False),
        (POLICY, False, False, False),
        (GUARD, False, False, False),
        (ApiError(403, "Forbidden", RBAC.format("create")), False, False, True),
        (ApiError(403, "", 'forbidden: User "x" cannot get path "/api"'), False, False, True),
        # Words of an admission webhook, which may say anything.
        (
            ApiError(403, "Forbidden", f'admission webhook "w" denied the request: {"x" * 300} {RBAC}'),
            False,
            False,
            False,
        ),
        (ApiError(401, "Unauthorized", "Unauthorized"), False, False, True),
    ],
)
def test_what_an_answer_means(error: ApiError, taken: bool, passing: bool, rightless: bool) -> None:
    assert (error.taken, error.passing, error.rightless) == (taken, passing, rightless)
