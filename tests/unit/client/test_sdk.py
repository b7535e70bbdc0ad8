"""What a program sees of the package."""

import daskflow


def test_all_names_are_listed() -> None:
    assert set(daskflow.__all__) <= set(dir(daskflow))
