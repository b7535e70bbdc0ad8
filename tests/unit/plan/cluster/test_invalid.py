"""What is refused before anything is made for a cluster."""

from tests.unit.plan.test_daskcluster import BASED, with_pods
from tests.unit.plan.test_daskcluster import Stage as ClusterStage


def test_nothing_is_made_for_a_cluster_that_may_not_be() -> None:
    stage = ClusterStage(spec={"template": {"spec": {"hostNetwork": True}}})
    plan = stage.plan()
    assert plan.status is not None
    assert (plan.status["phase"], plan.status["reason"]) == ("Failed", "SpecInvalid")
    assert not plan.creates
    assert not stage.applied().plan().acts


def test_a_cluster_that_has_begun_waits_for_the_spec_to_be_corrected() -> None:
    bad = {"workerGroups": [{"name": "gpu", "template": {"spec": {"hostNetwork": True}}}]}
    made = BASED.plan().creates
    uids = (f"uid-{each['metadata']['name']}" for each in made)
    living = with_pods(
        *(
            {**each, "metadata": {**each["metadata"], "uid": uid}}
            for each, uid in zip(made, uids, strict=True)
        )
    )
    assert living.status is not None
    broken = ClusterStage(living.children, living.status, living.created, spec=bad).plan()
    assert broken.status is not None
    assert (broken.status["phase"], broken.status["reason"]) == ("Degraded", "SpecInvalid")
    assert not broken.creates
    assert not broken.deletes
