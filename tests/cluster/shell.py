"""Running other programs, and speaking to the person who waits."""

import fcntl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path


class Trouble(Exception):
    """Something the person at the keyboard can do something about: one sentence, with the remedy."""


def say(message: str) -> None:
    """Progress goes to stderr: stdout is for what scripts read."""
    print(f"cluster: {message}", file=sys.stderr, flush=True)


def output(command: Sequence[str | Path], input: str | None = None) -> str:
    """The standard output of a command that has to succeed."""
    done = subprocess.run(command, input=input, capture_output=True, text=True, check=False)
    if done.returncode:
        words = " ".join(str(word) for word in command)
        detail = (done.stderr.strip() or done.stdout.strip())[-2000:]
        raise Trouble(f"`{words[:200]}` failed with exit code {done.returncode}: {detail}")
    return done.stdout


def succeeds(command: Sequence[str | Path], timeout: float = 10) -> bool:
    try:
        return not subprocess.run(command, capture_output=True, timeout=timeout, check=False).returncode
    except (OSError, subprocess.TimeoutExpired):
        return False


def logged(command: Sequence[str | Path], log: Path, environment: Mapping[str, str] | None = None) -> None:
    """Run a long command with its output in a file, whose end is shown when it fails."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as stream:
        done = subprocess.run(command, stdout=stream, stderr=subprocess.STDOUT, env=environment, check=False)
    if done.returncode:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-25:])
        raise Trouble(f"`{command[0]}` failed with exit code {done.returncode}; the end of {log}:\n{tail}")


def wait_for(what: str, condition: Callable[[], bool], seconds: float, pause: float = 0.1) -> None:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise Trouble(f"{what} did not come about within {seconds:.0f} s")
        time.sleep(pause)


@contextmanager
def locked(path: Path, whose: str) -> Iterator[None]:
    """Hold a lock that the kernel gives back when its holder dies, however it dies."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for another process that works on {whose}")
            fcntl.flock(stream, fcntl.LOCK_EX)
        yield
