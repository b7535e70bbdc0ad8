"""Tasks of type dask as Flyte's own executor runs them on our operator, step by step in its words."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from integrations.flyte.program import SOURCES, Flyte, built
from integrations.kubectl import IMAGE, Namespace, namespace, until

SUM = "from dask.distributed import Client; print(Client().submit(sum, [1, 2]).result())"
SLOW = "import time; from dask.distributed import Client; Client(); time.sleep(600)"
KIND = "daskjobs.kubernetes.dask.org"


@pytest.fixture
def program() -> Path:
    """Flyte's plugin."""
    found = built()
    if found is None:
        pytest.skip(f"Flyte's module for Go is not to be had here: `make flyte` with {SOURCES} builds it")
    return found


@pytest.fixture
def place() -> Iterator[Namespace]:
    with namespace(restricted=False) as made:
        yield made


def word(place: Namespace) -> str:
    """The job's word of its status."""
    return str(((place.get(KIND, "sums") or {}).get("status") or {}).get("jobStatus", ""))


def phases(said: list[dict[str, Any]]) -> list[str]:
    """Without repetitions."""
    found = [each["phase"] for each in said]
    return [word for number, word in enumerate(found) if number == 0 or word != found[number - 1]]


def test_a_task_succeeds(program: Path, place: Namespace) -> None:
    flyte = Flyte(program, place.name, "sums", "--image", IMAGE, "--finalizer")
    flyte.run("launch", "python3", "-c", SUM)
    said = flyte.run("watch")
    assert phases(said)[-2:] == ["PhaseRunning", "PhaseSuccess"], said
    assert set(phases(said)) <= {"PhaseQueued", "PhaseInitializing", "PhaseRunning", "PhaseSuccess"}
    assert said[-1]["pod"] == "sums-runner"
    before = place.get(KIND, "sums")
    assert before is not None
    assert before["metadata"]["finalizers"] == ["flyte/flytek8s"]
    flyte.run("finalize")
    after = place.get(KIND, "sums")
    assert after is not None
    assert "finalizers" not in after["metadata"]
    assert after["status"] == before["status"]
    assert set(after["status"]) == {"jobStatus", "clusterName", "jobRunnerPodName", "startTime", "endTime"}
    assert after["spec"] == before["spec"]
    assert place.get("pod", "sums-runner") is not None
    until("the cluster to be gone", lambda: not place.items("pod", "dask.org/component=scheduler"))


def test_a_program_that_fails_is_tried_again_by_flyte(program: Path, place: Namespace) -> None:
    flyte = Flyte(program, place.name, "sums", "--image", IMAGE)
    flyte.run("launch", "python3", "-c", "raise SystemExit(3)")
    said = flyte.run("watch")
    assert said[-1]["phase"] == "PhaseRetryableFailure", said
    until("the job's end", lambda: word(place) == "Failed")


def test_an_image_that_is_not_there_fails_fast(program: Path, place: Namespace) -> None:
    flyte = Flyte(program, place.name, "sums", "--image", "registry.invalid/none:1", "--patience", "5s")
    flyte.run("launch")
    said = flyte.run("watch")
    assert said[-1]["phase"] == "PhaseRetryableFailure", said
    assert "ImagePullBackOff" in said[-1]["code"]
    job = place.get(KIND, "sums")
    assert job is not None
    assert job["status"]["jobStatus"] == "ClusterCreated"
    assert "ImagePullFailed" in job["metadata"]["annotations"]["daskflow.dev/message"]
    flyte.run("abort")
    until("all to be gone", lambda: not place.items("pod"))


@pytest.mark.parametrize("finalizer", [False, True])
def test_a_job_that_somebody_deletes_is_lost(program: Path, place: Namespace, finalizer: bool) -> None:
    flags = ("--image", IMAGE, *(("--finalizer",) if finalizer else ()))
    flyte = Flyte(program, place.name, "sums", *flags)
    flyte.run("launch", "python3", "-c", SLOW)
    until("Running", lambda: word(place) == "Running", 90)
    schedulers = [each for each in place.items("pod") if "scheduler" in each["metadata"]["name"]]
    assert [each["metadata"]["name"] for each in schedulers] == ["sums-scheduler"]
    (service,) = place.items("service", "dask.org/component=scheduler")
    assert service["spec"]["type"] == "NodePort"
    watching = flyte.watching()
    place.kubectl("delete", KIND, "sums", "--wait=false")
    out, _ = watching.communicate(timeout=120)
    last = out.splitlines()[-1]
    if finalizer:
        assert "UnexpectedObjectDeletion" in last or "RetryableFailure" in last, out
    else:
        assert "ResourceDeletedExternally" in last, out
    flyte.run("finalize")
    until("all to be gone", lambda: not place.items("pod") and place.get(KIND, "sums") is None, 90)
