"""What a page is: a frame that stays while it is open, and parts and rows that change."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from daskflow.cli.ui.rendering import rendered

_AGE = re.compile("(?<= data-ago>)[^<]*")


@dataclass(frozen=True)
class Page:
    """One page as it is now."""

    template: str
    """Its frame."""
    title: str
    parts: Mapping[str, Markup] = field(default_factory=dict)
    """Whole elements, by their ids."""
    rows: Mapping[str, Mapping[str, Markup]] = field(default_factory=dict)
    """By the id of the element that they are in: whole elements, in order, by their ids."""
    values: Mapping[str, Any] = field(default_factory=dict)
    """What else the frame takes."""
    status: int = 200

    def html(self, here: str) -> Markup:
        """All of it; `here` is its address."""
        rows = {name: Markup("\n").join(each.values()) for name, each in self.rows.items()}
        return rendered(
            self.template, title=self.title, here=here, parts=self.parts, rows=rows, **self.values
        )


@dataclass
class Shown:
    """What a browser has of a page that it keeps open."""

    html: dict[str, str] = field(default_factory=dict)
    """Without ages, which a browser keeps true itself."""
    order: dict[str, list[str]] = field(default_factory=dict)

    def update(self, page: Page) -> dict[str, Any]:
        """What the browser is to be told, empty if it is nothing: elements that changed, rows in order."""
        now = {**page.parts, **{key: html for rows in page.rows.values() for key, html in rows.items()}}
        order = {name: list(rows) for name, rows in page.rows.items()}
        stripped = {key: _AGE.sub("", html) for key, html in now.items()}
        changed = {key: html for key, html in now.items() if self.html.get(key) != stripped[key]}
        moved = {name: keys for name, keys in order.items() if self.order.get(name) != keys}
        self.html, self.order = stripped, order
        return {"elements": changed, "order": moved} if changed or moved else {}
