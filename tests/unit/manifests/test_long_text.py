"""Long texts in variables, from the operator's side to the runtime's."""

import json
import random

import pytest
from daskflow.api.flow import MAX_FLOW_BYTES
from daskflow.manifests.long_text import PART, variables
from daskflow.manifests.pods import flow_bytes, flow_json
from daskflow.runtime.settings import document

from tests.unit.manifests.test_pods import run_spec
from tests.unit.plan.stage import Stage, run


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


@pytest.mark.parametrize("alphabet", [(0xA0, 0x7FF), (0x800, 0xD7FF), (0x10000, 0x10FFFF), (32, 126)])
def test_a_flow_of_the_most_bytes_fits_into_a_pod_in_any_alphabet(alphabet: tuple[int, int]) -> None:
    chance = random.Random(1)
    size = (MAX_FLOW_BYTES - 100) // len(chr(alphabet[1]).encode())
    text = "".join(chr(chance.randint(*alphabet)) for _ in range(size))
    spec = run_spec(flow={"script": "1", "parameters": {"text": text}})
    assert flow_bytes(spec) == pytest.approx(MAX_FLOW_BYTES, rel=0.05)
    whole = variables("DASKFLOW_FLOW", flow_json(spec))
    assert sum(map(len, whole.values())) < MAX_FLOW_BYTES * 4 / 3


@pytest.mark.parametrize(("letters", "phase"), [(370_000, "Starting"), (380_000, "Failed")])
def test_letters_count_as_in_utf_8(letters: int, phase: str) -> None:
    plan = Stage(run({"flow": {"script": "1", "parameters": {"text": "é" * letters}}})).plan()
    assert plan.status is not None
    assert plan.status["phase"] == phase
    assert ("spec.flow has 760" in plan.status["message"]) == (phase == "Failed")
