"""The operator as a thing that can be killed."""

from collections.abc import Iterator

import pytest

from tests.e2e.operator import Operator


@pytest.fixture
def operator(installed: None) -> Iterator[Operator]:
    """The operator, which runs again after the test whatever was done to it."""
    operator = Operator()
    yield operator
    operator.start()
