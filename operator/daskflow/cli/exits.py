"""How a command ends: its exit code, and the sentence before it.

0 succeeded, 1 flow failed, 2 wrong use, 3 cluster or connection, 4 timed out, 5 cancelled, 130 interrupted.
"""

import errno
import os
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import typer

from daskflow.cli.printing import say

FAILED = 1
CLUSTER = 3
TIMED_OUT = 4
CANCELLED = 5
INTERRUPTED = 130
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""Of a disk that takes no more."""


def exit_code(status: Any) -> int:
    """Of a command that has seen a run's end; a deadline that passed is a time-out."""
    if status.phase == "Succeeded":
        return 0
    if status.phase == "Cancelled":
        return CANCELLED
    return TIMED_OUT if status.reason == "DeadlineExceeded" else FAILED


def verdict(name: str, status: Any) -> str:
    """How a run has ended, in one sentence."""
    because = f" ({status.reason})" if status.reason and status.phase == "Failed" else ""
    took = f" after {status.duration}" if status.duration else ""
    said = f": {status.message}" if status.message else ""
    return f"{name} {str(status.phase).lower()}{because}{took}{said}"


def call(command: Callable[[], Awaitable[None]]) -> None:
    """Run a command to its end; whatever goes wrong is a sentence. Raises typer.Exit."""
    import asyncio  # it takes a third of the time in which help should be there

    from daskflow.client.errors import DaskflowError

    try:
        asyncio.run(_awaited(command))
    except DaskflowError as error:
        said = str(error)
        say(said if said.endswith((".", "?")) else f"{said}.")
        raise typer.Exit(error.exit_code) from None
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    except BrokenPipeError:
        # Whoever read our output has had enough.
        _to_nowhere()
        raise typer.Exit(0) from None
    except typer.Exit:
        raise
    except OSError as error:
        if error.errno not in _FULL:
            raise _fault(error) from None
        _to_nowhere()
        say(f"what was printed cannot be written: {error.strerror}; make room, or print it elsewhere.")
        raise typer.Exit(CLUSTER) from None
    except Exception as error:
        raise _fault(error) from None


def _fault(error: Exception) -> typer.Exit:
    """What is raised after this was said; the error itself with DASKFLOW_DEBUG."""
    if os.environ.get("DASKFLOW_DEBUG"):
        raise error
    say(f"{type(error).__name__}: {error}; this is a fault of daskflow, DASKFLOW_DEBUG=1 shows where.")
    return typer.Exit(CLUSTER)


def _to_nowhere() -> None:
    """Python would complain once more when it flushes."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


async def _awaited(command: Callable[[], Awaitable[None]]) -> None:
    await command()
    sys.stdout.flush()
