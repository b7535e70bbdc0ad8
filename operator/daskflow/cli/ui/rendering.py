"""Templates and what they call. All that they are given is text, most of it by strangers, and is escaped."""

import json
from datetime import datetime, timezone
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from daskflow.api.conditions import instant
from daskflow.api.wording import one_line
from daskflow.cli.tables.ages import elapsed, since
from daskflow.client.plain_text import TURNS

SYMBOLS = {
    "Succeeded": "✓",
    "Ready": "✓",
    "Running": "▶",
    "Failed": "✗",
    "Cancelled": "⊘",
    "Stopped": "■",
    "Suspended": "‖",
    "Retrying": "↻",
    "Degraded": "!",
}
"""Colours alone tell too little to some."""


@cache
def environment() -> Environment:
    """Of all templates. Values are escaped, whatever the template's name."""
    made = Environment(
        loader=PackageLoader("daskflow.cli.ui"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(line=line, lines=lines, ago=ago, took=took, pretty=pretty, symbol=symbol)
    return made


def rendered(template: str, **values: Any) -> Markup:
    """A template of `templates/` with these values."""
    return Markup(environment().get_template(template).render(values))


def line(words: object) -> str:
    """Words of a status in one line."""
    return TURNS.sub("\N{REPLACEMENT CHARACTER}", one_line(str(words or "")))


def lines(words: object) -> str:
    """The same of several lines, which stay."""
    return "\n".join(TURNS.sub("\N{REPLACEMENT CHARACTER}", each) for each in str(words or "").splitlines())


def ago(time: object) -> Markup:
    """How long ago a time is, which the page keeps true; empty if there is none."""
    text = str(time or "")
    said = since(text, datetime.now(timezone.utc))
    if not said:
        return Markup("")
    return Markup('<time datetime="{0}" title="{0}" data-ago>{1}</time>').format(text, said)


def took(start: object, end: object) -> str:
    """From one time to another, empty where one is missing or cannot be read."""
    try:
        return elapsed((instant(str(end)) - instant(str(start))).total_seconds()) if start and end else ""
    except (TypeError, ValueError):
        return ""


def pretty(value: object) -> str:
    """JSON, as a person reads it."""
    return TURNS.sub("\N{REPLACEMENT CHARACTER}", json.dumps(value, indent=2, ensure_ascii=False))


def symbol(phase: object) -> str:
    """A sign for a phase."""
    return SYMBOLS.get(str(phase), "…")
