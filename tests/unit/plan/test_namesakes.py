"""What an object of the same name has left is removed, once Kubernetes has had its time for that."""

from dataclasses import replace
from datetime import timedelta

from daskflow.plan.model import Observed, Plan, Refusal
from daskflow.plan.namesakes import PATIENCE, left_behind

from tests.unit.plan.stage import NOW, pod, run

ORPHAN = pod("etl-x-1-runner", "runner", uid="old", namespace="data", resourceVersion="7")
LATER = NOW + PATIENCE


def test_kubernetes_comes_first() -> None:
    seen = Observed(orphans=(ORPHAN,))
    early = left_behind(run(), seen, LATER - timedelta(seconds=1))
    assert not early.acts
    assert early.requeue_at == LATER
    (delete,) = left_behind(run(), seen, LATER).deletes
    assert (delete.key.kind, delete.key.name) == ("Pod", "etl-x-1-runner")
    assert (delete.uid, delete.revision, delete.unless_changed) == ("old", "7", True)


def test_who_refuses_that_is_not_asked_again_and_again() -> None:
    (delete,) = left_behind(run(), Observed(orphans=(ORPHAN,)), LATER).deletes
    refused = Refusal(delete.key, 403, "no", verb="delete")
    seen = Observed(orphans=(ORPHAN,), refused_writes=(refused,))
    assert left_behind(run(), seen, LATER) == Plan()
    again = Observed(orphans=(ORPHAN,), refused_writes=(replace(refused, retry=True),))
    assert left_behind(run(), again, LATER).deletes == (delete,)


def test_what_the_operator_may_not_delete_stays() -> None:
    service = {**ORPHAN, "kind": "Service"}
    assert left_behind(run(), Observed(orphans=(service,)), LATER) == Plan()
