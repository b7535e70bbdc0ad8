"""Runs with any report that a status can have, whatever pods and people have written into it."""

import struct
import zlib
from base64 import b64encode
from typing import Any

from daskflow.api.flowrun_report import Report
from hypothesis import strategies as st

from tests.unit.client.report.reported import HOSTILE, Object, attempt

COUNTS = st.sampled_from([0, 1, 7, 10**9]) | st.integers(0, 10**9)
SECONDS = st.sampled_from([0.0, 1e-9, 0.04, 59.96, 1e9]) | st.floats(0, 1e9)
SHARES = st.none() | st.floats(0, 1)
BYTES = st.integers(0, 2**60) | st.sampled_from(["0", "1023Ki", "9999Ei"])
PIECES = st.sampled_from(
    [HOSTILE, "load", "\x00", "\ud7ff\ufffe", "界" * 5, " ", "a-b_c", "]]>", "-->", "%s{0}"]
)


def words(most: int) -> st.SearchStrategy[str]:
    return st.lists(PIECES | st.text(max_size=20), max_size=4).map(lambda parts: "".join(parts)[:most])


@st.composite
def timelines(draw: st.DrawFn, prefixes: int) -> str:
    bins, rows = draw(st.integers(1, 64)), draw(st.integers(0, min(6, prefixes)))
    scale = draw(st.floats(2**-10, 2**30, width=32))
    levels = bytes(draw(st.lists(st.integers(0, 63), min_size=(rows + 2) * bins, max_size=(rows + 2) * bins)))
    head = struct.pack("<BBBBf", 1, draw(st.integers(0, 40)), bins, rows, scale)
    return b64encode(zlib.compress(head + levels)).decode()


@st.composite
def runs(draw: st.DrawFn) -> Object:
    """FlowRuns whose status can be read."""
    use = {"tasks": COUNTS, "seconds": SECONDS, "longest": SECONDS, "bytes": BYTES}
    prefix = st.fixed_dictionaries({"name": words(64)}, optional=use)
    prefixes = draw(st.lists(prefix, max_size=8))
    spent = dict.fromkeys(("paid", "busy", "idle", "queued"), SECONDS)
    workers = {"count": COUNTS, "threads": COUNTS, "deaths": COUNTS, "absent": SECONDS}
    memory = {"peak": BYTES, "by": words(100), "limit": BYTES, "spilled": BYTES}
    optional: dict[str, st.SearchStrategy[Any]] = {
        "failed": COUNTS,
        "efficiency": SHARES,
        "threadSeconds": st.fixed_dictionaries({}, optional=dict(spent)),
        "memory": st.fixed_dictionaries({}, optional=memory),
        "moved": BYTES,
        "movedSeconds": SECONDS,
        "workers": st.fixed_dictionaries({}, optional=workers),
        "cost": st.fixed_dictionaries({"amount": words(24), "currency": words(8)}),
        "timeline": timelines(len(prefixes)),
        "hints": st.lists(words(200), max_size=3),
        "record": words(800),
        "note": words(300),
    }
    said = draw(st.fixed_dictionaries({"seconds": SECONDS, "tasks": COUNTS}, optional=optional))
    status: Object = {
        "phase": draw(st.sampled_from(["Succeeded", "Failed", "Cancelled"])),
        "reason": draw(words(40)),
        "report": Report.model_validate({**said, "prefixes": prefixes}).dump(),
        "attempts": [
            attempt(number, outcome="Failed", efficiency=draw(SHARES), peakMemory="1.0Gi")
            for number in range(1, draw(st.integers(1, 4)))
        ],
    }
    return {"metadata": {"name": draw(words(60)) or "x", "namespace": "n"}, "spec": {}, "status": status}
