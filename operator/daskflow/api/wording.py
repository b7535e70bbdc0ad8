"""How numbers are said, and the words of others."""

import unicodedata

_GOES_ON = (".", ",", ":", ";", "!", "?")
"""After which the next line needs no mark before it."""


def counted(count: int, one: str) -> str:
    """As many of these as there are, for example `1 worker` and `0 workers`."""
    return f"{count} {one}" if count == 1 else f"{count} {one}s"


def are(count: int) -> str:
    """The verb that goes with so many."""
    return "is" if count == 1 else "are"


def full_stop(words: str) -> str:
    """Words as a sentence that another can follow."""
    return words if words.endswith((".", "!", "?", "…")) else f"{words}."


def one_line(words: str) -> str:
    r"""Words from a pod, or about one, as a sentence in a status: terminals do what control characters say.

    Lines are joined, other control characters are written as `\x1b`. The same again changes nothing.
    """
    if words.isprintable():
        return words
    lines = [line for each in words.splitlines() if (line := each.replace("\t", " ").strip())]
    joined = ""
    for line in lines:
        joined += line if not joined else f" {line}" if joined.endswith(_GOES_ON) else f"; {line}"
    return "".join(f"\\x{ord(each):02x}" if unicodedata.category(each) == "Cc" else each for each in joined)
