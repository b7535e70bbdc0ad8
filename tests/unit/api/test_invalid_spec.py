"""What is said of a spec that cannot be understood."""

import pytest
from daskflow.api.flowrun import FlowRunSpec
from daskflow.api.invalid_spec import sentence
from pydantic import ValidationError


def test_the_sentence_names_the_field_and_is_short() -> None:
    deep: object = 1
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(ValidationError) as error:
        FlowRunSpec.model_validate({"image": "a", "flow": {"script": "1", "parameters": {"x": deep}}})
    said = sentence(error.value)
    assert said.startswith("spec.flow.parameters: nested more than 50 levels deep; give ")
    assert len(said) < 300
