"""What Kubernetes would round is refused, as it was written and as it arrives."""

import json
from typing import Any

import pytest
from daskflow.api.flowrun import spec_of
from daskflow.api.numbers import kept
from pydantic import ValidationError

AS_STORED = "18446744073709552000"
"""What the API server makes of 2**64 + 1."""


@pytest.mark.parametrize(
    "text", [str(2**64 + 1), AS_STORED, "-123456789012345678901234567890", "1.2345678901234567e+29"]
)
def test_numbers_that_are_rounded_are_refused(text: str) -> None:
    spec = {"image": "x", "flow": {"entrypoint": "a:b", "parameters": {"deep": [{"id": json.loads(text)}]}}}
    with pytest.raises(
        ValidationError, match=r"deep\[0\].id is .*, and Kubernetes rounds .* write it as text"
    ):
        spec_of({"spec": spec})


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        (2**63 - 1, 2**63 - 1),
        (-(2**63), -(2**63)),
        (10**19, 10**19),
        (10**22, 1e22),
        (6.02e23, 6.02e23),
        (0.1, 0.1),
    ],
)
def test_all_others_are_what_the_api_server_makes_of_them(value: Any, stored: Any) -> None:
    found = kept({"n": [value]})["n"][0]
    assert (found, type(found)) == (stored, type(stored))
    assert kept(True) is True
