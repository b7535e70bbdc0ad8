"""Colours and rules of the picture, for light pages and dark ones."""

COLOURS = {
    "wait": ("#c4cad1", "#848d97"),
    "start": ("#e3b341", "#bb8009"),
    "run": ("#4493f8", "#388bfd"),
    "retry": ("#f0883e", "#db6d28"),
    "rest": ("#a58bdb", "#8957e5"),
    "good": ("#57ab5a", "#2ea043"),
    "bad": ("#e5534b", "#f85149"),
    "open": ("#9ecbff", "#1f4a80"),
}
"""What a span is, on light and on dark."""
WHAT = {
    "Earlier": "wait",
    "Pending": "wait",
    "Unscheduled": "wait",
    "Starting": "start",
    "Running": "run",
    "Retrying": "retry",
    "Suspended": "rest",
    "Succeeded": "good",
    "Failed": "bad",
    "Cancelled": "rest",
    "Open": "open",
}
"""By the span's phase."""


def what(phase: str) -> str:
    """One of COLOURS; a status that was written by hand may have any phase."""
    return WHAT.get(phase, "wait")


def rules() -> str:
    """A style sheet that touches nothing but the picture, wherever it is put."""
    light = "".join(f"--{name}:{colours[0]};" for name, colours in COLOURS.items())
    dark = "".join(f"--{name}:{colours[1]};" for name, colours in COLOURS.items())
    fills = "".join(f".daskflow-timeline .is-{name}{{fill:var(--{name})}}" for name in COLOURS)
    return (
        f".daskflow-timeline{{--page:#ffffff;--ink:#1f2328;--dim:#59636e;--line:#d8dee4;--stripe:#f6f8fa;"
        f"--warn:#cf222e;{light}font:12px system-ui,sans-serif}}"
        "@media (prefers-color-scheme:dark){.daskflow-timeline{--page:#0d1117;--ink:#e6edf3;--dim:#9198a1;"
        f"--line:#30363d;--stripe:#151b23;--warn:#ff7b72;{dark}}}}}"
        ".daskflow-timeline text{fill:var(--ink)}"
        ".daskflow-timeline .dim{fill:var(--dim)}"
        ".daskflow-timeline .page{fill:var(--page)}"
        ".daskflow-timeline .stripe{fill:var(--stripe)}"
        ".daskflow-timeline .head{font-size:15px;font-weight:600}"
        ".daskflow-timeline .run,.daskflow-timeline .attempt{font-weight:600}"
        ".daskflow-timeline .within{fill:#0d1117}"
        ".daskflow-timeline .tick{stroke:var(--line)}"
        ".daskflow-timeline .warn{fill:var(--warn);stroke:var(--page)}"
        ".daskflow-timeline .note{fill:var(--dim);stroke:var(--page)}"
        f"{fills}"
    )
