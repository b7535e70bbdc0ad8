"""`daskflow schedule`, as a whole command."""

import json
import re
import signal
import subprocess
import sys
from typing import Any

import pytest
import yaml
from daskflow.manifests.scheduled_run import scheduled_run

from tests.unit.cli.api_server import Answer, Server
from tests.unit.cli.scheduling.schedules import UID, resource

Object = dict[str, Any]


@pytest.fixture
def nightly(server: Server) -> Object:
    server.created = lambda made: {**made, "status": {"phase": "Succeeded"}}
    return server.put("flowschedules", resource())


def own_run(server: Server, name: str, phase: str) -> Object:
    """A run that the schedule has made."""
    from datetime import UTC, datetime

    tick = datetime(2026, 3, 20, 1, tzinfo=UTC)
    made = scheduled_run(resource(), tick, {"scheduledTime": tick, "previousScheduledTime": tick})
    made["metadata"]["name"] = name
    return server.put("flowruns", {**made, "status": {"phase": phase}})


def created(server: Server) -> list[Object]:
    return [request.body for request in server.requests if request.method == "POST"]


def test_next_ticks_are_told(server: Server, nightly: Object) -> None:
    answer = server.call("schedule", "next", "nightly", "2")
    assert answer.exit_code == 0
    header, *lines = answer.stdout.splitlines()
    assert (header.split(), len(lines)) == (["TICK", "IN", "RUN"], 2)
    assert re.match(r"\d{4}-\d\d-\d\d 02:00:00 CES?T ", lines[0])
    nightly["spec"]["suspend"] = True
    suspended = server.call("schedule", "next", "nightly", "-o", "json")
    assert "none of these is started before: daskflow schedule resume nightly" not in suspended.stderr
    told = json.loads(suspended.stdout)
    assert (told["suspended"], len(told["ticks"])) == (True, 5)
    assert "daskflow schedule resume nightly" in server.call("schedule", "next", "nightly").stderr


@pytest.mark.parametrize(
    "words",
    [["get"], ["next"], ["trigger"], ["suspend"], ["resume"], ["backfill", "2026-01-01", "2026-01-02"]],
)
def test_a_name_that_is_nearly_right(server: Server, nightly: Object, words: list[str]) -> None:
    command, *more = words
    answer = server.call("schedule", command, "nigthly", *more)
    said = "daskflow: there is no schedule nigthly in namespace team; did you mean nightly?\n"
    assert (answer.exit_code, answer.stderr) == (2, said)


def test_trigger_makes_a_run_as_a_tick_would(server: Server, nightly: Object) -> None:
    answer = server.call("schedule", "trigger", "nightly", "-p", "n=3", "--set", "retries.limit=2", "--wait")
    assert (answer.exit_code, "succeeded" in answer.stderr) == (0, True)
    (made,) = created(server)
    metadata, spec = made["metadata"], made["spec"]
    assert re.fullmatch(r"flowrun\.daskflow\.dev/nightly-manual-\w{8} created\n", answer.stdout)
    assert metadata["labels"] == {
        "app.kubernetes.io/managed-by": "daskflow",
        "team": "data",
        "daskflow.dev/schedule": "nightly",
        "daskflow.dev/instantiate": "manual",
    }
    assert metadata["annotations"] == {"note": "x"}
    assert [owner["uid"] for owner in metadata["ownerReferences"]] == [UID]
    assert spec["flow"]["parameters"]["n"] == 3
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT02:00:00\+0[12]:00", spec["flow"]["parameters"]["since"])
    assert re.fullmatch(r"result = '20\d\d-\S+T\S+\+0[12]:00'", spec["flow"]["script"])
    assert spec["retries"] == {"limit": 2}


def test_trigger_heeds_forbid(server: Server, nightly: Object) -> None:
    own_run(server, "old", "Failed")
    own_run(server, "live", "Running")
    answer = server.call("schedule", "trigger", "nightly")
    assert answer.exit_code == 2
    for words in ("live of the schedule nightly has not ended", "daskflow wait live", "--force"):
        assert words in answer.stderr
    assert created(server) == []
    assert server.call("schedule", "trigger", "nightly", "--force", "--name", "beside").exit_code == 0
    assert [made["metadata"]["name"] for made in created(server)] == ["beside"]


def test_trigger_heeds_replace(server: Server) -> None:
    server.put("flowschedules", resource({"concurrencyPolicy": "Replace"}))
    live = own_run(server, "live", "Running")

    def cancelled(request: Any) -> None:
        if live["spec"].get("cancel"):
            live["status"]["phase"] = "Cancelled"

    server.say = cancelled
    answer = server.call("schedule", "trigger", "nightly")
    assert (answer.exit_code, "cancels live" in answer.stderr) == (0, True)
    order = [(request.method, request.place[-1]) for request in server.requests if request.method != "GET"]
    assert order == [("PATCH", "live"), ("POST", "flowruns")]


@pytest.mark.parametrize("policy", ["Forbid", "Replace"])
def test_of_two_who_trigger_at_once_one_makes_a_run_and_the_other_is_told(
    server: Server, policy: str
) -> None:
    server.put("flowschedules", resource({"concurrencyPolicy": policy}))
    own_run(server, "old", "Failed")
    before = dict(server.objects["flowruns"])
    first = server.call("schedule", "trigger", "nightly")
    (made,) = created(server)
    assert (first.exit_code, len(made["metadata"]["name"])) == (0, len("nightly-manual-12345678"))

    def as_it_was(request: Any) -> Answer | None:
        """The second has looked before the first made its run."""
        if request.method == "GET" and request.place == ["flowruns"]:
            return Answer({"metadata": {}, "items": list(before.values())})
        return None

    server.say = as_it_was
    second = server.call("schedule", "trigger", "nightly")
    assert second.exit_code == 2
    for words in ("somebody else has just started a run of the schedule nightly", policy, "--force"):
        assert words in second.stderr
    assert len(server.objects["flowruns"]) == 2
    assert server.call("schedule", "trigger", "nightly", "--force").exit_code == 0


def test_a_run_that_has_ended_is_in_nobodys_way(server: Server, nightly: Object) -> None:
    for _ in range(3):
        answer = server.call("schedule", "trigger", "nightly")
        assert answer.exit_code == 0, answer.stderr
    assert len({made["metadata"]["name"] for made in created(server)}) == 3


def test_trigger_says_what_holds_the_run_or_does_not(server: Server) -> None:
    quiet = {
        "quietHours": {"start": "00:00", "end": "24:00", "days": ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]}
    }
    quiet["quietHours"]["days"] += ["Sun"]
    server.put("flowschedules", resource({"suspend": True}, quiet))
    answer = server.call("schedule", "trigger", "nightly")
    assert "is suspended; this run is started all the same" in answer.stderr
    assert "quiet hours: the run waits until 20" in answer.stderr
    dry = yaml.safe_load(server.call("schedule", "trigger", "nightly", "--dry-run").stdout)
    assert (dry["kind"], len(created(server))) == ("FlowRun", 1)


def test_backfill_makes_a_run_for_each_tick_and_none_twice(server: Server, nightly: Object) -> None:
    words = ("schedule", "backfill", "nightly", "2026-03-17", "2026-03-22")
    dry = server.call(*words, "--dry-run")
    assert [line.split()[-1] for line in dry.stdout.splitlines()[1:]] == ["created"] * 4 + ["start"] * 2
    assert created(server) == []
    assert "from 2026-03-17 to 2026-03-22 (Europe/Berlin) there have been 6 ticks" in dry.stderr
    names = server.call(*words, "--dry-run", "-o", "name").stdout.split()
    first = server.call(*words)
    assert (first.exit_code, "4 of 4 runs succeeded" in first.stderr) == (0, True)
    assert [f"{name} created" for name in names] == first.stdout.splitlines()
    told = [made["spec"]["flow"]["script"] for made in created(server)]
    assert told == [f"result = '2026-03-{day}T02:00:00+01:00'" for day in (17, 18, 19, 20)]
    again = server.call(*words)
    assert (again.exit_code, again.stdout, len(created(server))) == (0, "", 4)
    assert "6 ticks: 4 with a run already" in again.stderr
    assert "2 that the schedule itself is to start" in again.stderr


def test_many_runs_ask_for_a_yes(server: Server, nightly: Object) -> None:
    words = ("schedule", "backfill", "nightly", "2026-03-01", "2026-03-12")
    asked = server.call(*words)
    assert (asked.exit_code, "that makes 12 runs; give --yes" in asked.stderr) == (2, True)
    assert created(server) == []
    assert server.call(*words, "--yes", "--max-parallel", "5").exit_code == 0
    assert len(created(server)) == 12


def test_a_backfill_stops_at_a_failure_unless_it_is_to_go_on(server: Server, nightly: Object) -> None:
    server.created = lambda made: {**made, "status": {"phase": "Failed", "reason": "FlowFailed"}}
    words = ("schedule", "backfill", "nightly", "2026-03-17", "2026-03-20")
    stopped = server.call(*words)
    assert (stopped.exit_code, len(created(server))) == (1, 1)
    assert "0 of 1 runs succeeded, 3 were not started; --keep-going" in stopped.stderr
    assert server.call(*words, "--keep-going").exit_code == 1
    assert len(created(server)) == 4


def test_a_backfill_that_was_left_goes_on(server: Server, nightly: Object) -> None:
    server.created = lambda made: {**made, "status": {"phase": "Running"}}
    words = ("schedule", "backfill", "nightly", "2026-03-17", "2026-03-19")
    filling = subprocess.Popen(
        [sys.executable, "-m", "daskflow.cli", *words, "--kubeconfig", str(server.kubeconfig())],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell's background jobs, whose children ignore it too, can run this test as well.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert filling.stdout
    first = filling.stdout.readline().split()[0].rpartition("/")[2]
    filling.send_signal(signal.SIGINT)
    _, said = filling.communicate(timeout=60)
    assert (filling.returncode, "1 runs go on, 2 are not started" in said) == (130, True), said
    server.created = lambda made: {**made, "status": {"phase": "Succeeded"}}
    server.objects["flowruns"][first]["status"]["phase"] = "Succeeded"
    again = server.call(*words)
    assert (again.exit_code, "2 of 2 runs succeeded" in again.stderr) == (0, True), again.stderr
    assert len(created(server)) == 3


def test_what_goes_on_is_waited_for_before_more_is_made(server: Server, nightly: Object) -> None:
    words = ("schedule", "backfill", "nightly", "2026-03-17", "2026-03-18")
    assert server.call(*words).exit_code == 0
    first, second = server.objects["flowruns"]
    server.objects["flowruns"].pop(second)
    run = server.objects["flowruns"][first]
    run["status"]["phase"] = "Running"
    order = []

    def watched(request: Any) -> None:
        order.append(request.method)
        if request.query.get("watch"):
            run["status"]["phase"] = "Succeeded"

    server.say = watched
    answer = server.call(*words)
    assert (answer.exit_code, "2 of 2 runs succeeded" in answer.stderr) == (0, True)
    assert "1 with a run of an earlier backfill that goes on" in answer.stderr
    assert order[-1] == "POST"


def test_what_is_refused_ends_a_backfill_with_its_sentence(server: Server, nightly: Object) -> None:
    from tests.unit.cli.api_server import refused

    server.say = lambda asked: refused(403, "Forbidden", "exceeded quota: small") if asked.body else None
    answer = server.call("schedule", "backfill", "nightly", "2026-03-17", "2026-03-20")
    assert (answer.exit_code, "exceeded quota: small" in answer.stderr) == (3, True)
    assert len(created(server)) == 1


@pytest.mark.parametrize("command", [["get"], ["scale", "1"], ["adapt", "--maximum", "2"], ["delete"]])
def test_a_cluster_that_is_nearly_named_right(server: Server, command: list[str]) -> None:
    server.put("daskclusters", {"metadata": {"name": "pool"}, "spec": {}})
    word, *more = command
    answer = server.call("cluster", word, "poll", *more)
    assert (answer.exit_code, "did you mean pool?" in answer.stderr) == (2, True)
