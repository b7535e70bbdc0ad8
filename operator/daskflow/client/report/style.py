"""Colours and rules of a report, for light pages and dark ones."""

from collections.abc import Mapping

_SCOPE = ".daskflow-report"
BANDS = (
    ("#2f6fd0", "#5a9cf2"),
    ("#d9722e", "#f08f4c"),
    ("#2e8b57", "#55bd84"),
    ("#8250c4", "#ae8af0"),
    ("#b58900", "#e0b93f"),
    ("#14808a", "#45bcc6"),
)
"""Of the dearest prefixes, on light and on dark."""
REST = ("#8b949e", "#6e7681")
"""Of all others."""
REST_CLASS = "band-rest"
_LIGHT = {
    "page": "#ffffff",
    "raised": "#f6f8fa",
    "ink": "#1f2328",
    "dim": "#59636e",
    "line": "#d8dee4",
    "warn": "#9a6700",
    "link": "#0b5cad",
}
_DARK = {
    "page": "#0f1318",
    "raised": "#191f27",
    "ink": "#e6ebf0",
    "dim": "#a3adb8",
    "line": "#323b46",
    "warn": "#eab54b",
    "link": "#7cbcff",
}


def band_class(rank: int) -> str:
    """The class of the prefix of this rank."""
    return f"band-{rank}"


def colours(scope: str) -> str:
    """Rules that give everything below `scope` its colours, light or dark as the system is."""
    pairs = {band_class(rank): pair for rank, pair in enumerate(BANDS)} | {REST_CLASS: REST}
    light = "".join(f"--{name}:{value};" for name, value in _LIGHT.items())
    light += "".join(f"--{name}:{pair[0]};" for name, pair in pairs.items())
    dark = "".join(f"--{name}:{value};" for name, value in _DARK.items())
    dark += "".join(f"--{name}:{pair[1]};" for name, pair in pairs.items())
    fills = "".join(f"{scope} .{name}{{fill:var(--{name})}}" for name in pairs)
    return (
        f"{scope}{{{light}}}@media (prefers-color-scheme:dark){{{scope}{{{dark}}}}}{fills}"
        f"{scope} .paid{{fill:none;stroke:var(--ink);stroke-width:2;vector-effect:non-scaling-stroke}}"
        f"{scope} .grid{{stroke:var(--line);vector-effect:non-scaling-stroke}}"
        f"{scope} .bin{{fill:transparent}}{scope} .bin:hover{{fill:var(--dim);fill-opacity:.18}}"
    )


_RULES = {
    "": "color:var(--ink);font:14px/1.45 system-ui,'Segoe UI',Roboto,'DejaVu Sans',sans-serif",
    " .part": "font-size:1em;font-weight:600;margin:1.8em 0 .5em",
    " p, small": "color:var(--dim)",
    " .totals": "display:grid;grid-template-columns:repeat(auto-fill,minmax(10em,1fr));gap:.9em 1.2em;"
    "margin:1em 0",
    " .totals dt": "font-size:.86em;color:var(--dim)",
    " .totals dd": "margin:0;overflow-wrap:anywhere",
    " .totals strong": "font-size:1.3em;font-weight:600;font-variant-numeric:tabular-nums",
    " .totals small": "display:block;font-size:.82em;line-height:1.35",
    " .hints": "list-style:none;margin:1em 0;padding:.6em .9em;border-left:4px solid var(--warn);"
    "background:var(--raised)",
    " .hints li": "margin:.25em 0;overflow-wrap:anywhere",
    " .over-time": "display:grid;grid-template-columns:2.6em 1fr;grid-template-rows:14em 1.6em",
    " .axis-y, .plot": "width:100%;height:100%;overflow:visible",
    " .axis-x": "grid-column:2;width:100%;height:100%;overflow:visible",
    " svg text": "fill:var(--dim);font-size:12px",
    " .swatch": "width:.85em;height:.85em;margin-right:.4em;vertical-align:-.05em",
    " .legend": "display:flex;flex-wrap:wrap;gap:.2em 1.1em;list-style:none;margin:.4em 0 0;"
    "padding:0;font-size:.9em",
    " .legend li": "overflow-wrap:anywhere",
    " .wide": "overflow-x:auto",
    " .attempts": "margin:.4em 0;padding-left:1.2em;overflow-wrap:anywhere",
    " summary": "cursor:pointer;margin:1.8em 0 .5em",
    " :focus-visible": "outline:3px solid var(--link);outline-offset:2px;border-radius:3px",
    " table": "display:table;border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums",
    " thead": "display:table-header-group;position:static;width:auto;height:auto;clip-path:none",
    " tbody": "display:table-row-group",
    " tr": "display:table-row;padding:0;border:0",
    " th, td": "display:table-cell;padding:.35em 0 .35em 1em;text-align:right;vertical-align:top;border:0;"
    "border-bottom:1px solid var(--line);white-space:nowrap;font-weight:400",
    " td:empty": "display:table-cell",
    " th:first-child": "padding-left:0;text-align:left",
    " thead th": "color:var(--dim);font-size:.86em",
    " tbody th": "white-space:normal;overflow-wrap:anywhere;min-width:9em",
    " .by-prefix tbody th, .by-worker tbody th": "width:45%",
    " .pair": "display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,32em),1fr));gap:0 3em",
    " .pair > section": "min-width:0",
    " .bar": "display:block;width:100%;height:.6em;margin-top:.25em",
}
"""By what they are for, below the report: also what undoes a page's own rules for its tables."""

_NARROW = {
    " .by-prefix tr": "display:grid;grid-template-columns:1.3fr 1fr 1fr 1fr 1fr;"
    "border-bottom:1px solid var(--line);padding:.3em 0",
    " .by-prefix th, .by-prefix td": "border:0;padding:.1em 0;width:auto;min-width:0",
    " .by-prefix th:first-child": "grid-column:1/-1",
    " .by-prefix thead th:first-child": "display:none",
}
"""Where a table of six columns has no room."""


def rules() -> str:
    """The style sheet of `html.fragment`, which touches nothing else on a page."""
    narrow = f"@media (max-width:36rem){{{_written(_NARROW)}}}"
    return colours(_SCOPE) + _written(_RULES) + narrow


def _written(rules: Mapping[str, str]) -> str:
    return "".join(
        f"{','.join(f'{_SCOPE} {each.strip()}'.rstrip() for each in selectors.split(', '))}{{{declarations}}}"
        for selectors, declarations in rules.items()
    )
