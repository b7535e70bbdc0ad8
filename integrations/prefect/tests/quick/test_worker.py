"""A worker between a real server of Prefect and the API of Kubernetes, and what each says in the end."""

import asyncio

import pytest
from prefect.exceptions import InfrastructureNotAvailable, InfrastructureNotFound
from prefect_daskflow import names

from integrations.prefect.tests.quick.cases import Case, settled, until, working
from integrations.prefect.tests.quick.fake_kubernetes import FakeKubernetes
from integrations.prefect.tests.server import Server


async def test_a_runner_that_is_lost_is_a_crash_with_its_reason(
    server: Server, deployment: str, kubernetes: FakeKubernetes
) -> None:
    kubernetes.refuse = [503]
    async with working(server) as worker, working(server, "other"):
        case = Case(server, deployment, kubernetes)
        name = await case.submitted(worker)
        assert case.flow_run()["infrastructure_pid"] == f"the-namespace:flows:{name}"
        kubernetes.status(name, phase="Starting", reason="Unschedulable", message="No node takes it.")
        await until("a line", lambda: "Unschedulable: No node takes it." in server.logs(case.id))
        case.begin(name)
        kubernetes.status(name, phase="Failed", reason="RunnerLost", message="The pod is gone.")
        assert await case.becomes("CRASHED") == "RunnerLost: The pod is gone."
        await settled(kubernetes, name)
        assert server.logs(case.id).count("Unschedulable: No node takes it.") == 1


async def test_a_cancellation_on_either_side_is_one_on_both(
    server: Server, deployment: str, kubernetes: FakeKubernetes
) -> None:
    async with working(server) as worker:
        theirs, ours = (Case(server, deployment, kubernetes) for _ in range(2))
        await worker.get_and_submit_flow_runs()
        name, other = await theirs.submitted(worker), await ours.submitted(worker)
        server.set_state(theirs.id, "CANCELLING")
        await until("spec.cancel", lambda: kubernetes.runs[name]["spec"].get("cancel"))
        kubernetes.status(name, phase="Cancelled", reason="Cancelled", message="Cancelled on request.")
        assert "Cancelled on request." in await theirs.becomes("CANCELLED")
        ours.begin(other)
        kubernetes.status(other, phase="Cancelled", reason="Cancelled", message="Cancelled on request.")
        await ours.becomes("CANCELLED")
        assert not kubernetes.runs[other]["spec"].get("cancel")


async def test_what_happens_while_no_worker_is_there_is_learned_by_the_next(
    server: Server, deployment: str, kubernetes: FakeKubernetes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_DASKFLOW_RESCUE", "0")
    async with working(server) as worker:
        failed, deleted = (Case(server, deployment, kubernetes) for _ in range(2))
        one, two = await failed.submitted(worker), await deleted.submitted(worker)
        failed.begin(one)
        deleted.begin(two)
    forgotten = Case(server, deployment, kubernetes)
    server.set_state(forgotten.id, "PENDING")  # and there its worker died
    kubernetes.status(one, phase="Failed", reason="Evicted", message="The node is drained.")
    kubernetes.delete(two)
    async with working(server):
        assert await failed.becomes("CRASHED") == "Evicted: The node is drained."
        assert two in await deleted.becomes("CRASHED")
        (name,) = await until("its FlowRun", lambda: forgotten.names)
        await until("its pid", lambda: name in (forgotten.flow_run()["infrastructure_pid"] or ""))


async def test_a_run_that_is_resumed_gets_another_flow_run(
    server: Server, deployment: str, kubernetes: FakeKubernetes
) -> None:
    async with working(server) as worker:
        case = Case(server, deployment, kubernetes)
        first = await case.submitted(worker)
        case.begin(first)
        server.set_state(case.id, "PAUSED", "Suspended", pause_reschedule=True)
        kubernetes.status(first, phase="Succeeded")
        await settled(kubernetes, first)
        assert server.state(case.id)["type"] == "PAUSED"
        server.set_state(case.id, "SCHEDULED", "Resuming")
        second = await case.submitted(worker, 2)
        assert second != first
        case.begin(second)
        kubernetes.delete(first)  # its record has been kept for long enough
        await asyncio.sleep(1)
        assert server.state(case.id)["type"] == "RUNNING"
        kubernetes.delete(second)
        assert await case.becomes("CRASHED") == f"FlowRun {second} was deleted."


async def test_a_server_and_a_watch_that_are_away_for_a_while_lose_nothing(
    server: Server, deployment: str, kubernetes: FakeKubernetes
) -> None:
    async with working(server) as worker:
        case = Case(server, deployment, kubernetes)
        name = await case.submitted(worker)
        case.begin(name)
        await asyncio.to_thread(server.kill)
        kubernetes.status(name, phase="Failed", reason="OutOfMemory", message="It needed more.")
        kubernetes.cut()
        await asyncio.sleep(1)
        await asyncio.to_thread(server.start)
        assert await case.becomes("CRASHED") == "OutOfMemory: It needed more."


async def test_what_kubernetes_refuses_is_a_crash_in_a_sentence(
    server: Server, deployment: str, kubernetes: FakeKubernetes
) -> None:
    kubernetes.refuse = [403]
    async with working(server) as worker:
        case = Case(server, deployment, kubernetes)
        await worker.get_and_submit_flow_runs()
        message = await case.becomes("CRASHED")
        assert (
            "cannot create; give the worker the rights of `python -m prefect_daskflow rights.yaml` in flows"
            in message
        )


@pytest.mark.parametrize("status", [500, 413])
async def test_a_flow_run_that_is_too_large_is_a_crash_at_once(
    server: Server, deployment: str, kubernetes: FakeKubernetes, status: int
) -> None:
    kubernetes.refuse, kubernetes.words = [status], "etcdserver: request is too large"
    async with working(server) as worker:
        case = Case(server, deployment, kubernetes)
        await worker.get_and_submit_flow_runs()
        assert "1.5 MiB as a rule; put what is large in the job variables" in await case.becomes("CRASHED")
        assert not case.names


async def test_a_worker_that_was_kept_waiting_begins_nothing_again(
    server: Server, deployment: str, kubernetes: FakeKubernetes
) -> None:
    async with working(server) as worker, working(server, "other") as other:
        case = Case(server, deployment, kubernetes)
        polled = await worker.client.read_flow_run(case.id)
        name = await case.submitted(other)
        await worker._propose_submitting_state(polled)
        case.begin(name)
        server.set_state(case.id, "COMPLETED")
        kubernetes.status(name, phase="Succeeded")
        await worker._submit_run_and_capture_errors(polled)
        worker._submitting_flow_run_ids.add(polled.id)
        await worker._submit_run(polled)
        assert case.names == [name]
        assert case.flow_run()["run_count"] == 1
        assert server.state(case.id)["type"] == "COMPLETED"


async def test_infrastructure_is_killed(server: Server, deployment: str, kubernetes: FakeKubernetes) -> None:
    async with working(server) as worker:
        name = await Case(server, deployment, kubernetes).submitted(worker)
        await worker.kill_infrastructure(f"the-namespace:flows:{name}", None)  # type: ignore[arg-type]
        assert kubernetes.runs[name]["spec"]["cancel"] is True
        with pytest.raises(InfrastructureNotFound, match="There is no FlowRun x"):
            await worker.kill_infrastructure("the-namespace:flows:x", None)  # type: ignore[arg-type]
        with pytest.raises(InfrastructureNotAvailable, match="in another cluster"):
            await worker.kill_infrastructure(f"elsewhere:flows:{name}", None)  # type: ignore[arg-type]


async def test_a_strangers_object_holds_up_nobody(
    server: Server, deployment: str, kubernetes: FakeKubernetes
) -> None:
    async with working(server) as worker:
        case = Case(server, deployment, kubernetes)
        name = await case.submitted(worker)
        labels = kubernetes.runs[name]["metadata"]["labels"]
        for number, broken in enumerate(({names.FLOW_RUN: "nobody"}, {})):
            metadata = {
                "name": f"x{number}",
                "namespace": "flows",
                "uid": f"x{number}",
                "resourceVersion": "1",
            }
            strange = {"metadata": {**metadata, "labels": {**labels, **broken}}, "spec": None}
            kubernetes.runs[f"x{number}"] = strange | {"status": {"phase": ["no", {"phase": None}]}}
        kubernetes.cut()  # listed anew
        case.begin(name)
        kubernetes.status(name, phase="Failed", reason="RunnerLost", message="It is gone.")
        assert await case.becomes("CRASHED") == "RunnerLost: It is gone."
