"""`daskflow delete`, `cancel` and the like, as whole commands: which runs they change."""

import pytest

from tests.unit.cli.api_server import Server


@pytest.fixture
def two(server: Server) -> Server:
    for name in ("boom", "etl"):
        metadata = {"name": name, "namespace": "team", "uid": name}
        server.put("flowruns", {"metadata": metadata, "spec": {}, "status": {"phase": "Running"}})
    return server


def deleted(server: Server) -> list[str]:
    return [each.path.rpartition("/")[2] for each in server.requests if each.method == "DELETE"]


def test_one_that_is_not_there_keeps_no_other(two: Server) -> None:
    answer = two.call("delete", "nope", "etl")
    assert (answer.exit_code, deleted(two)) == (2, ["etl"])
    assert "nope" in answer.stderr
    assert answer.stdout == "flowrun.daskflow.dev/etl deleted\n"


@pytest.mark.parametrize(
    "name",
    ["flowrun.daskflow.dev/etl", "flowruns/etl", "run/etl", "FlowRun/etl", "flowruns.daskflow.dev/etl"],
)
def test_names_are_taken_as_they_are_printed(two: Server, name: str) -> None:
    assert two.call("delete", name).exit_code == 0
    assert deleted(two) == ["etl"]


@pytest.mark.parametrize(
    "words",
    [
        ("delete", "boom/status"),
        ("delete", ""),
        ("delete", "boom", ""),
        ("get", "boom?x=1"),
        ("get", ".."),
        ("get", "pod/boom"),
        ("cluster", "delete", "a/scale"),
        ("cluster", "get", "a?"),
        ("schedule", "suspend", "a%2fb"),
        ("explain", "schedule/a b"),
        ("explain", ""),
        ("connect", "cluster/.."),
        ("list", "-n", "../x"),
        ("list", "-n", "%2e"),
        ("list", "-n", "a\nb"),
        ("-n", "a?", "list"),
    ],
)
def test_what_is_no_name_is_never_asked_for(two: Server, words: tuple[str, ...]) -> None:
    answer = two.call(*words)
    assert (answer.exit_code, two.requests) == (2, [])
    assert "is no name of a" in " ".join(answer.stderr.split())
