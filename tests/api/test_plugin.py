"""`kubectl daskflow`, called by the real kubectl."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kube import Kube

BESIDE = Path(sys.executable).parent
"""Where the scripts of the package are installed."""


def kubectl(*words: str) -> "subprocess.CompletedProcess[str]":
    path = f"{BESIDE}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["kubectl", *words], capture_output=True, text=True, env={**os.environ, "PATH": path}
    )


@pytest.mark.parametrize(
    "words",
    [
        ("list", "-n", "{}"),
        ("-n", "{}", "list"),
        ("--namespace={}", "schedule", "list"),
        ("schedule", "--namespace", "{}", "list"),
        ("-n", "elsewhere", "cluster", "list", "-n", "{}"),
    ],
)
def test_a_namespace_is_taken_wherever_it_is_typed(kube: Kube, words: tuple[str, ...]) -> None:
    answer = kubectl("daskflow", *(word.format(kube.namespace) for word in words))
    assert (answer.returncode, f"namespace {kube.namespace}." in answer.stderr) == (0, True), answer.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--context", "nowhere", "list"), "has no context 'nowhere'"),
        (("list", "--context=nowhere"), "has no context 'nowhere'"),
        (("--as", "bob", "list"), "bob may not list flowruns.daskflow.dev"),
        (("schedule", "list", "--as=bob", "--as-group=some"), "bob may not list flowschedules.daskflow.dev"),
    ],
)
def test_context_and_user_are_kubectls(kube: Kube, words: tuple[str, ...], said: str) -> None:
    answer = kubectl("daskflow", *words)
    assert (answer.returncode, said in answer.stderr) == (3, True), answer.stderr


def test_exit_codes_and_the_name_come_through() -> None:
    assert "kubectl daskflow [OPTIONS] COMMAND" in kubectl("daskflow", "--help").stdout
    assert kubectl("daskflow", "lst").returncode == 2


def test_kubectl_completes_it() -> None:
    commands = kubectl("__complete", "daskflow", "sch").stdout.splitlines()
    assert commands[:1] == ["schedule\tLook after flows on a clock."]
    below = kubectl("__complete", "daskflow", "schedule", "").stdout
    assert {line.partition("\t")[0] for line in below.splitlines()} >= {"next", "trigger", "backfill", ":4"}
    options = kubectl("__complete", "daskflow", "schedule", "backfill", "--max").stdout
    assert options.startswith("--max-parallel\t")
