"""Numbers as people say them."""

import pytest
from daskflow.api.words import are, counted

from tests.unit.plan.cluster_stage import running
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
