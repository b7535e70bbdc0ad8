"""No test is tried after another one has changed what both share: that fails where it happens."""

from collections.abc import Iterator

import pytest

from tests.leftovers import changes, shared


@pytest.fixture(scope="module", autouse=True)
def nothing_is_left() -> Iterator[None]:
    before = shared()
    yield
    left = changes(before, shared())
    assert not left, "\n".join(left)
