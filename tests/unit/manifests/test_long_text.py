"""Long texts in variables, from the operator's side to the runtime's."""

import json
import random

import pytest
from daskflow.manifests.long_text import PART, variables
from daskflow.runtime.settings import document


@pytest.mark.parametrize("size", [0, 10, 32 * 1024, 40 * 1024, 900 * 1024])
def test_a_text_of_any_length_arrives_in_parts_that_the_kernel_takes(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = {"text": "".join(random.Random(1).choices("abcdefgh$(A) ü€", k=size))}
    parts = variables("DASKFLOW_CLUSTER", json.dumps(whole, ensure_ascii=False))
    for name, value in parts.items():
        assert len(value.encode()) <= PART
        monkeypatch.setenv(name, value)
    assert document("CLUSTER") == whole
    assert (len(parts) > 1) == (size > 300 * 1024)


def test_a_short_text_stands_there_as_it_is() -> None:
    assert variables("DASKFLOW_FLOW", '{"script":"1"}') == {"DASKFLOW_FLOW": '{"script":"1"}'}
