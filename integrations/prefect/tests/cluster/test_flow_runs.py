"""Deployments whose flow runs are FlowRuns on the real kubelet: what they come to, on both sides."""

import pytest

from integrations.kubectl import until
from integrations.prefect.tests.world import World


def test_a_deployed_flow_runs_with_its_tasks_on_its_cluster(place: World) -> None:
    run, failing = place.run(n=3), place.run(n=1, fail=True)
    place.reaches(run, "COMPLETED")
    until("its last line", lambda: "Finished in state" in place.server.logs(run))
    (said,) = [line for line in place.server.logs(run).splitlines() if line.startswith("doubled")]
    words = said.split()
    assert words[1] == "6"
    assert "-worker-" in words[3]
    assert "-runner" in words[-1]
    until("the FlowRun's end", lambda: place.phase(run) == "Succeeded")
    (found,) = place.flow_runs(run)
    assert found["status"]["message"].endswith("is Completed.")
    pid = place.server.ask(f"/flow_runs/{run}")["infrastructure_pid"]
    assert pid.endswith(f":{place.namespace.name}:{found['metadata']['name']}")

    message = place.reaches(failing, "FAILED")
    until("its FlowRun's end", lambda: place.phase(failing) == "Failed")
    (found,) = place.flow_runs(failing)
    assert message in found["status"]["message"]
    assert len(found["status"]["attempts"]) == 1


def test_a_cancellation_from_either_side(place: World) -> None:
    theirs, ours, deleted = (place.run(seconds=600) for _ in range(3))
    for each in (theirs, ours, deleted):
        place.reaches(each, "RUNNING")
    place.server.set_state(theirs, "CANCELLING")
    (mine,) = place.flow_runs(ours)
    place.namespace.kubectl(
        "patch", "flowrun", mine["metadata"]["name"], "--type", "merge", "-p", '{"spec":{"cancel":true}}'
    )
    (gone,) = place.flow_runs(deleted)
    place.namespace.kubectl("delete", "flowrun", gone["metadata"]["name"], "--wait=false")
    place.reaches(theirs, "CANCELLED")
    place.reaches(ours, "CANCELLED")
    message = place.reaches(deleted, "CRASHED")
    assert message == f"FlowRun {gone['metadata']['name']} was deleted."
    for each in (theirs, ours):
        until("the FlowRun's end", lambda each=each: place.phase(each) == "Cancelled", picture=place.picture)


def test_a_cancellation_before_anything_runs(place: World) -> None:
    variables = {"node_selector": {"no-such": "node"}}
    run = place.run(variables=variables)
    until(
        "a line in its log", lambda: "Unschedulable" in place.server.logs(run), 60, lambda: place.picture(run)
    )
    place.server.set_state(run, "CANCELLING")
    place.reaches(run, "CANCELLED")
    assert place.phase(run) == "Cancelled"


def test_crashes_say_why(place: World) -> None:
    image = place.run(variables={"image": "docker.io/local/no-such-image:1", "start_deadline": "20s"})
    engine = place.run(die=7)
    refused = place.run(variables={"namespace": "elsewhere"})
    killed = place.run(seconds=600)
    place.reaches(killed, "RUNNING")
    # Before its tasks run, SIGTERM may meet Prefect at work on a message, which it then takes for a failure.
    until("its tasks to run", lambda: place.flow_runs(killed)[0]["status"].get("progress"), 120)
    (found,) = place.flow_runs(killed)
    selector = f"daskflow.dev/run={found['metadata']['name']},daskflow.dev/component=runner"
    place.namespace.kubectl("delete", "pod", "--selector", selector, "--grace-period", "0", "--force")
    assert "The job variable namespace is elsewhere" in place.reaches(refused, "CRASHED")
    assert "RunnerLost" in place.reaches(killed, "CRASHED")
    assert "exited with status code: 7" in place.reaches(engine, "CRASHED")
    until("the FlowRun's end", lambda: place.phase(engine) == "Failed")
    assert "image" in place.reaches(image, "CRASHED").lower()
    assert "ImagePullFailed" in place.server.logs(image)


def test_a_pause_and_a_retry(place: World) -> None:
    run, patient, native = place.run("suspended"), place.run("patient"), place.run("native")
    place.reaches(run, "PAUSED")
    until("the first FlowRun's end", lambda: place.phase(run) == "Succeeded")
    (first,) = place.flow_runs(run)
    assert "Prefect goes on with it in another FlowRun" in first["status"]["message"]
    place.server.ask(f"/flow_runs/{run}/resume", {})
    place.reaches(patient, "PAUSED")
    place.server.ask(f"/flow_runs/{patient}/resume", {})
    place.reaches(run, "COMPLETED")
    assert len(place.flow_runs(run)) == 2
    place.reaches(patient, "COMPLETED")
    assert len(place.flow_runs(patient)) == 1
    place.reaches(native, "COMPLETED")
    assert len(place.flow_runs(native)) == 1
    until("its log", lambda: "try 2" in place.server.logs(native))
    # By hand, as in the UI: a FlowRun of its own again.
    place.server.set_state(native, "SCHEDULED", "AwaitingRetry")
    until("a second FlowRun", lambda: len(place.flow_runs(native)) == 2, picture=place.picture)
    until("the third try", lambda: "try 3" in place.server.logs(native))
    place.reaches(native, "COMPLETED")


@pytest.mark.parametrize("count", [1])
def test_secrets_are_none_of_the_spec(place: World, count: int) -> None:
    variables = {"env": {"PREFECT_API_AUTH_STRING": "admin:word"}}
    runs = [place.run(variables=variables) for _ in range(count)]
    place.reaches(runs[0], "COMPLETED")
    (found,) = place.flow_runs(runs[0])
    assert "admin:word" not in str(found)
    secret = place.namespace.get("secret", f"{found['metadata']['name']}-prefect")
    assert secret is not None
    assert secret["metadata"]["ownerReferences"][0]["uid"] == found["metadata"]["uid"]
