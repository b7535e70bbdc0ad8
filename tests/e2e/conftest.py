"""The operator as a thing that can be killed."""

from collections.abc import Iterator

import pytest

from tests.e2e.operator import Operator


@pytest.fixture(scope="module", autouse=True)
def _never_dies_by_itself(installed: None) -> Iterator[None]:
    before = Operator().restarts
    yield
    assert Operator().restarts <= before, "the operator died by itself: kubectl logs --previous"


@pytest.fixture
def operator(installed: None) -> Iterator[Operator]:
    """The operator, which runs again after the test whatever was done to it."""
    operator = Operator()
    yield operator
    operator.start()
