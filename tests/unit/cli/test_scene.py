"""What a watched run is shown as, live and line by line."""

import io
from typing import Any

from daskflow.cli.scene import Scene
from rich.console import Console

META = {"name": "etl", "namespace": "flows", "creationTimestamp": "2026-01-01T11:55:00Z"}


def run(**status: Any) -> dict[str, Any]:
    return {"metadata": META, "status": status}


def pod(name: str, phase: str) -> dict[str, Any]:
    metadata = {"name": name, "labels": {"daskflow.dev/component": "runner"}}
    return {"metadata": metadata, "status": {"phase": phase}}


def test_news_are_said_once() -> None:
    scene = Scene(run())
    assert scene.news() == []
    scene.run(run(phase="Starting", attempt=1, reason="Starting", message="Pods start."))
    scene.pod("ADDED", pod("etl-1-runner", "Pending"))
    assert scene.news() == ["pod etl-1-runner: Pending", "Starting (Starting), attempt 1: Pods start."]
    scene.pod("MODIFIED", pod("etl-1-runner", "Pending"))
    assert scene.news() == []
    scene.log("\x1b[31mhello")
    assert scene.news() == ["| \x1b[31mhello"]


def test_a_picture_keeps_no_more_of_a_log_than_it_shows() -> None:
    scene = Scene(run(), live=True)
    scene.pod("ADDED", pod("etl-1-runner", "Running"))
    for number in range(1000):
        scene.log(f"line {number}")
    assert scene.news() == []


def test_progress_is_said_now_and_then_and_at_the_end() -> None:
    scene = Scene(run(phase="Running", attempt=1, cluster={"workers": "0/1"}))
    assert scene.news()[1:] == ["workers 0/1"]
    scene = Scene(run(phase="Running", attempt=1))
    scene.news()
    counts = []
    for done in (1, 2, 3, 9):
        scene.run(run(phase="Running", attempt=1, progress={"done": done, "total": 9}))
        counts += scene.news()
    assert counts == ["tasks 1/9", "tasks 9/9"]


def test_the_picture_has_all_of_it_and_no_control_characters() -> None:
    progress = {"done": 3, "total": 9}
    scene = Scene(run(phase="Running", message="Runs.", progress=progress, cluster={"workers": "2/2"}))
    scene.pod("ADDED", pod("etl-1-runner", "Running"))
    for number in range(30):
        scene.log(f"line {number} \x1b[2J")
    console = Console(file=io.StringIO(), width=80, force_terminal=False)
    with console.capture() as captured:
        console.print(scene.picture(20))
    shown = captured.get()
    for word in ("etl", "Running", "Runs.", "3/9 tasks", "workers 2/2", "etl-1-runner", "line 29 \\x1b[2J"):
        assert word in shown
    assert "\x1b[2J" not in shown
    assert len(shown.splitlines()) <= 20
