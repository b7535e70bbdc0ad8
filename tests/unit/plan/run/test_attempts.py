"""What is written down of an attempt."""

from tests.unit.plan.stage import failed, opened


def test_messages_of_closed_attempts_are_cut() -> None:
    long = {**failed(), "message": "x" * 1000}
    ended = opened().with_runner(exit_code=1, message=long).applied()
    assert len(ended.status["attempts"][0]["message"]) == 300
    assert len(ended.status["message"]) == 1000
