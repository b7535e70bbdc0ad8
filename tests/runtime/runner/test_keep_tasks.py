"""The record of each task, kept where spec.report.to says, or a note that says why not."""

import gzip
import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from daskflow.runtime.runner.keep_tasks import without_credentials

from tests.runtime.conftest import Pods, eventually

FLOWS = """
import time
from distributed import get_client

def double(n):
    return 2 * n

def bad(n):
    raise ValueError(n)

def flow():
    client = get_client()
    total = sum(client.gather(client.map(double, range(50))))
    client.submit(bad, 1).exception()
    return total

def dies():
    import os, signal
    os.kill(os.getpid(), signal.SIGKILL)

def hangs():
    time.sleep(60)
"""


def environment(to: Any) -> dict[str, Any]:
    names = {"DASKFLOW_NAMESPACE": "ns", "DASKFLOW_RUN": "etl", "DASKFLOW_ATTEMPT": 2}
    return {"DASKFLOW_REPORT_TO": to, **names}


@pytest.mark.parametrize(("image", "owned", "scheme"), [("", 1, ""), ("", 0, "file://"), ("oldest", 1, "")])
def test_it_is_where_it_was_asked_for(pods: Pods, image: str, owned: int, scheme: str) -> None:
    if image:
        pods.image(image)
    pods.file("flows.py", FLOWS)
    scheduler, _ = pods.cluster(2, DASKFLOW_OWNED=owned)
    folder = pods.folder / "kept"
    outcome = pods.runner({"entrypoint": "flows.py:flow"}, 2, **environment(f"{scheme}{folder}/")).outcome()
    where = f"{scheme}{folder}/ns/etl/2/tasks.json.gz"
    assert outcome["report"]["record"] == where
    if owned:  # its message may be read before the runner's
        assert scheduler.message()["report"]["record"] == where
    record = json.loads(gzip.decompress((folder / "ns" / "etl" / "2" / "tasks.json.gz").read_bytes()))
    assert (record["prefixes"], record["kept"]) == (["double", "bad"], [1, 1])
    assert sorted(record["workers"]) == ["worker-0", "worker-1"]
    assert record["tasks"]["failed"] == [0] * 50 + [1]
    assert all(map(float.__le__, record["tasks"]["start"], record["tasks"]["stop"]))


def test_what_keeps_it_away_is_a_note_and_not_the_runs(plain_pods: Pods) -> None:
    plain_pods.file("flows.py", FLOWS)
    plain_pods.cluster(1)
    (plain_pods.folder / "file").write_text("")
    outcome = plain_pods.runner(
        {"entrypoint": "flows.py:flow"}, 1, **environment(plain_pods.folder / "file")
    ).outcome()
    assert (outcome["outcome"], outcome["result"]) == ("Succeeded", 2450)
    assert "NotADirectoryError" in outcome["report"]["note"]
    assert len(outcome["report"]["note"]) <= 300
    assert "record" not in outcome["report"]


def test_nor_is_a_protocol_that_the_image_lacks(plain_pods: Pods) -> None:
    plain_pods.file("flows.py", FLOWS)
    plain_pods.cluster(1)
    outcome = plain_pods.runner({"entrypoint": "flows.py:flow"}, 1, **environment("odd://bucket")).outcome()
    assert outcome["outcome"] == "Succeeded"
    assert "odd" in outcome["report"]["note"]


def hanging(pods: Pods) -> Path:
    """A place where whoever writes waits for ever."""
    folder = pods.folder / "kept" / "ns" / "etl" / "2"
    folder.mkdir(parents=True)
    os.mkfifo(folder / "tasks.json.gz")  # of which nobody reads
    return pods.folder / "kept"


def test_a_runner_that_dies_while_it_waits_has_told_how_its_flow_ended(plain_pods: Pods) -> None:
    plain_pods.file("flows.py", FLOWS)
    plain_pods.cluster(1)
    runner = plain_pods.runner({"entrypoint": "flows.py:dies"}, 1, **environment(hanging(plain_pods)))
    told = eventually(runner.message, 60)
    assert (told["outcome"], told["reason"]) == ("Failed", "FlowKilled")
    assert runner.popen.poll() is None  # it waits
    runner.signal(signal.SIGKILL)
    runner.wait()
    assert runner.message() == told


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("ftp://me:s3cr@t@host/x/tasks.json.gz", "ftp://me:***@host/x/tasks.json.gz"),
        ("abfs://data@account.dfs.core.windows.net/x", "abfs://data@account.dfs.core.windows.net/x"),
        ("s3://bucket/a:b@c/tasks.json.gz", "s3://bucket/a:b@c/tasks.json.gz"),
        ("403 of https://h/x?sv=1&sig=abc, sorry", "403 of https://h/x?sv=***&sig=*** sorry"),
        ("/data/ns/etl/2/tasks.json.gz", "/data/ns/etl/2/tasks.json.gz"),
    ],
)
def test_no_password_is_told(text: str, shown: str) -> None:
    assert without_credentials(text) == shown


def test_nor_is_one_in_log_or_report(plain_pods: Pods) -> None:
    plain_pods.file("flows.py", FLOWS)
    plain_pods.cluster(1)
    runner = plain_pods.runner(
        {"entrypoint": "flows.py:flow"}, 1, **environment("odd://me:s3cret@host/x?sig=s1gned")
    )
    note = runner.outcome()["report"]["note"]
    assert "odd://me:***@host/x?sig=***" in note
    for secret in ("s3cret", "s1gned"):
        assert secret not in note + runner.log()


def test_a_run_that_was_ended_does_not_wait_for_what_hangs(plain_pods: Pods) -> None:
    plain_pods.file("flows.py", FLOWS)
    scheduler, _ = plain_pods.cluster(1)
    runner = plain_pods.runner({"entrypoint": "flows.py:hangs"}, 1, **environment(hanging(plain_pods)))
    eventually(lambda: scheduler.message().get("begun") and "is a function" in runner.log())
    began = time.monotonic()
    runner.signal(signal.SIGTERM)
    outcome = runner.outcome()
    assert 3 <= time.monotonic() - began < 8
    assert outcome["reason"] == "Terminated"
    assert "it took longer than 3 s" in outcome["report"]["note"]
