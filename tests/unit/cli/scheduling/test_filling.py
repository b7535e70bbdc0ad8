"""A backfill goes on, or ends with a failure, when a run that it waits for is deleted."""

import json
from typing import Any

import pytest

from tests.unit.cli.api_server import Answer, Request, Server
from tests.unit.cli.scheduling.schedules import resource

WORDS = ("schedule", "backfill", "nightly", "2026-03-17", "2026-03-19")


@pytest.mark.parametrize("when", ["GET", "watch"])
@pytest.mark.parametrize(("options", "more"), [([], 0), (["--keep-going"], 1)])
def test_a_run_that_is_deleted_has_not_succeeded_and_ends_nothing_else(
    server: Server, when: str, options: list[str], more: int
) -> None:
    server.put("flowschedules", resource())
    server.created = lambda made: {**made, "status": {"phase": "Succeeded"}}
    assert server.call(*WORDS).exit_code == 0
    runs = server.objects["flowruns"]
    joined, _, last = runs
    runs.pop(last)
    runs[joined]["status"]["phase"] = "Running"

    def deleted(request: Request) -> Answer | None:
        if when == "GET" and request.place[-1] == joined:
            runs.pop(joined, None)
        if when == "watch" and request.query.get("watch"):
            event: dict[str, Any] = {"type": "DELETED", "object": runs.pop(joined)}
            return Answer(f"{json.dumps(event)}\n".encode())
        return None

    server.say = deleted
    answer = server.call(*WORDS, *options)
    assert f"{joined} was deleted before its end was seen" in answer.stderr
    assert f"{more} of {1 + more} runs succeeded" in answer.stderr
    assert (answer.exit_code, last in runs) == (1, bool(more))
