"""Ctrl-C while what was made is being removed: the first one is told what goes on, the second one ends it."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def held_once(say: Callable[[str], None]) -> Iterator[None]:
    """A block that one interrupt does not end. Elsewhere than in the main thread nobody interrupts."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT)

    def heard(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        say("what was made is being removed; another Ctrl-C leaves it there.")

    signal.signal(signal.SIGINT, heard)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
