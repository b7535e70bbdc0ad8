"""What is wrong with a manifest is said before it is sent, with the field's name."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from daskflow.api.flow import MAX_FLOW_BYTES
from daskflow.client.checks import sendable, understood
from daskflow.client.errors import WrongUse
from daskflow.client.run import AsyncRun


def made(name: str = "etl", **spec: Any) -> dict[str, Any]:
    """A manifest with these fields."""
    return {"metadata": {"name": name}, "spec": {"image": "i", "flow": {"entrypoint": "a:b"}, **spec}}


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (object(), "parameters.n is of the type object, which JSON cannot hold"),
        ({1, 2}, "parameters.n is of the type set"),
        (date(2026, 1, 1), "parameters.n is of the type date"),
        (float("nan"), "parameters.n is nan, which JSON"),
        ([1, {"a": Path()}], r"parameters.n\[1\].a is of the type"),
        ({b"a": 2}, "parameters.n has the key b'a'; keys of JSON are texts"),
    ],
)
async def test_what_json_cannot_hold(value: object, words: str) -> None:
    with pytest.raises(WrongUse, match=f"spec.flow.{words}"):
        await AsyncRun.submit("a:b", parameters={"n": value})


async def test_wrong_arguments_are_said() -> None:
    wrong: Any = [1]
    with pytest.raises(WrongUse, match=r"parameters is \[1\]; give a mapping"):
        await AsyncRun.submit("a:b", parameters=wrong)
    for call in (AsyncRun.list, lambda **given: AsyncRun.get("x", **given)):
        with pytest.raises(WrongUse, match=r"connection is 'prod'; give a daskflow\.Connection"):
            await call(connection="prod")


def test_a_flow_that_reaches_no_runner() -> None:
    sendable(made(flow={"parameters": {"n": "x" * (MAX_FLOW_BYTES - 100)}}))
    with pytest.raises(WrongUse, match="at most 750000 reach the runner: put data into storage"):
        sendable(made(flow={"parameters": {"n": "ä" * (MAX_FLOW_BYTES // 2)}}))


@pytest.mark.parametrize(
    ("manifest", "words"),
    [
        (made("Öl_Run"), "metadata.name is 'Öl_Run'; give at most 50 small letters"),
        (made("a" * 51), "give at most 50"),
        (made(nope={"x": 1}), "spec.nope is no field of a FlowRun; there are"),
        (made(cluster={"workers": {"replica": 3}}), "workers.replica is no field .*did you mean replicas"),
        (made(cluster={"workerGroups": [{"name": "a", "thread": 3}]}), r"workerGroups\[0\].thread is no"),
        (made(cluster={"workers": {"replicas": "many"}}), "spec.cluster.workers.replicas: .*'many'"),
        (made(retries={"limit": -1}), "spec.retries.limit"),
    ],
)
def test_what_an_api_server_would_refuse(manifest: dict[str, Any], words: str) -> None:
    with pytest.raises(WrongUse, match=words):
        understood(manifest)


def test_what_it_takes() -> None:
    template = {"spec": {"nodeSelector": {"any": "thing"}}}
    flow = {"entrypoint": "a:b", "parameters": {"a-b": [{"c": {}}]}}
    workers = {"template": template, "resources": {"limits": {"memory": "1Gi", "a.b/gpu": 1}}}
    env = [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]
    understood(made(cluster={"workers": workers}, env=env, template=template, flow=flow))
