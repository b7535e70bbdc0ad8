"""What goes wrong with one flow run, or with one answer, and what becomes of the others."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import pytest
from prefect.settings import PREFECT_API_KEY, temporary_settings
from prefect_daskflow import kubernetes_side, observer
from prefect_daskflow.environment import as_mapping
from prefect_daskflow.kubernetes_side import Refused
from prefect_daskflow.settings import Settings

from integrations.prefect.tests.quick.cases import Case, settled, until, working
from integrations.prefect.tests.quick.fake_kubernetes import FakeKubernetes
from integrations.prefect.tests.server import Server


async def test_one_that_cannot_be_written_holds_up_no_other(
    server: Server, deployment: str, kubernetes: FakeKubernetes
) -> None:
    async with working(server) as worker:
        cases = [Case(server, deployment, kubernetes) for _ in range(2)]
        await worker.get_and_submit_flow_runs()
        made = [await case.submitted(worker) for case in cases]
        kubernetes.broken[next(name for name in kubernetes.runs if name in made)] = (
            500  # an admission webhook
        )
        for case, name in zip(cases, made, strict=True):
            case.begin(name)
            kubernetes.status(name, phase="Failed", reason="RunnerLost", message="It is gone.")
        for case in cases:
            await case.becomes("CRASHED")
        await settled(kubernetes, next(name for name in made if name not in kubernetes.broken))


async def test_one_that_cannot_be_read_keeps_no_other_from_its_rescue(
    server: Server, deployment: str, kubernetes: FakeKubernetes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_DASKFLOW_RESCUE", "0")
    kubernetes.broken["x"] = 403
    cases = [Case(server, deployment, kubernetes) for _ in range(3)]
    for case in cases:
        server.set_state(case.id, "PENDING")
    pid = {"infrastructure_pid": "the-namespace:flows:x"}
    server.ask(f"/flow_runs/{cases[1].id}", pid, "PATCH")
    async with working(server):
        for case in (cases[0], cases[2]):
            await until("its FlowRun", lambda case=case: case.names)
        assert not cases[1].names
    server.set_state(cases[1].id, "CANCELLED", force=True)


async def test_a_worker_that_died_before_the_secret_was_made_is_made_up_for(
    server: Server, deployment: str, kubernetes: FakeKubernetes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_DASKFLOW_RESCUE", "0")
    with temporary_settings({PREFECT_API_KEY: "pnu_secret"}):
        async with working(server) as worker:
            case = Case(server, deployment, kubernetes)
            name = await case.submitted(worker)
        del kubernetes.secrets[f"{name}-prefect"]
        server.ask(f"/flow_runs/{case.id}", {"infrastructure_pid": ""}, "PATCH")
        async with working(server):
            await until("the Secret", lambda: f"{name}-prefect" in kubernetes.secrets)
            await until("the pid", lambda: name in (case.flow_run()["infrastructure_pid"] or ""))
        assert case.names == [name]


async def test_workers_of_different_namespaces_make_one_flow_run(
    server: Server, deployment: str, kubernetes: FakeKubernetes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_DASKFLOW_RESCUE", "0")
    monkeypatch.setattr(observer, "SWEEP_SECONDS", 0.0)
    stalled, late = asyncio.Event(), asyncio.Event()

    async def create(manifest: dict[str, Any]) -> dict[str, Any]:
        stalled.set()
        await late.wait()
        raise Refused("it was kept waiting until nobody heard it")

    async with working(server) as slow, AsyncExitStack() as others:
        monkeypatch.setattr(slow._kubernetes, "create", create)
        case = Case(server, deployment, kubernetes)
        await slow.get_and_submit_flow_runs()
        await stalled.wait()
        monkeypatch.setenv("PREFECT_DASKFLOW_NAMESPACE", "elsewhere")
        await others.enter_async_context(working(server, "elsewhere"))
        for _ in range(2):  # between the two it has looked at all there are
            other = Case(server, deployment, kubernetes)
            server.set_state(other.id, "PENDING")
            (name,) = await until("its FlowRun", lambda other=other: other.names)
            assert name.startswith("elsewhere/")
        assert not case.names
        monkeypatch.delenv("PREFECT_DASKFLOW_NAMESPACE")
        await others.enter_async_context(working(server, "here"))
        (name,) = await until("its FlowRun", lambda: case.names)
        await until("the pid", lambda: f"flows:{name}" in (case.flow_run()["infrastructure_pid"] or ""))
        late.set()


async def test_a_namespace_that_cannot_be_read_now_is_read_later(
    server: Server, deployment: str, kubernetes: FakeKubernetes
) -> None:
    kubernetes.unsure = [503]
    async with working(server) as worker:
        case = Case(server, deployment, kubernetes)
        name = await case.submitted(worker)
        assert case.flow_run()["infrastructure_pid"] == f"the-namespace:flows:{name}"


async def test_an_answer_that_does_not_come_is_not_waited_for_for_ever(
    kubernetes: FakeKubernetes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kubernetes_side, "REQUEST_SECONDS", 0.1)
    kubernetes.broken["x"] = 0
    async with kubernetes_side.connected(Settings(patience=0)) as api, asyncio.timeout(10):
        for asked in (api.get("flows", "x"), api.cancel("flows", "x")):
            with pytest.raises(TimeoutError):
                await asked


@pytest.mark.parametrize(
    ("env", "said"),
    [([{"value": "1"}], "has no name; write"), ({"A": {"value": "1"}}, "A has neither a text nor valueFrom")],
)
def test_a_variable_without_what_it_needs_is_named(env: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        as_mapping(env)
