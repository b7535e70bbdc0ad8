"""A run in the output of a notebook's cell, kept up to date while somebody waits for it."""

import sys
from collections.abc import Callable
from typing import Any


def updating(shown: Any) -> Callable[[], None]:
    """Shows an object where a notebook's cell runs; the callable shows it anew. Elsewhere both do nothing."""
    if not in_notebook():
        return lambda: None
    from IPython.display import display

    handle = display(shown, display_id=True)
    return lambda: handle.update(shown)


def in_notebook() -> bool:
    """Whether a kernel runs this: a terminal's IPython has none."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return getattr(shell, "kernel", None) is not None
