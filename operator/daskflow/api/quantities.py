"""Kubernetes quantities ("500m", "4Gi") and our durations ("90s", "1h30m") as numbers."""

import math
import re
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, Field

from daskflow.api.model import rule

_SUFFIXES: dict[str, Decimal | int] = {
    "": 1,
    "n": Decimal("1e-9"),
    "u": Decimal("1e-6"),
    "m": Decimal("0.001"),
    "k": 10**3,
    "M": 10**6,
    "G": 10**9,
    "T": 10**12,
    "P": 10**15,
    "E": 10**18,
    "Ki": 2**10,
    "Mi": 2**20,
    "Gi": 2**30,
    "Ti": 2**40,
    "Pi": 2**50,
    "Ei": 2**60,
}
_QUANTITY = re.compile(r"([+-]?[0-9.]+)(?:([eE][+-]?[0-9]+)|([a-zA-Z]{0,2}))")
_DURATION = re.compile(r"([0-9]+)([smhd])")
LONGEST = 100 * 365 * 86400
"""Seconds; whatever is longer stands for ever, and would be beyond what a date can hold."""
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def quantity(text: str | int) -> Decimal:
    """The number a Kubernetes quantity stands for, in its base unit (cores, bytes).

    Raises ValueError with the text for what is none.
    """
    match = _QUANTITY.fullmatch(str(text))
    if not match or (match[3] or "") not in _SUFFIXES:
        raise ValueError(f"{text!r} is not a Kubernetes quantity; write for example 500m, 2 or 4Gi")
    return Decimal(match[1] + (match[2] or "")) * _SUFFIXES[match[3] or ""]


def whole(text: str | int) -> int:
    """A quantity rounded up to a whole number: bytes for memory, threads for CPU."""
    return math.ceil(quantity(text))


def seconds(duration: str) -> int:
    """The seconds of a duration; raises ValueError with the text for what is none."""
    parts = _DURATION.findall(duration)
    if not parts or "".join(number + unit for number, unit in parts) != duration:
        raise ValueError(f"{duration!r} is not a duration; write for example 90s, 10m, 2h or 7d")
    return min(sum(int(number) * _SECONDS[unit] for number, unit in parts), LONGEST)


def _checked_quantity(value: str | int) -> str | int:
    quantity(value)
    return value


def _checked_duration(value: str) -> str:
    seconds(value)
    return value


Quantity = Annotated[
    str | int,
    AfterValidator(_checked_quantity),
    Field(
        json_schema_extra={
            "x-schema": {
                "x-kubernetes-int-or-string": True,
                "maxLength": 32,
                "x-kubernetes-validations": [
                    rule(
                        "isQuantity(string(self))",
                        "='\"' + string(self) + '\" is not a Kubernetes quantity; "
                        "write for example 500m, 2 or 4Gi'",
                    )
                ],
            }
        }
    ),
]

Duration = Annotated[
    str,
    AfterValidator(_checked_duration),
    Field(
        json_schema_extra={
            "x-schema": {
                "type": "string",
                "maxLength": 20,
                "x-kubernetes-validations": [
                    rule(
                        "self.matches('^([0-9]+[smhd])+$')",
                        "='\"' + self + '\" is not a duration; write for example 90s, 10m, 2h or 7d'",
                    )
                ],
            }
        }
    ),
]

SECONDS_IN_CEL = (
    "({}).findAll('[0-9]+[smhd]').map(part, int(part.substring(0, part.size() - 1)) * "
    "{{'s': 1, 'm': 60, 'h': 3600, 'd': 86400}}[part.substring(part.size() - 1)]).sum()"
)
"""The seconds of a duration, an expression put for `{}`; CEL's own durations know no days."""
