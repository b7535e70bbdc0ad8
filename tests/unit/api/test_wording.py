"""Numbers as people say them, and the words of others."""

from unicodedata import category

import pytest
from daskflow.api.wording import are, counted, one_line
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.plan.cluster.stage import running
from tests.unit.plan.stage import Stage, opened, run


@pytest.mark.parametrize(("count", "said"), [(0, "0 workers are"), (1, "1 worker is"), (2, "2 workers are")])
def test_counted(count: int, said: str) -> None:
    assert f"{counted(count, 'worker')} {are(count)}" == said


def test_one_worker_is_no_workers() -> None:
    one = {"cluster": {"workers": {"replicas": 1}}}
    assert "1 worker and runner" in Stage(run(one)).applied().status["message"]
    begun = opened(one).with_scheduler(started=True).with_worker(started=True).with_runner(started=True)
    assert "on 1 of 1 worker." in begun.later(seconds=5).applied().status["message"]
    assert running(1).status["message"] == "Scheduler and 1 worker are ready."


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("as it is…", "as it is…"),
        ("a\nb", "a; b"),
        ("a:\r\n\tb\u2028\n", "a: b"),
        ("a\x1b[31mred\x00\x9b\x7f", r"a\x1b[31mred\x00\x9b\x7f"),
        ("\n\n", ""),
    ],
)
def test_words_from_elsewhere_are_one_line(words: str, said: str) -> None:
    assert one_line(words) == said


@settings(max_examples=200, deadline=None)
@given(st.text())
def test_the_same_again_changes_nothing(words: str) -> None:
    once = one_line(words)
    assert one_line(once) == once
    assert not {category(each) for each in once} & {"Cc", "Zl", "Zp"}
