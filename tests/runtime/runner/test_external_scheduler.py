"""A scheduler that is none of ours: no control listener, no lease, only an address."""

import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from daskflow.manifests.certificates import certificate_files
from distributed import LocalCluster, Security

from tests.runtime.conftest import Pods

FLOW = {
    "script": """
from distributed import get_client
result = get_client().submit(sum, range(10)).result()
"""
}


@pytest.fixture
def cluster() -> Iterator[LocalCluster]:
    with LocalCluster(  # type: ignore[no-untyped-call]
        n_workers=1, threads_per_worker=1, processes=False, protocol="tcp://", dashboard_address=None
    ) as cluster:
        yield cluster


def test_a_flow_runs_on_it_and_leaves_nothing_behind(pods: Pods, cluster: LocalCluster) -> None:
    outcome = pods.alone(FLOW, DASK_SCHEDULER_ADDRESS=cluster.scheduler.address)
    assert (outcome["outcome"], outcome["result"]) == ("Succeeded", 45)
    until = time.monotonic() + 10
    while cluster.scheduler.tasks and time.monotonic() < until:
        time.sleep(0.05)
    assert not cluster.scheduler.tasks


@pytest.mark.parametrize("theirs", [True, False], ids=["of its authority", "of another"])
def test_over_tls_the_certificates_have_to_fit(pods: Pods, tmp_path: Path, theirs: bool) -> None:
    files = certificate_files(bytes(32), "their cluster", datetime.now(UTC))
    folder = pods.secret if theirs else tmp_path
    for name, text in files.items():
        (folder / name).write_text(text)
    own = Security(
        require_encryption=True,
        tls_ca_file=str(folder / "ca.crt"),
        **{
            f"tls_{role}_{part}": str(folder / f"tls.{end}")
            for role in ("scheduler", "worker", "client")
            for part, end in (("cert", "crt"), ("key", "key"))
        },
    )
    with LocalCluster(  # type: ignore[no-untyped-call]
        n_workers=1, processes=False, protocol="tls://", dashboard_address=None, security=own
    ) as cluster:
        begun = time.monotonic()
        outcome = pods.alone(FLOW, DASK_SCHEDULER_ADDRESS=cluster.scheduler.address)
    if theirs:
        assert (outcome["outcome"], outcome["result"]) == ("Succeeded", 45)
    else:
        assert (outcome["reason"], outcome["begun"]) == ("SchedulerUnreachable", None)
        assert "these certificates do not fit" in outcome["message"]
        assert time.monotonic() - begun < 20


def test_one_that_does_not_answer_is_unreachable_before_the_flow_begins(pods: Pods) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
    outcome = pods.alone(FLOW, DASK_SCHEDULER_ADDRESS=address, DASKFLOW_CONNECT_SECONDS=1)
    assert (outcome["outcome"], outcome["reason"]) == ("Failed", "SchedulerUnreachable")
    assert outcome["begun"] is None
    assert f"The scheduler at {address} did not answer within 1 s" in outcome["message"]
