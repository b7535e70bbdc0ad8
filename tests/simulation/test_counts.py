"""A life costs no more than it did: a growth of a tenth is a decision, and written down as one."""

import json
import logging
from collections.abc import Iterator

import pytest

from tests.simulation import counts

MARGIN = 0.1
RECORDED: counts.Counts = json.loads(counts.FILE.read_text())
AGAIN = "if that is meant: python -m tests.simulation.counts --write"


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def judged(life: str, found: dict[str, int]) -> list[str]:
    """What has grown, or shrunk so far that it could grow again unnoticed, in a sentence each."""
    return [
        f"{life}: {found[what]} {what}, recorded are {was}; {AGAIN}"
        for what, was in RECORDED[life].items()
        if not was * (1 - MARGIN) <= found[what] <= was * (1 + MARGIN)
    ]


@pytest.mark.parametrize("life", counts.LIVES)
def test_a_life_costs_what_it_did(life: str) -> None:
    questions: list[counts.Question] = []
    found = {**counts.lived(life, questions.append), **counts.planned(questions)}
    assert set(found) == set(RECORDED[life])
    assert not judged(life, found)


def test_the_process_imports_what_it_did() -> None:
    assert not judged("process", {"modules at start": counts.modules()})


def test_what_grows_by_a_tenth_is_told_and_what_shrinks_too() -> None:
    was = RECORDED["process"]["modules at start"]
    for now, told in ((was, 0), (int(was * 1.09), 0), (int(was * 1.12), 1), (int(was * 0.88), 1)):
        assert len(judged("process", {"modules at start": now})) == told
