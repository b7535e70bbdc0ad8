"""JSON from elsewhere as plain data, whatever is in it: no value of one object may hurt another.

An API server stores 10,000 levels of nesting, and users write them into fields of any shape; decoders give up
at 200 (`pydantic_core`) or 1,000 (the standard library and `msgspec`, with RecursionError). So what lies
deeper than LEVELS is left out, without recursion, from texts that decoders refuse: whatever is behind this
module may recurse over what it is given. Specs are refused long before that (`api.model.LEVELS`).
"""

import re
from math import isinf
from typing import Any

from pydantic_core import from_json

LEVELS = 100
"""Of a text that no decoder takes: what is nested deeper becomes null."""
_DIGITS = 300
"""Numbers with more are read as doubles, which is what API servers make of all beyond 64 bits."""

_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]|\d{%d}[\d.eE+-]*+' % _DIGITS, re.DOTALL)
_SURROGATE = re.compile(rb"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|u([dD][89a-fA-F]..)|.)", re.DOTALL)


def strict(text: str | bytes | bytearray) -> Any:
    """Any JSON of at most 200 levels, each short text once: names and uids are said by many objects.

    Raises ValueError, whatever the text is. For those that need no mercy: what pods answer.
    """
    return from_json(text, cache_strings="all")


def lenient(text: str | bytes | bytearray) -> Any:
    """Any JSON; what no decoder takes is mended first. Raises ValueError if it is no JSON at all."""
    try:
        return strict(text)
    except ValueError:
        return strict(mended(text.encode() if isinstance(text, str) else text))


def mended(text: bytes | bytearray) -> bytes:
    """The same JSON, as far as decoders take it: nothing deeper than LEVELS, Unicode as Go writes it.

    Linear, and without recursion. 0.1 s for a megabyte, so only for what was refused. Raises ValueError for
    what is no Unicode: an API server writes U+FFFD in its place, so that this was damaged on its way, and may
    have been the name of a field.
    """
    text = text.decode("utf-8").encode()
    parts: list[bytes] = []
    depth = at = 0
    for found in _TOKEN.finditer(text):
        first = text[found.start()]
        if first in b"[{":
            depth += 1
            if depth == LEVELS + 1:
                parts.append(text[at : found.start()] + b"null")
        elif first in b"]}":
            depth -= 1
            if depth == LEVELS:
                at = found.end()
        elif depth <= LEVELS and (token := found.group()) != (better := _token(token)):
            parts.append(text[at : found.start()] + better)
            at = found.end()
    parts.append(text[at:] if depth <= LEVELS else b"")
    return b"".join(parts)


def _token(token: bytes) -> bytes:
    """A text without half surrogate pairs, or a number as a double, which may be infinite."""
    if token[:1] != b'"':
        number = float(token)
        return b"1e999" if isinf(number) else repr(number).encode()
    return _SURROGATE.sub(lambda each: rb"\ufffd" if each.group(1) else each.group(), token)
