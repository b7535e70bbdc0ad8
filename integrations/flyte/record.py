"""Records what Flyte's plugin makes and says: `tests/cluster/in python -m integrations.flyte.record`.

`recorded/manifest.json` is a DaskJob as Flyte creates it, `recorded/transitions.json` what it says of the
objects that our operator makes of it, with what of these it looks at.
"""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from integrations.flyte.program import Flyte, built
from integrations.kubectl import IMAGE, Namespace, namespace

FOLDER = Path(__file__).parent / "recorded"
VERSION = "v2.0.43"
TASKS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "success": (
        ("--image", IMAGE),
        ("python3", "-c", "from dask.distributed import Client; Client().submit(sum, [1, 2]).result()"),
    ),
    "failure": (("--image", IMAGE), ("python3", "-c", "raise SystemExit(3)")),
    "cannot start": (("--image", IMAGE), ("no-such-program",)),
    "image": (("--image", "registry.invalid/none:1", "--patience", "5s"), ()),
}
"""Flags of the program, and the words of the task's container."""
LAST = ("PhaseSuccess", "PhaseRetryableFailure", "PhasePermanentFailure")
_POD = ("phase", "startTime", "containerStatuses", "conditions", "reason", "message")


def manifest(program: Path) -> dict[str, Any]:
    """As Flyte creates it."""
    done = subprocess.run([str(program), "manifest"], capture_output=True, text=True, check=True)
    made: dict[str, Any] = json.loads(done.stdout)
    return made


def transitions(flyte: Flyte, place: Namespace) -> list[dict[str, Any]]:
    """Each time that Flyte says something else, or the job's word is another."""
    found: list[dict[str, Any]] = []
    while not found or found[-1]["said"]["phase"] not in LAST:
        before = _objects(place)
        (said,) = flyte.run("look")
        if said["phase"] in LAST and before != _objects(place):
            continue  # what it has looked at came after what we have
        now = {**before, "said": said}
        if not found or _essence(now) != _essence(found[-1]):
            found.append(now)
        time.sleep(0.2)
    return found


def _objects(place: Namespace) -> dict[str, Any]:
    job = place.get("daskjobs.kubernetes.dask.org", "flyte-sums") or {}
    pod = place.get("pod", "flyte-sums-runner") or {}
    runner = {name: each for name, each in (pod.get("status") or {}).items() if name in _POD}
    return {"jobStatus": (job.get("status") or {}).get("jobStatus", ""), "runner": runner}


def _essence(entry: dict[str, Any]) -> tuple[str, str, str]:
    return entry["jobStatus"], entry["runner"].get("phase", ""), entry["said"]["phase"]


def main() -> None:
    """Writes both files."""
    program = built()
    if program is None:
        sys.exit("the program has not been built: see integrations/flyte/program.py")
    FOLDER.mkdir(exist_ok=True)
    write("manifest.json", manifest(program))
    tasks = {}
    for name, (flags, words) in TASKS.items():
        with namespace(restricted=False) as place:
            flyte = Flyte(program, place.name, "flyte-sums", *flags)
            flyte.run("launch", *words)
            tasks[name] = transitions(flyte, place)
    write("transitions.json", {"flyte": VERSION, "tasks": tasks})


def write(name: str, content: Any) -> None:
    (FOLDER / name).write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main()
