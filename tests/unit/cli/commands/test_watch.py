"""`daskflow watch` and `logs --follow` in a terminal: what its screen shows, and what Ctrl-C does."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.terminal import terminal
from tests.unit.cli.api_of_objects import Objects, serving

SIZES = [(80, 24), (120, 40)]
LONG = "The image cannot be pulled: " + "failed to resolve the reference, " * 20 + "and that is all."


def run(phase: str, **status: Any) -> dict[str, Any]:
    metadata = {"name": "etl", "namespace": "team", "uid": "u", "creationTimestamp": "2026-01-01T12:00:00Z"}
    return {"kind": "FlowRun", "metadata": metadata, "status": {"phase": phase, "attempt": 1, **status}}


def pod(component: str, phase: str = "Running") -> dict[str, Any]:
    labels = {"daskflow.dev/run": "etl", "daskflow.dev/attempt": "1"}
    labels |= {"daskflow.dev/component": component.partition("-")[0]}
    metadata = {"name": f"etl-x-1-{component}", "namespace": "team", "uid": component, "labels": labels}
    states = {"Running": {"running": {}}, "Succeeded": {"terminated": {"exitCode": 0}}}
    state = states.get(phase, {"waiting": {"reason": "ImagePullBackOff"}})
    containers = [{"name": labels["daskflow.dev/component"], "state": state}]
    return {"kind": "Pod", "metadata": metadata, "status": {"phase": phase, "containerStatuses": containers}}


def lines(count: int) -> str:
    return "".join(f"2026-01-01T12:00:{n // 10:02}.{n % 10}00000Z line {n} \x1b[2J\n" for n in range(count))


@pytest.fixture
def api(tmp_path: Path) -> Iterator[tuple[Objects, str]]:
    progress = {"done": 3, "total": 9, "summary": "3/9"}
    running = run("Running", message="It runs.", progress=progress, cluster={"workers": "2/12"})
    pods = [pod(name) for name in ("runner", "scheduler", *(f"worker-{n}" for n in range(12)))]
    objects = Objects(running, *pods, logs={"etl-x-1-runner": lines(50)})
    with serving(objects, tmp_path) as kubeconfig:
        yield objects, kubeconfig


@pytest.mark.parametrize(("columns", "height"), SIZES)
def test_a_run_is_a_picture_that_fits_the_screen(api: Any, columns: int, height: int) -> None:
    objects, config = api
    with terminal("watch", "etl", "--kubeconfig", config, columns=columns, lines=height) as screen:
        shown = screen.until_shown("line 49")
        picture = "\n".join(shown)
        assert shown[0].startswith("etl  Running  attempt 1")
        for words in ("It runs.", "3/9 tasks", "workers 2/12", "etl-x-1-runner  Running", "and 6 more"):
            assert words in picture
        assert r"line 49 \x1b[2J" in picture
        assert {"cyan"} <= screen.colours(0)
        objects.objects[0] = run("Succeeded", message="It is done.", duration="9s")
        shown = screen.until_shown("daskflow: etl succeeded after 9s: It is done.")
        assert sum("attempt 1" in line for line in shown) == 1
        assert screen.ended() == 0


@pytest.mark.parametrize(("columns", "height"), SIZES)
def test_a_long_message_leaves_room_for_the_log(api: Any, columns: int, height: int) -> None:
    objects, config = api
    objects.objects[0] = run("Starting", reason="ImagePullFailed", message=LONG)
    objects.objects[1] = pod("runner", "Pending")
    objects.logs["etl-x-1-runner"] = lines(5)
    objects.objects[1]["status"]["phase"] = "Running"
    with terminal("watch", "etl", "--kubeconfig", config, columns=columns, lines=height) as screen:
        shown = screen.until(
            lambda lines: any("ImagePullBackOff" in each for each in lines), "the runner's state"
        )
        assert shown[0].startswith("etl  Starting (ImagePullFailed)  attempt 1")
        assert any(line.endswith("…") for line in shown)
        assert sum("reference" in line for line in shown) <= 4


def test_without_colours_it_is_a_transcript(api: Any) -> None:
    _, config = api
    with terminal("watch", "etl", "--kubeconfig", config, NO_COLOR="1") as screen:
        screen.until_shown("| line 49")
        screen.press(b"\x03")
        assert screen.ended() == 130
        assert b"\x1b[" not in screen.written


def test_ctrl_c_leaves_the_run_and_says_how_to_come_back(api: Any) -> None:
    objects, config = api
    with terminal("watch", "etl", "--kubeconfig", config) as screen:
        screen.until_shown("line 49")
        screen.press(b"\x03")
        assert screen.ended() == 130
        assert "daskflow: etl goes on; come back with: daskflow watch etl --namespace team" in screen.shown
        assert objects.patches == []


@pytest.mark.parametrize("command", ["watch", "wait"])
def test_ctrl_c_cancels_if_that_is_wanted(api: Any, command: str) -> None:
    objects, config = api
    arguments = (command, "etl", "--kubeconfig", config, "--cancel-on-interrupt")
    with terminal(*arguments, columns=120) as screen:
        screen.until(lambda _: len(objects.asked) > 3, "looked at the run again")
        screen.press(b"\x03")
        assert screen.ended() == 130
        assert objects.patches == [{"spec": {"cancel": True}, "metadata": {"uid": "u"}}]
        assert any("daskflow: etl is being cancelled; see its end with:" in line for line in screen.shown)


@pytest.mark.parametrize(
    ("options", "said", "patches"),
    [
        ((), "new goes on; come back with: daskflow watch new --namespace team", []),
        (
            ("--cancel-on-interrupt",),
            "new is being cancelled",
            [{"spec": {"cancel": True}, "metadata": {"uid": "u"}}],
        ),
    ],
)
def test_ctrl_c_after_a_submission_leaves_or_cancels_it(
    api: Any, options: tuple[str, ...], said: str, patches: list[Any]
) -> None:
    objects, config = api
    arguments = ("run", "a:b", "--image", "i", "--name", "new", "--wait", *options)
    with terminal(*arguments, "--kubeconfig", config, columns=120) as screen:
        screen.until_shown("flowrun.daskflow.dev/new created")
        screen.press(b"\x03")
        assert screen.ended() == 130
        assert any(said in line for line in screen.shown)
        assert objects.patches == patches


def test_lines_of_several_pods_come_after_their_names_in_colours(api: Any) -> None:
    objects, config = api
    objects.logs = {each["metadata"]["name"]: lines(1) for each in objects.objects if each["kind"] == "Pod"}
    with terminal("logs", "etl", "--all", "--kubeconfig", config) as screen:
        assert screen.ended() == 0
        assert "etl-x-1-worker-11 line 0 \\x1b[2J" in screen.shown
        found = {next(iter(screen.colours(n)), "") for n, line in enumerate(screen.shown) if "worker" in line}
        assert len(found) > 1


def test_a_log_that_may_not_be_followed_is_a_sentence_at_once(api: Any) -> None:
    objects, config = api
    objects.forbidden = ("log",)
    with terminal("logs", "etl", "--follow", "--kubeconfig", config) as screen:
        assert screen.ended() == 3
        assert any("may not" in line for line in screen.shown)


def test_pods_that_are_gone_are_missed_and_those_that_are_there_are_read(api: Any) -> None:
    objects, config = api
    objects.objects[0] = run("Succeeded")
    objects.objects[1:] = [pod("runner", "Succeeded")]
    for command in (["logs", "etl", "--all"], ["logs", "etl", "--all", "--follow"]):
        with terminal(*command, "--kubeconfig", config, lines=60) as screen:
            assert screen.ended() == 0
            assert any("line 49" in line for line in screen.shown)
    for command in (["logs", "etl", "--workers"], ["logs", "etl", "--workers", "--follow"]):
        with terminal(*command, "--kubeconfig", config, columns=140) as screen:
            assert screen.ended() == 2
            assert screen.shown[0].startswith("daskflow: there is no pod of the worker of ")
            assert screen.shown[0].endswith("spec.retention says how long pods stay.")


def test_a_log_that_is_followed_goes_on_until_it_is_left(api: Any) -> None:
    objects, config = api
    with terminal("logs", "etl", "--follow", "--kubeconfig", config) as screen:
        screen.until_shown("line 49")
        objects.logs["etl-x-1-runner"] = lines(55)
        shown = screen.until_shown("line 54")
        assert sum("line 49" in line for line in shown) == 1
        screen.press(b"\x03")
        assert screen.ended() == 130
