"""What doors' tests on a cluster share, by kubectl alone: a door may have no client of Kubernetes.

They run where `tests/cluster/in` has put kubectl and a kubeconfig, with the operator installed and all images
loaded.
"""

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

Object = dict[str, Any]
T = TypeVar("T")

ENDS = ("Succeeded", "Failed", "Cancelled")
"""Phases of FlowRuns that have ended."""
IMAGE = "docker.io/local/daskflow-flows:dev"
"""The usual image of a flow; `flows:prefect3`, `flows:data` and others are beside it."""
PERIOD = 0.2
"""Seconds between two looks while waiting."""


def kubectl(*arguments: str, text: str | None = None) -> str:
    """What kubectl prints; `text` is its standard input. Raises AssertionError with what it complains of."""
    done = subprocess.run(["kubectl", *arguments], input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"kubectl {' '.join(arguments)}: {done.stderr}"
    return done.stdout


def until(what: str, look: Callable[[], T], seconds: float = 60, picture: Callable[[], str] = str) -> T:
    """The first true answer of `look`. Raises AssertionError with the picture after so many seconds."""
    end = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s for {what}\n{picture()}")
        time.sleep(PERIOD)
    return found


class Namespace:
    """One namespace, and what is in it."""

    def __init__(self, name: str) -> None:
        self.name = name

    def kubectl(self, *arguments: str, text: str | None = None) -> str:
        """kubectl in this namespace."""
        return kubectl("--namespace", self.name, *arguments, text=text)

    def apply(self, *objects: Object) -> None:
        """Apply them all."""
        listed = {"apiVersion": "v1", "kind": "List", "items": list(objects)}
        self.kubectl("apply", "--filename", "-", text=json.dumps(listed))

    def get(self, kind: str, name: str) -> Object | None:
        """The object, None if there is none. Our DaskCluster is called `daskclusters.daskflow.dev`."""
        text = self.kubectl("get", kind, name, "--output", "json", "--ignore-not-found")
        return dict(json.loads(text)) if text else None

    def items(self, kind: str, selector: str = "") -> list[Object]:
        """All of a kind."""
        found: list[Object] = json.loads(
            self.kubectl("get", kind, "--selector", selector, "--output", "json")
        )["items"]
        return found

    def status(self, run: str) -> Object:
        """A FlowRun's status, empty while there is none."""
        return dict((self.get("flowruns", run) or {}).get("status") or {})

    def reached(self, run: str, *phases: str, seconds: float = 90) -> Object:
        """A FlowRun's status once it is in one of these phases."""

        def there() -> Object | None:
            status = self.status(run)
            return status if status.get("phase") in phases else None

        what = f"FlowRun {run} to be {' or '.join(phases)}"
        return until(what, there, seconds, self.picture) or {}

    def ended(self, run: str, seconds: float = 120) -> Object:
        """A FlowRun's status once its phase is terminal."""
        return self.reached(run, *ENDS, seconds=seconds)

    def picture(self) -> str:
        """All runs and pods, in a line each."""
        lines = [f"namespace {self.name}"]
        for kind in ("flowruns", "pods"):
            for item in self.items(kind):
                status = item.get("status") or {}
                words = [status.get(name) for name in ("phase", "reason", "message")]
                lines.append(f"{kind} {item['metadata']['name']}: {words}")
        return "\n".join(lines)


@contextmanager
def namespace(restricted: bool = True) -> Iterator[Namespace]:
    """A new namespace, gone afterwards; by default one that enforces Pod Security `restricted`."""
    made = Namespace(f"door-{uuid4().hex[:8]}")
    labels = {"pod-security.kubernetes.io/enforce": "restricted"} if restricted else {}
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": made.name, "labels": labels}}
    kubectl("create", "--filename", "-", text=json.dumps(body))
    try:
        yield made
    finally:
        kubectl("delete", "namespace", made.name, "--wait=false")


def kubeconfig_of(within: Namespace, account: str, file: Path) -> Path:
    """Write a kubeconfig of a ServiceAccount, in whose namespace kubectl is then."""
    config = json.loads(kubectl("config", "view", "--raw", "--minify", "--output", "json"))
    config["users"][0]["user"] = {"token": within.kubectl("create", "token", account)}
    config["contexts"][0]["context"]["namespace"] = within.name
    file.write_text(json.dumps(config))
    return file
