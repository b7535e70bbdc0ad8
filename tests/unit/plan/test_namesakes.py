"""What an object of the same name has left is removed, once Kubernetes has had its time for that."""

from datetime import timedelta

from daskflow.plan.model import Observed
from daskflow.plan.namesakes import PATIENCE, left_behind

from tests.unit.plan.stage import DELETED, NOW, pod, run

ORPHAN = pod("etl-x-1-runner", "runner", uid="old", namespace="data", resourceVersion="7")
LATER = NOW + PATIENCE


def test_kubernetes_comes_first() -> None:
    seen = Observed(orphans=(ORPHAN,))
    early = left_behind(run(), seen, LATER - timedelta(seconds=1))
    assert not early.acts
    assert early.requeue_at == LATER
    (delete,) = left_behind(run(), seen, LATER).deletes
    assert (delete.key.kind, delete.key.name) == ("Pod", "etl-x-1-runner")
    assert (delete.uid, delete.revision) == ("old", "7")


def test_what_is_on_its_way_out_is_not_asked_to_go() -> None:
    going = {**ORPHAN, "metadata": {**ORPHAN["metadata"], **DELETED}}
    assert left_behind(run(), Observed(orphans=(going,)), LATER) == left_behind(run(), Observed(), LATER)
