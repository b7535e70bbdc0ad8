"""A cluster that computes nothing is deleted as its user asked, unless it holds results."""

from datetime import timedelta
from typing import Any

import pytest

from tests.unit.plan.dask_kubernetes.stage import a_cluster
from tests.unit.plan.stage import NOW


def test_only_one_with_a_time_out_is_asked_and_only_when_it_runs() -> None:
    assert a_cluster().settled().run().settled().plan().question is None
    stage = a_cluster(idleTimeout=60).settled()
    assert stage.plan().question is None
    question = stage.run().settled().plan().question
    assert question is not None
    assert (question.scheduler, question.address) == ("uid-lab-scheduler-0", "tcp://10.0.0.7:8786")
    assert (question.idle, question.idle_seconds) == (True, 60)


@pytest.mark.parametrize(
    ("answer", "goes"),
    [
        ({"idle_since": None}, False),
        ({"idle_since": NOW - timedelta(seconds=59)}, False),
        ({"idle_since": NOW - timedelta(seconds=61)}, True),
        ({"idle_since": NOW - timedelta(seconds=61), "holds": True}, False),
        ({"idle_since": NOW - timedelta(seconds=61), "lost": True}, False),
    ],
)
def test_it_goes_when_it_has_been_idle_for_so_long(answer: dict[str, Any], goes: bool) -> None:
    stage = a_cluster(idleTimeout=60).settled().run().settled().answered(**answer)
    deletes = [delete.key.kind for delete in stage.plan().deletes]
    assert deletes == (["DaskCluster.kubernetes.dask.org"] if goes else [])


def test_a_word_of_an_earlier_scheduler_is_no_word() -> None:
    stage = a_cluster(idleTimeout=60).settled().run().settled()
    again = stage.without("Pod", "lab-scheduler").settled().run().settled()
    said = again.answered(idle_since=NOW - timedelta(hours=1))
    assert not said.plan().deletes


def test_it_is_looked_at_again_when_its_time_would_be_over() -> None:
    stage = a_cluster(idleTimeout=60).settled().run().settled().answered(idle_since=NOW)
    assert stage.plan().requeue_at == NOW + timedelta(seconds=60)
