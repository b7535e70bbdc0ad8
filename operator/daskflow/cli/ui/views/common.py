"""What all pages have: how the cluster is heard, and whose objects are shown."""

from collections.abc import Mapping

from markupsafe import Markup

from daskflow.cli.ui.rendering import rendered
from daskflow.cli.ui.source import Feed, Source, Trouble
from daskflow.client.kinds import KINDS


def frame(source: Source) -> dict[str, Markup]:
    """The parts of every page."""
    troubles = _troubles(source)
    away = [each for each in troubles if not each.forbidden]
    state = "away" if away else "live" if all(feed.listed for feed in source.feeds.values()) else "waiting"
    return {
        "state": rendered("parts/state.html", state=state, context=source.context, scope=source.scope),
        "troubles": rendered("parts/troubles.html", troubles=troubles),
    }


def _troubles(source: Source) -> list[Trouble]:
    """Each once, the oldest first."""
    found: dict[str, Trouble] = {}
    for feed in source.feeds.values():
        for trouble in feed.troubles.values():
            found.setdefault(trouble.sentence, trouble)
    return sorted(found.values(), key=lambda each: each.since)


def absent(source: Source, kind: str, noun: str, namespace: str, name: str) -> tuple[Markup, int]:
    """The summary of what is not there, or not yet heard of, and the page's code."""
    feed = source.feeds[kind]
    waits = not feed.listed or any(not each.forbidden for each in feed.troubles.values())
    html = rendered("parts/absent.html", waits=waits, noun=noun, namespace=namespace, name=name)
    return html, 200 if waits else 404


def nothing(feed: Feed, kind: str, none: str = "") -> str:
    """Why a list is empty, in a sentence; `none` if all that may be seen is known."""
    what = KINDS[kind].plural
    if not feed.listed:
        return f"Looking for {what} …"
    if feed.troubles:
        return f"Nothing is known of {what}; above is why."
    return none or f"There are no {what}."


def text(query: Mapping[str, str], name: str) -> str:
    """A value of an address, as far as it can mean anything."""
    return query.get(name, "").strip()[:253]
