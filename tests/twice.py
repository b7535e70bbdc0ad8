"""pytest, with a second chance for the few tests that depend on how fast real processes are.

`make test` runs it. A failed test is run once more in a new process (new fixtures, new namespaces), and
loudly: one that passes only then is unsteady, and to be mended. More than `FEW` failures are no matter of
chance and get no second chance. The idea is Ginkgo's `--flake-attempts`, as Kubernetes' own end-to-end tests
use it.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

FEW = 3
_MISSED = Path(".pytest_cache/v/cache/lastfailed")


def main(args: list[str]) -> int:
    """Ends as pytest does."""
    _MISSED.unlink(missing_ok=True)
    ended = _pytest(args)
    failed = _failed()
    if ended != pytest.ExitCode.TESTS_FAILED or not 0 < len(failed) <= FEW:
        return ended
    _say("These failed, and are run once more:", failed)
    ended = _pytest(["--last-failed", "--last-failed-no-failures", "none", *args])
    if ended == pytest.ExitCode.OK:
        _say("UNSTEADY: these passed only when run again, and want mending:", failed)
    return ended


def _pytest(args: list[str]) -> int:
    return subprocess.run([sys.executable, "-m", "pytest", *args], check=False).returncode


def _failed() -> list[str]:
    return sorted(json.loads(_MISSED.read_text())) if _MISSED.exists() else []


def _say(what: str, tests: list[str]) -> None:
    print("\n".join(["", what, *(f"  {test}" for test in tests), ""]), file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
