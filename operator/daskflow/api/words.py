"""How numbers are said."""


def counted(count: int, one: str) -> str:
    """As many of these as there are, for example `1 worker` and `0 workers`."""
    return f"{count} {one}" if count == 1 else f"{count} {one}s"


def are(count: int) -> str:
    """The verb that goes with so many."""
    return "is" if count == 1 else "are"
