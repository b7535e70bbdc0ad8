"""The timeline of a run report: who was busy when, in at most 64 bins of time, as a short text.

The text is base64 (RFC 4648, with padding) of a zlib stream of these bytes, numbers little-endian:

| bytes | |
|---|---|
| 1 | the layout's version, 1 |
| 1 | `k`: a bin is 2^k / 8 seconds wide, k from 0 (1/8 s) to 40 |
| 1 | `n`: how many bins there are, 1 to 64; the first begins with the report |
| 1 | `r`: how many prefixes have a row of their own, 0 to 6 |
| 4 | `scale`, a float32 above 0: as many threads as LEVELS (63) stands for |
| (r + 2)·n | rows of n bytes, each 0 to 63: paid; each of the report's first r `prefixes`; rest |

A byte b of a row says that on average over its bin b · scale / 63 threads were paid, or busy with tasks of
that prefix; `rest` has the tasks of all others. The last bin is as wide as the others although the report may
end within it: its mean is over the part that was. Whoever records doubles the bins' width, adding neighbours,
when the 65th would begin; a run of an hour has bins of 64 s. Levels are six bits so that noise takes at most
6/8 of a byte each: 64 bins with all rows are below 600 characters, and usually about 350.

The scheduler's recorder writes this (`runtime/scheduler/report.py`, which can import nothing from here);
pictures read it.
"""

import base64
import math
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

VERSION = 1
BINS = 64
ROWS = 6
LEVELS = 63
LONGEST = 720
"""Characters of a timeline's text: 8 + 8 · 64 bytes that zlib could not shorten, in base64."""
_HEAD = struct.Struct("<BBBBf")
_MOST_DOUBLINGS = 40


@dataclass(frozen=True)
class Timeline:
    """Mean numbers of threads in each bin. All rows are as long as `paid`."""

    width: float
    """Seconds of a bin."""
    paid: tuple[float, ...]
    """Threads of registered workers."""
    busy: tuple[tuple[float, ...], ...]
    """Threads in tasks of the report's first prefixes, a row each."""
    rest: tuple[float, ...]
    """Threads in tasks of all other prefixes."""

    @property
    def all_busy(self) -> tuple[float, ...]:
        """Threads in any task."""
        return tuple(map(sum, zip(*self.busy, self.rest, strict=True)))


def decoded(text: str) -> Timeline:
    """What the text says. Raises ValueError for one that is none; takes no more memory than one that is."""
    try:
        packed = base64.b64decode(text.encode("ascii"), validate=True) if len(text) <= LONGEST else b""
        unpacking = zlib.decompressobj()
        data = unpacking.decompress(packed, _HEAD.size + (ROWS + 2) * BINS)
    except (ValueError, zlib.error) as error:
        raise ValueError(f"it is no timeline: {error}") from None
    if len(data) < _HEAD.size or not unpacking.eof:
        raise ValueError("it is no timeline: its length is wrong")
    version, doublings, bins, prefixes, scale = _HEAD.unpack_from(data)
    levels = data[_HEAD.size :]
    sound = version == VERSION and doublings <= _MOST_DOUBLINGS and 1 <= bins <= BINS and prefixes <= ROWS
    if not sound or len(levels) != (prefixes + 2) * bins or max(levels) > LEVELS:
        raise ValueError("it is no timeline: its layout is another one")
    if not (math.isfinite(scale) and scale > 0):
        raise ValueError("it is no timeline: its scale is no positive number")
    rows = [
        tuple(level * scale / LEVELS for level in levels[start : start + bins])
        for start in range(0, len(levels), bins)
    ]
    return Timeline(2**doublings / 8, rows[0], tuple(rows[1:-1]), rows[-1])


def encoded(
    doublings: int, paid: Sequence[float], busy: Sequence[Sequence[float]], rest: Sequence[float]
) -> str:
    """The text of these mean numbers of threads, in bins of 2^doublings / 8 seconds."""
    rows = (paid, *busy, rest)
    scale = max(max(map(max, rows)), 1e-3)
    levels = bytes(round(each * LEVELS / scale) for row in rows for each in row)
    head = _HEAD.pack(VERSION, doublings, len(paid), len(busy), scale)
    return base64.b64encode(zlib.compress(head + levels, 9)).decode()
