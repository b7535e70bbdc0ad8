"""The browser of this machine, for `ui` and `dashboard`."""

import os
import sys
import tempfile
import threading
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path

_LEADING = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>daskflow</title>
<meta name="referrer" content="no-referrer"><meta http-equiv="refresh" content="0; url={address}"></head>
<body><a href="{address}">To the page</a></body></html>
"""


def has_window() -> bool:
    """Whether there is one with a window: one in a terminal would take the command's own.

    BROWSER names one that its user wants, as editors that work on another machine do.
    """
    with_one = sys.platform in ("darwin", "win32")
    return with_one or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))


def open_in_window(address: str, otherwise: Callable[[], None] = lambda: None) -> None:
    """Comes back at once; `otherwise` is called, by any thread, where there is no such browser.

    Some browsers' programs run until their window is closed. They keep neither the loop, which may serve the
    very page, nor the end of this program.
    """

    def opening() -> None:
        try:
            opened = webbrowser.open(address)
        except webbrowser.Error:
            opened = False
        if not opened:
            otherwise()

    if has_window():
        threading.Thread(target=opening, name="browser", daemon=True).start()
    else:
        otherwise()


@contextmanager
def leading_to(address: str) -> Iterator[str]:
    """The address of a file that only this user can read, and that leads there; it is deleted at the end.

    All users of a machine can see what programs are started with: `address` may have a token in it.
    Raises OSError.
    """
    file, name = tempfile.mkstemp(prefix="daskflow-", suffix=".html")  # of mode 0600
    path = Path(name)
    try:
        with open(file, "w", encoding="utf-8") as page:
            page.write(_LEADING.format(address=escape(address)))
        yield path.as_uri()
    finally:
        path.unlink(missing_ok=True)
