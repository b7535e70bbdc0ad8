"""A FlowRun written in Python is what the same YAML is."""

import copy
import pickle

import daskflow
import pytest
from daskflow import FlowRun, models
from daskflow.client.errors import WrongUse
from daskflow.client.manifest import manifest
from daskflow.client.submitting import prepared
from pydantic import ValidationError

NOTHING = {"image": None, "workers": None}


async def test_only_what_was_written_is_sent() -> None:
    run = daskflow.FlowRun(
        metadata=models.Metadata(name="etl", labels={"team": "a"}),
        spec=models.FlowRunSpec(
            image="i",
            flow=models.Flow(entrypoint="etl:flow", parameters={"n": 3}),
            cluster=models.ClusterSpec(workers=models.Workers(replicas=2, threads=4)),
            env=[models.EnvVar(name="DAY", value="1")],
        ),
    )
    made, code = await prepared(run, code=None, force=False, overrides={"image": "j", "workers": 3})
    assert code is None
    assert made == {
        "apiVersion": "daskflow.dev/v1alpha1",
        "kind": "FlowRun",
        "metadata": {"name": "etl", "labels": {"team": "a"}},
        "spec": {
            "image": "j",
            "flow": {"entrypoint": "etl:flow", "parameters": {"n": 3}},
            "cluster": {"workers": {"replicas": 3, "threads": 4}},
            "env": [{"name": "DAY", "value": "1"}],
        },
    }


async def test_a_name_is_made_where_there_is_none() -> None:
    run = daskflow.FlowRun(spec=models.FlowRunSpec(image="i", flow=models.Flow(entrypoint="a.etl:flow")))
    made, _ = await prepared(run, code=None, force=False, overrides={})
    assert made["metadata"]["name"].startswith("etl-")
    assert manifest(run.manifest())["spec"] == made["spec"]


def test_what_the_operator_would_refuse_is_refused_here() -> None:
    with pytest.raises(ValidationError, match="replicas"):
        models.Workers(replicas=-1)


def test_an_argument_that_is_no_field_is_refused() -> None:
    with pytest.raises(TypeError, match="Workers has no field replica; did you mean replicas"):
        models.Workers(replica=3)
    with pytest.raises(TypeError, match="FlowRunSpec has no field weather; there are cancel, "):
        models.FlowRunSpec(image="i", flow=models.Flow(entrypoint="a:b"), weather="fine")
    assert models.Workers(daskResources={"GPU": 1}) == models.Workers(dask_resources={"GPU": 1})


def test_what_a_newer_operator_has_written_is_read() -> None:
    newer = {"type": "Ready", "status": "True", "reason": "Ready", "since": 3}
    status = models.FlowRunStatus.model_validate(
        {"phase": "Running", "weather": {"fine": 1}, "conditions": [newer]}
    )
    assert (status.phase, status.conditions[0].reason) == ("Running", "Ready")
    workers = models.Workers(replicas=3)
    assert workers == copy.deepcopy(workers) == pickle.loads(pickle.dumps(workers)) == workers.model_copy()


def test_all_that_the_specs_are_made_of_is_there() -> None:
    """Each model that a field of another holds, by its name."""
    todo = [models.FlowRun, models.FlowRunStatus]
    seen = set()
    while todo:
        model = todo.pop()
        seen.add(model)
        for field in model.model_fields.values():
            found = [field.annotation]
            while found:
                each = found.pop()
                found += getattr(each, "__args__", ())
                if isinstance(each, type) and issubclass(each, models.FlowRun.__base__) and each not in seen:
                    todo.append(each)
    assert {each.__name__ for each in seen} <= set(models.__all__)


def test_a_field_that_there_is_not_is_said() -> None:
    spec = {"image": "i", "flow": {"entrypoint": "a:b"}, "cluster": {"workers": {"replica": 3}}}
    with pytest.raises(WrongUse, match=r"workers\.replica is no field of a FlowRun; did you mean replicas\?"):
        FlowRun.model_validate({"spec": spec})
    assert FlowRun.model_validate({"spec": {**spec, "cluster": {}, "service_account_name": "a"}})
