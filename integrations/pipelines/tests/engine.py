"""What Tekton's admission webhook would say of a Task or Pipeline: its own checks, from its Go module.

Run as a program it builds that, where modules can be fetched; tests find it in the cache.
"""

import os
import re
import subprocess
from pathlib import Path

from tests.cluster.hashing import digest
from tests.cluster.settings import cache
from tests.cluster.shell import locked, say
from tests.cluster.toolchain import go

SOURCES = Path(__file__).with_name("engine")


def program() -> Path:
    """Where it is, or would be."""
    return cache() / "tekton" / digest([SOURCES], [])


def build() -> None:
    """Build it unless it is there. Raises CalledProcessError."""
    target = program()
    with locked(cache() / "tekton" / "lock", "Tekton's checks"):
        if target.exists():
            return
        say("building Tekton's checks from Go modules: once, about two minutes on two cores")
        wanted = re.search(r"^go (\S+)$", (SOURCES / "go.mod").read_text(), re.MULTILINE)
        environment = {**os.environ, "CGO_ENABLED": "0", "GOTOOLCHAIN": "auto", "GOWORK": "off"}
        half_done = target.with_name(f"{target.name}.new")
        command = [go(wanted[1] if wanted else "1.26.0"), "build", "-trimpath", "-o", str(half_done), "."]
        subprocess.run(command, cwd=SOURCES, env=environment, check=True)
        half_done.rename(target)


def refusal(text: str) -> str:
    """What is wrong with an object; nothing if Tekton would take it."""
    if not program().exists():
        raise AssertionError("Tekton's checks are not built: `make doors-pipelines`")
    done = subprocess.run([str(program())], input=text, capture_output=True, text=True, check=False)
    assert bool(done.returncode) == bool(done.stderr)
    return done.stderr


if __name__ == "__main__":
    build()
