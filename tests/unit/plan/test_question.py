"""Words to schedulers: when a plan holds one, and when it is not said."""

from datetime import UTC, datetime

import pytest
from daskflow.plan.model import Delete, Key, Patch, Plan
from daskflow.plan.question import Tell, Told, unsaid

NOW = datetime(2026, 3, 1, tzinfo=UTC)
WORD = Tell("etl-1", "s", "/v1/note", {"attempt": 1})


@pytest.mark.parametrize(
    ("told", "held"),
    [
        ((), True),
        ((Told(WORD, "Taken", NOW),), False),
        ((Told(WORD, "Refused", NOW),), False),
        ((Told(WORD, "Unheard", NOW),), False),
        ((Told(WORD, "Unheard", NOW, retry=True),), True),
        ((Told(Tell("etl-1", "s", "/v1/note", {"attempt": 2}), "Taken", NOW),), True),
        ((Told(Tell("etl-2", "t", "/v1/note", {"attempt": 1}), "Taken", NOW),), True),
    ],
)
def test_a_word_is_held_until_it_was_answered(told: tuple[Told, ...], held: bool) -> None:
    assert unsaid(WORD, told) == ((WORD,) if held else ())


def test_a_word_is_something_to_do() -> None:
    assert Plan(tells=(WORD,)).acts
    assert (Plan(tells=(WORD,)) + Plan(tells=(WORD,))).tells == (WORD, WORD)


def test_where_a_write_is_held_back_nothing_is_told() -> None:
    patch, delete = Patch(Key("Pod", "n", "p"), "u", {}), Delete(Key("Pod", "n", "q"), "u")
    plan = Plan(patches=(patch,), deletes=(delete,), tells=(WORD,))
    assert plan.holding(patches=(patch,), deletes=(delete,)) == plan
    assert plan.holding(patches=()) == Plan(deletes=(delete,))
