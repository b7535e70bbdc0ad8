"""Helm as a user types it, and what the chart makes of values."""

import subprocess
from pathlib import Path
from typing import Any

import yaml

CHART = Path("charts/daskflow")
Object = dict[str, Any]


def helm(*arguments: str, text: str | None = None) -> "subprocess.CompletedProcess[str]":
    """Any command of helm's; `text` is its standard input."""
    return subprocess.run(["helm", *arguments], input=text, capture_output=True, text=True, check=False)


def refusal(values: Object) -> str:
    """What helm says of values that it refuses; empty if it takes them."""
    done = helm("template", "daskflow", str(CHART), "--values", "-", text=yaml.safe_dump(values))
    return "" if done.returncode == 0 else done.stderr


def rendered(
    values: Object | None = None,
    *options: str,
    release: str = "daskflow",
    namespace: str = "daskflow-system",
    chart: Path = CHART,
) -> list[Object]:
    """All objects of a release but those of `helm test`."""
    done = helm(
        "template",
        release,
        str(chart),
        *("--namespace", namespace, "--skip-tests", "--values", "-"),
        *options,
        text=yaml.safe_dump(values or {}),
    )
    assert done.returncode == 0, done.stderr
    return [each for each in yaml.load_all(done.stdout, yaml.CSafeLoader) if each]


def named(objects: list[Object], kind: str, name: str | None = None) -> Object:
    """The one object of this kind, or of this kind and name."""
    (found,) = [each for each in objects if each["kind"] == kind and name in (None, each["metadata"]["name"])]
    return found


def kinds(objects: list[Object]) -> set[str]:
    """The kinds among them."""
    return {each["kind"] for each in objects}
