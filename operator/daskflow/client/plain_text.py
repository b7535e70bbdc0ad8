"""Words of strangers as text that can do no more than be read: on terminals, in pages, in pictures."""

import re

from daskflow.api.wording import one_line

TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Marks that turn the direction of what follows, so that text reads other than it is."""
_NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def plain(words: object) -> str:
    """In one line, of letters that XML can have; it still has to be escaped."""
    return _NO_XML.sub("\ufffd", TURNS.sub("\ufffd", one_line(str(words))))


def cut(words: str, most: int) -> str:
    """At most so many letters of it."""
    return words if len(words) <= most else f"{words[: max(0, most - 1)]}…"
