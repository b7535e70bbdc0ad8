"""`daskflow list`, as a whole command: pages, and what is asked for."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.cli.api_server import Answer, Request, Server, refused


@pytest.fixture
def three(server: Server) -> Server:
    """An API server that knows tables, with two runs a page at most."""
    for name, phase in (("a", "Succeeded"), ("b", "Failed"), ("c", "Succeeded")):
        server.put("flowruns", {"metadata": {"name": name}, "spec": {}, "status": {"phase": phase}})

    def say(request: Request) -> Answer | None:
        start = int(request.query.get("continue", 0))
        end = start + min(2, int(request.query["limit"]))
        found = list(server.objects["flowruns"].values())
        metadata = {"continue": str(end) if end < len(found) else ""}
        if "as=Table" not in request.headers["accept"]:
            return Answer({"metadata": metadata, "items": found[start:end]})
        whole = request.query.get("includeObject") != "None"
        rows = [
            {
                "cells": [run["metadata"]["name"], run["status"]["phase"]],
                "object": {"metadata": run["metadata"]} if whole else None,
            }
            for run in found[start:end]
        ]
        columns = [{"name": "Name"}, {"name": "Phase"}] if not start else []
        return Answer({"kind": "Table", "metadata": metadata, "columnDefinitions": columns, "rows": rows})

    server.say = say
    return server


def listed(server: Server, *words: str) -> list[list[str]]:
    answer = server.call("list", *words)
    assert answer.exit_code == 0, answer.stderr
    return [line.split() for line in answer.stdout.splitlines()[1:]]


def test_all_pages_are_asked_for(three: Server) -> None:
    assert listed(three) == [["a", "Succeeded"], ["b", "Failed"], ["c", "Succeeded"]]
    assert [request.query.get("continue") for request in three.requests] == [None, "2"]


def test_no_more_are_asked_for_than_are_wanted(three: Server) -> None:
    assert listed(three, "--limit", "1") == [["a", "Succeeded"]]
    assert [request.query["limit"] for request in three.requests] == ["1"]


def test_a_phase_is_looked_for_in_all_of_them(three: Server) -> None:
    assert listed(three, "--phase", "succeeded", "--limit", "2") == [["a", "Succeeded"], ["c", "Succeeded"]]
    assert [run["metadata"]["name"] for run in as_json(three, "--phase", "Failed")] == ["b"]


def test_namespaces_are_shown_where_there_are_several(three: Server) -> None:
    assert [row[0] for row in listed(three, "-A")] == ["team"] * 3
    assert three.requests[0].path == "/apis/daskflow.dev/v1alpha1/flowruns"


def test_whole_objects_are_whole(three: Server) -> None:
    assert [run["status"]["phase"] for run in as_json(three)] == ["Succeeded", "Failed", "Succeeded"]
    assert [row[1] for row in listed(three, "-o", "wide")] == ["Succeeded", "Failed", "Succeeded"]


def as_json(server: Server, *words: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(server.call("list", "-o", "json", *words).stdout)["items"]
    return found


def namespaces(*there: str) -> Callable[[Request], Answer | None]:
    """What an API server says that has these, with nothing in them."""

    def say(request: Request) -> Answer | None:
        path = request.path.rstrip("/").partition("?")[0]
        if path.endswith("/flowruns"):
            return Answer({"kind": "FlowRunList", "metadata": {}, "items": []})
        name = path.rpartition("/namespaces/")[2]
        if name in there:
            return Answer({"kind": "Namespace", "metadata": {"name": name}})
        return refused(404, "NotFound", f'namespaces "{name}" not found', name=name, kind="namespaces")

    return say


def test_nothing_is_said_to_be_nothing(server: Server) -> None:
    server.say = namespaces("team")
    answer = server.call("list")
    assert (answer.exit_code, answer.stdout) == (0, "")
    assert answer.stderr == "daskflow: there are no such runs in namespace team.\n"


@pytest.mark.parametrize(
    ("phase", "words"), [("Sucseeded", "did you mean Succeeded?"), ("x", "there are Pending, Starting, ")]
)
def test_a_phase_that_no_run_is_in(server: Server, phase: str, words: str) -> None:
    answer = server.call("list", "--phase", phase)
    assert (answer.exit_code, server.requests) == (2, [])
    assert f"--phase {phase} is no phase of a run; {words}" in answer.stderr


def test_a_namespace_that_is_not_there(server: Server) -> None:
    server.say = namespaces("team")
    answer = server.call("list", "--namespace", "nosuchns")
    assert answer.exit_code == 2
    assert "there is no namespace nosuchns; give another one by --namespace" in answer.stderr
