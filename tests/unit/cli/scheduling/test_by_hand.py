"""Replace cancels all that live at once, and looks again until none does."""

from typing import Any

from daskflow.manifests.scheduled_run import manual_run

from tests.unit.cli.api_server import Request, Server
from tests.unit.cli.scheduling.schedules import resource
from tests.unit.cli.scheduling.test_upcoming import NOW

Object = dict[str, Any]


def own_run(server: Server, name: str) -> Object:
    made = manual_run(resource(), {"scheduledTime": NOW, "previousScheduledTime": NOW})
    made["metadata"]["name"] = name
    return server.put("flowruns", {**made, "status": {"phase": "Running"}})


def test_replace_cancels_all_at_once_and_what_a_tick_has_started_meanwhile(server: Server) -> None:
    server.put("flowschedules", resource({"concurrencyPolicy": "Replace"}))
    live = [own_run(server, name) for name in ("one", "two")]
    later: list[Object] = []

    def ended(request: Request) -> None:
        if all(run["spec"].get("cancel") for run in (*live, *later)):
            for run in (*live, *later):
                run["status"]["phase"] = "Cancelled"
            if not later:
                later.append(own_run(server, "tick"))

    server.say = ended
    answer = server.call("schedule", "trigger", "nightly")
    assert answer.exit_code == 0, answer.output
    order = [(request.method, request.place[-1]) for request in server.requests if request.method != "GET"]
    assert sorted(order[:2]) == [("PATCH", "one"), ("PATCH", "two")]
    assert order[2:] == [("PATCH", "tick"), ("POST", "flowruns")]
    assert [run["status"]["phase"] for run in (*live, *later)] == ["Cancelled"] * 3


def test_a_run_that_is_deleted_has_made_way(server: Server) -> None:
    server.put("flowschedules", resource({"concurrencyPolicy": "Replace"}))
    own_run(server, "one")

    def deleted(request: Request) -> None:
        if request.method == "PATCH":
            server.objects["flowruns"].pop("one")

    server.say = deleted
    assert server.call("schedule", "trigger", "nightly").exit_code == 0
