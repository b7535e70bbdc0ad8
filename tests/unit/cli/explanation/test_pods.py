"""Pods and their last words."""

import json

from daskflow.cli.explanation.found import Found
from daskflow.cli.explanation.pods import MOST_PODS, last_words, pods_in

from tests.unit.cli.explanation.around import NOW, pod, waiting


def test_what_was_said_already_does_not_come_again() -> None:
    pods = [
        waiting(f"etl-1-worker-{number}", "CreateContainerConfigError", "no secret") for number in range(2)
    ]
    found = Found({}, pods)
    said = list(pods_in(found, NOW))
    assert [line.strip() for line in said if "no secret" in line] == ["main: no secret"]
    assert not any("no secret" in line for line in pods_in(found, NOW, "There is no secret."))


def test_those_in_trouble_are_shown_first_of_many() -> None:
    well = [pod(f"etl-1-worker-{number}", phase="Running") for number in range(MOST_PODS)]
    said = list(pods_in(Found({}, [*well, waiting("etl-1-worker-99", "ErrImagePull", "no")]), NOW))
    assert "etl-1-worker-99" in said[1]
    assert said[-1] == "  and 1 more"


def test_last_words_are_a_sentence() -> None:
    assert last_words(json.dumps({"v": 1, "message": "Out of memory."})) == "Out of memory."
    assert last_words(json.dumps({"v": 1, "outcome": {"message": "It failed."}})) == "It failed."
    assert last_words(json.dumps({"v": 1, "reason": "Retired"})) == "Retired"
    assert last_words("a\x1b[2J\nb") == r"a\x1b[2J; b"
    assert len(last_words("x" * 9999)) == 300
    assert last_words("[1]") == "[1]"
    assert last_words(None) == ""
