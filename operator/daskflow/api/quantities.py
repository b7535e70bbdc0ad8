"""Kubernetes quantities ("500m", "4Gi") and our durations ("90s", "1h30m") as numbers."""

import math
import re
from decimal import Decimal
from typing import Annotated, Any

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
_QUANTITY = re.compile(r"([+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+))(?:([eE][+-]?[0-9]{1,2})|([a-zA-Z]{0,2}))")
"""Exponents are short: what a longer one stands for takes hours to write out."""
_DURATION = re.compile(r"([0-9]{1,9})([smhd])")
LONGEST = 50 * 365 * 86400
"""Seconds; whatever is longer stands for ever, and is beyond what a pod's deadline (an int32) can hold."""
SMALLEST_MEMORY = 2**20
"""Bytes. Whoever writes less means something else: `512m` is half a byte."""
_BINARY = ("Ki", "Mi", "Gi", "Ti", "Pi", "Ei")
_CARRIED = 1023.5
"""What is more becomes 1.0 of the next unit."""
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def quantity(text: str | int) -> Decimal:
    """The number a Kubernetes quantity stands for, in its base unit (cores, bytes).

    Raises ValueError with the text for what is none.
    """
    match = _QUANTITY.fullmatch(str(text))
    if not match or (match[3] or "") not in _SUFFIXES:
        raise ValueError(f"{text!r} is not a Kubernetes quantity; write for example 500m, 2 or 4Gi")
    return Decimal(match[1] + (match[2] or "")) * _SUFFIXES[match[3] or ""]


def size_fault(text: str | int) -> str:
    """What is wrong with an amount of memory or storage, as the rest of a sentence; empty if nothing is."""
    try:
        size = quantity(text)
    except ValueError as error:
        return str(error)
    if size < 0:
        return _NEGATIVE.format(text)
    return _SMALL.format(text) if 0 < size < SMALLEST_MEMORY else ""


def whole(text: str | int) -> int:
    """A quantity rounded up to a whole number: bytes for memory, threads for CPU."""
    return math.ceil(quantity(text))


def in_units(size: int) -> str:
    """Bytes as a quantity that people read: 512, 1.5Ki, 7.0Gi, 115Gi."""
    amount, unit = float(size), ""
    for unit in ("", *_BINARY):
        if amount < _CARRIED or unit == _BINARY[-1]:
            break
        amount /= 1024
    if not unit:
        return str(size)
    return f"{amount:.1f}{unit}" if amount < 99.95 else f"{amount:.0f}{unit}"


def seconds(duration: str) -> int:
    """The seconds of a duration; raises ValueError with the text for what is none."""
    parts = _DURATION.findall(duration)
    if not parts or "".join(number + unit for number, unit in parts) != duration:
        raise ValueError(f"{duration!r} is not a duration; write for example 90s, 10m, 2h or 7d")
    return min(sum(int(number) * _SECONDS[unit] for number, unit in parts), LONGEST)


def _checked_quantity(value: str | int) -> str | int:
    if quantity(value) < 0:
        raise ValueError(_NEGATIVE.format(value))
    return value


def _checked_size(value: str | int) -> str | int:
    if fault := size_fault(value):
        raise ValueError(fault)
    return value


def _checked_duration(value: str) -> str:
    seconds(value)
    return value


_NEGATIVE = '"{}" is below zero; write for example 500m, 2 or 4Gi'
_SMALL = '"{}" is less than 1Mi; m stands for thousandths and no letter for bytes, write for example 512Mi'
_IS_QUANTITY = "isQuantity(string(self)) && !string(self).matches('[eE][+-]?[0-9]{3}')"


def _in_cel(sentence: str) -> str:
    before, after = sentence.split("{}")
    return f"='{before}' + string(self) + '{after}'"


def small_in_cel(value: str) -> str:
    """Whether this expression is an amount of memory that is meant otherwise; see SMALLEST_MEMORY.

    Not to the byte: CEL's quantities would be, and cannot be evaluated by `daskflow local`.
    """
    return (
        f"string({value}).matches('^0*[1-9][0-9]{{0,5}}([.][0-9]*)?$|^0*[1-9][0-9]{{0,8}}([.][0-9]*)?[mun]$')"
    )


_QUANTITY_RULES = [
    rule(_IS_QUANTITY, _in_cel('"{}" is not a Kubernetes quantity; write for example 500m, 2 or 4Gi')),
    rule("!string(self).startsWith('-')", _in_cel(_NEGATIVE)),
]


def _quantity_schema(*rules: dict[str, Any]) -> dict[str, Any]:
    return {
        "x-schema": {
            "x-kubernetes-int-or-string": True,
            "maxLength": 32,
            "x-kubernetes-validations": [*_QUANTITY_RULES, *rules],
        }
    }


Quantity = Annotated[
    str | int, AfterValidator(_checked_quantity), Field(json_schema_extra=_quantity_schema())
]
Size = Annotated[
    str | int,
    AfterValidator(_checked_size),
    Field(json_schema_extra=_quantity_schema(rule(f"!({small_in_cel('self')})", _in_cel(_SMALL)))),
]
"""Of memory or storage: nothing, or at least 1Mi."""

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
                        "self.matches('^([0-9]{1,9}[smhd])+$')",
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
