"""A pool from its beginning to its end, at one moment after the other."""

from dataclasses import replace

from tests.unit.plan.pool.stage import PoolStage, full, pool


def test_from_nothing_to_clusters_that_wait_and_back() -> None:
    stage = PoolStage().settled()
    assert stage.names == ["1", "2"]
    stage = stage.waiting().settled().claimed(0, begun=True).settled()
    assert stage.names == ["2", "3"]
    stage = stage.waiting().settled()
    assert stage.status["message"] == "2 clusters wait."
    assert stage.spec(ready=0).settled().names == []


def test_a_spec_that_cannot_be_read_is_said_and_what_waits_stays() -> None:
    there = full()
    broken = replace(there, resource={**there.resource, "spec": {"ready": "many"}}).settled()
    assert broken.status["reason"] == "SpecInvalid"
    assert broken.names == ["1", "2"]


def test_a_template_that_may_not_be_is_said_with_its_field() -> None:
    host = {"template": {"spec": {"hostNetwork": True}}}
    template = {"spec": {"image": "a", "runner": host}}
    refused = PoolStage(pool({"template": template})).settled()
    assert refused.status["reason"] == "SpecInvalid"
    assert "spec.template.spec.runner" in refused.status["message"]
    assert refused.names == []
