"""The operator's part in tests of scaling, and a flow that does as it is told."""

import itertools
import json
import os
from pathlib import Path
from typing import Any

from daskflow.runtime.runner.control_client import ControlClient

from tests.runtime.conftest import Pod, Pods, eventually

PUPPET = """
import os, sys, time, traceback
from distributed import Client, get_client
client = Client()
here = os.getcwd()

def started(name, seconds=0.0, value=None, until=None):
    with open(os.path.join(here, "starts"), "a") as file:
        file.write(name + "\\n")
    end = time.monotonic() + seconds
    while time.monotonic() < end and not (until and os.path.exists(os.path.join(here, until))):
        time.sleep(0.02)
    return value

class Counter:
    n = 0
    def up(self):
        self.n += 1
        return self.n

kept = {}
said = 0
while True:
    path = os.path.join(here, "say-%d" % said)
    if not os.path.exists(path):
        time.sleep(0.02)
        continue
    source = open(path).read()
    try:
        answer = repr(eval(source)) if source.startswith("(") else exec(source)
    except BaseException:
        answer = "failed: " + traceback.format_exc()
    with open(path + ".new", "w") as file:
        file.write(str(answer))
    os.rename(path + ".new", os.path.join(here, "answer-%d" % said))
    said += 1
"""


class Puppet:
    """A flow on the cluster that runs lines of Python; names: client, started, Counter, kept (a dict)."""

    def __init__(self, pods: Pods, **environment: Any) -> None:
        self.pod = pods.runner({"script": PUPPET}, 0, **environment)
        self._folder = pods.folder / "work"
        self._numbers = itertools.count()

    def do(self, source: str) -> str:
        """Run it; an expression in parentheses is answered with its repr."""
        number = next(self._numbers)
        new = self._folder / f"say-{number}.new"
        new.write_text(source)
        os.rename(new, self._folder / f"say-{number}")
        answer = self._folder / f"answer-{number}"
        eventually(answer.exists, 30)
        text = answer.read_text()
        assert not text.startswith("failed"), text + self.pod.log()
        return text

    def starts(self) -> list[str]:
        """Names of the tasks that were started, sorted: twice is there twice."""
        path = self._folder / "starts"
        return sorted(path.read_text().split()) if path.exists() else []

    def touch(self, name: str) -> None:
        (self._folder / name).touch()


class Operator:
    """Orders and looks."""

    def __init__(self, pods: Pods) -> None:
        self._control = ControlClient(pods.control_url, "operator")
        self._revision = 0

    def order(self, revision: int = 0, **groups: Any) -> dict[str, Any]:
        """`default=3`, or the whole object of a group."""
        self._revision = revision or self._revision + 1
        full = {
            name: {"replicas": said, "drain": 60, "autoscale": None} if isinstance(said, int) else said
            for name, said in groups.items()
        }
        body = {"revision": self._revision, "groups": full}
        return self._control._ask("POST", "/v1/scale", body, 5)

    def state(self) -> dict[str, Any]:
        return self._control.watch(0, 0)

    def until(self, seconds: float = 20, **wanted: Any) -> dict[str, Any]:
        """Look until the named fields are so."""
        state: dict[str, Any] = {}

        def reached() -> bool:
            state.update(self.state())
            return all(state[name] == value for name, value in wanted.items())

        try:
            eventually(reached, seconds)
        except AssertionError:
            raise AssertionError(f"wanted {wanted}, is {state}") from None
        return state


def auto(minimum: int = 0, maximum: int = 20, delay: float = 1, target: float = 5, **more: Any) -> Any:
    """An order with autoscale for a group."""
    bounds = {"minimum": minimum, "maximum": maximum, "delay": delay, "target": target}
    return {"replicas": 0, "drain": 60, "autoscale": bounds, **more}


def groups(*given: dict[str, Any]) -> str:
    """DASKFLOW_GROUPS."""
    return json.dumps(given)


def worker_message(pod: Pod) -> dict[str, Any]:
    """The termination message of a worker that has left with code 0."""
    assert pod.wait(20) == 0, pod.log()
    return pod.message()


def secret(pods: Pods, environment: Any) -> Path:
    """Let this process speak with the cluster's certificate."""
    environment.setenv("DASKFLOW_DIR", str(pods.secret))
    return pods.secret
