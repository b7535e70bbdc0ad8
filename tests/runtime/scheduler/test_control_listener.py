"""The control listener: who may speak to it, the fence, the long-poll, and what it withstands."""

import http.client
import itertools
import json
import os
import shutil
import socket
import ssl
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from daskflow.runtime.runner.control_client import ControlClient, Refused, Unreachable

from tests.runtime.conftest import TOKEN, Pods, eventually


@pytest.fixture
def control(pods: Pods, monkeypatch: pytest.MonkeyPatch) -> ControlClient:
    """A client of a fresh scheduler's listener, as runner "a"."""
    scheduler = pods.scheduler()
    monkeypatch.setenv("DASKFLOW_DIR", str(pods.secret))
    eventually(scheduler.ready)
    return ControlClient(pods.control_url, "a")


def context(own: Path | None, ca: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca / "ca.crt")
    context.check_hostname = False
    if own is not None:
        context.load_cert_chain(own / "tls.crt", own / "tls.key")
    return context


def get(pods: Pods, context: ssl.SSLContext, headers: dict[str, str], path: str = "/v1/watch") -> int:
    connection = http.client.HTTPSConnection("127.0.0.1", pods.control_port, context=context, timeout=5)
    connection.request("GET", path, headers=headers)
    return connection.getresponse().status


OURS = {"Authorization": f"Bearer {TOKEN}"}


def test_only_the_clusters_own_certificate_and_token_are_heard(
    pods: Pods, control: ControlClient, certificates: Path, foreign_certificates: Path
) -> None:
    assert get(pods, context(certificates, certificates), OURS) == 200
    assert get(pods, context(certificates, certificates), {}) == 401
    assert get(pods, context(certificates, certificates), {"Authorization": "Bearer é"}) == 401
    for stranger in (None, foreign_certificates):
        with pytest.raises((ssl.SSLError, ConnectionError)):
            get(pods, context(stranger, certificates), OURS)


def test_a_listener_of_another_authority_is_not_spoken_to(
    pods: Pods, control: ControlClient, foreign_certificates: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DASKFLOW_DIR", str(foreign_certificates))
    with pytest.raises(Unreachable):
        ControlClient(pods.control_url, "a").lease(None)


def test_where_the_user_brings_dasks_certificates_the_listener_has_its_own(
    pods: Pods, certificates: Path, foreign_certificates: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ca.crt", "tls.crt", "tls.key"):
        shutil.copy(foreign_certificates / name, pods.secret / f"control-{name}")
    scheduler, worker = pods.scheduler(), pods.worker()
    eventually(lambda: scheduler.ready() and worker.ready())
    assert get(pods, context(foreign_certificates, foreign_certificates), OURS) == 200
    with pytest.raises((ssl.SSLError, ConnectionError)):
        get(pods, context(certificates, foreign_certificates), OURS)
    monkeypatch.setenv("DASKFLOW_DIR", str(pods.secret))
    assert ControlClient(pods.control_url, "a").lease(None)["workers"] == 1


def test_without_tls_the_token_still_counts(plain_pods: Pods, monkeypatch: pytest.MonkeyPatch) -> None:
    scheduler = plain_pods.scheduler()
    eventually(scheduler.ready)
    with pytest.raises(Refused) as refused:
        ControlClient(plain_pods.control_url, "a").lease(None)
    assert refused.value.status == 401
    monkeypatch.setenv("DASKFLOW_DIR", str(plain_pods.secret))
    assert ControlClient(plain_pods.control_url, "a").lease(None)["workers"] == 0


def test_the_last_runner_wins_until_one_has_begun(pods: Pods, control: ControlClient) -> None:
    other = ControlClient(pods.control_url, "b")
    control.lease(None)
    other.lease(None)
    control.lease("2026-01-01T00:00:00Z")
    control.lease("2026-01-01T00:00:00Z")
    for begun in (None, "2026-01-01T00:00:01Z"):
        with pytest.raises(Refused) as refused:
            other.lease(begun)
        assert (refused.value.status, refused.value.body) == (409, {"holder": "a"})
    with pytest.raises(Refused):
        other.outcome({"outcome": "Succeeded"})
    assert pods.pods[0].message()["begun"] == "2026-01-01T00:00:00Z"
    assert control.watch(0, 0)["begun"] == "2026-01-01T00:00:00Z"
    assert control.outcome({"outcome": "Succeeded"})["report"]["tasks"] == 0
    assert pods.pods[0].wait(15) == 0
    assert pods.pods[0].message()["outcome"] == {"outcome": "Succeeded"}


def test_nonsense_is_refused_and_does_no_harm(pods: Pods, control: ControlClient) -> None:
    for path, body, status in [
        ("/v1/lease", b"{", 400),
        ("/v1/lease", b"[]", 400),
        ("/v1/lease", b'{"runner": 1}', 400),
        ("/v1/lease", b'{"runner": "a", "begun": 1}', 400),
        ("/v1/outcome", b'{"runner": "a", "outcome": 1}', 400),
        ("/v1/nothing", b"{}", 404),
    ]:
        connection = raw(pods)
        connection.request("POST", path, body, OURS)
        assert connection.getresponse().status == status, body
    with pytest.raises((http.client.HTTPException, OSError)):
        send_too_much(pods)
    assert control.lease(None)["workers"] == 0


def send_too_much(pods: Pods) -> None:
    """Raises because the listener breaks off, or because of its answer."""
    connection = raw(pods)
    connection.request("POST", "/v1/lease", b"x" * (1025 * 1024), OURS)
    if connection.getresponse().status >= 400:
        raise http.client.HTTPException


def raw(pods: Pods) -> http.client.HTTPSConnection:
    ours = context(pods.secret, pods.secret)
    return http.client.HTTPSConnection("127.0.0.1", pods.control_port, context=ours, timeout=5)


def test_an_oversized_outcome_still_fits_the_message(pods: Pods, control: ControlClient) -> None:
    control.lease(None)
    control.outcome({"outcome": "Failed", "message": "\x00" * 5000, "failure": {"mro": [1] * 2000}})
    pods.pods[0].wait(15)
    message = pods.pods[0].message()
    assert message["outcome"]["outcome"] == "Failed"
    assert message["reason"] == "OutcomeReceived"


def test_closed_and_frozen_connections_leave_nothing_behind(pods: Pods, control: ControlClient) -> None:
    control.lease(None)
    version = control.watch(0, 0)["version"]
    descriptors = f"/proc/{pods.pods[0].popen.pid}/fd"
    before = len(os.listdir(descriptors))
    watchers = []
    for _ in range(20):
        connection = raw(pods)
        connection.request("GET", f"/v1/watch?since={version}&timeout=60", headers=OURS)
        watchers.append(connection)
    frozen = [socket.create_connection(("127.0.0.1", pods.control_port)) for _ in range(20)]
    eventually(lambda: len(os.listdir(descriptors)) >= before + 40)
    assert control.lease(None)["version"] == version
    for connection in [*watchers, *frozen]:
        connection.close()
    eventually(lambda: len(os.listdir(descriptors)) <= before + 1)


def test_watch_answers_when_something_changes_and_counts_never_fall(
    pods: Pods, control: ControlClient
) -> None:
    script = """
import time
from distributed import get_client
client = get_client()
for _ in range(3):
    client.gather(client.map(lambda n: n, range(10), pure=False))
    time.sleep(0.7)
"""
    state = control.watch(0, 0)
    start = time.monotonic()
    assert control.watch(state["version"], 0.3)["version"] == state["version"]
    assert time.monotonic() - start >= 0.3
    worker = pods.worker()
    state = control.watch(state["version"], 20)
    assert state["registered"] == 1
    eventually(worker.ready)
    runner = pods.runner({"script": script}, 1)
    seen: list[dict[str, Any]] = []
    versions = [state["version"]]

    def watch() -> None:
        while True:
            try:
                state = control.watch(versions[-1], 20)
            except (Unreachable, Refused):
                return
            versions.append(state["version"])
            seen.append(state["counts"])

    watcher = threading.Thread(target=watch)
    watcher.start()
    assert runner.outcome()["outcome"] == "Succeeded"
    watcher.join()
    assert versions == sorted(versions)
    assert len(versions) < 12  # counts alone: at most once a second
    for earlier, later in itertools.pairwise(seen):
        assert earlier["done"] <= later["done"]
        assert earlier["total"] <= later["total"]
    assert seen[-1]["done"] >= 10


def test_watch_lists_the_workers(pods: Pods, control: ControlClient) -> None:
    pods.worker()
    version = control.watch(0, 0)["version"]
    while control.watch(version, 20)["registered"] == 0:
        pass
    connection = raw(pods)
    connection.request("GET", "/v1/watch", headers=OURS)
    (worker,) = json.loads(connection.getresponse().read())["workers"]
    assert (worker["name"], worker["group"], worker["threads"]) == ("worker-0", "default", 1)


def test_a_standalone_cluster_serves_any_runner_and_stays(plain_pods: Pods) -> None:
    scheduler, (worker,) = plain_pods.cluster(1, DASKFLOW_OWNED="", DASKFLOW_LEASE_FIRST_SECONDS=0.1)
    flow = {"script": "import dask; result = dask.delayed(sum)([1, 2]).compute()"}
    runners = [plain_pods.runner(flow, 1, name) for name in ("one", "two")]
    assert [runner.outcome()["result"] for runner in runners] == [3, 3]
    assert scheduler.popen.poll() is None
    assert worker.popen.poll() is None
