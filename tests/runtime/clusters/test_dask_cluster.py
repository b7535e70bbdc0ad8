"""A flow that makes a cluster for itself, against an API server of a few lines: real HTTPS, real Dask."""

import json
import signal
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from daskflow.api.daskcluster import DaskClusterSpec
from daskflow.cli.local.validation import checked

from tests.runtime.conftest import Pods, eventually

ACCOUNT_TOKEN = "account-token"
PATH = "/apis/daskflow.dev/v1alpha1/namespaces/data/daskclusters"
BASIS = {
    "image": "flows:1",
    "env": [{"name": "BUCKET", "value": "raw"}, {"name": "LEVEL", "value": "1"}],
    "security": {"runAsUser": 7, "networkPolicy": {"clients": [{"podSelector": {}}]}},
}
FLOW = """
import os, sys
from daskflow.runtime import Cluster

def double(x):
    return 2 * x

def flow(end=""):
    with Cluster(workers=1, threads=1, env={"LEVEL": "2"}, spec={"scheduler": {"args": ["-v"]}}) as cluster:
        total = sum(cluster.client.gather(cluster.client.map(double, range(10))))
        if os.fork() == 0:
            sys.exit()  # with the atexit handlers of the flow's process
        os.wait()
        assert cluster.client.submit(sum, [1]).result() == 1
        if end == "raise":
            raise ValueError("day 32")
        if end == "wait":
            print("waiting", flush=True)
            import time
            time.sleep(60)
    return [total, str(cluster)]

def without_with():
    return Cluster(workers=1).__enter__().client.submit(sum, [1, 2]).result()
"""


class Api:
    """DaskClusters in memory, all with one address, of a real cluster."""

    def __init__(self, address: str) -> None:
        self.objects: dict[str, dict[str, Any]] = {}
        self.created: list[dict[str, Any]] = []
        self.deleted: list[str] = []
        self.tokens: set[str] = set()
        self.address = address
        self.status: dict[str, Any] = {}
        """If given, the status instead of a cluster that is ready."""
        self.refuse: tuple[int, str] | None = None
        self.lose_answers = 0
        """So many creates take effect and are not answered."""

    def create(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if self.refuse:
            return self.refuse[0], {"message": self.refuse[1]}
        name = body["metadata"]["name"]
        if name in self.objects:
            return 409, {"message": "already exists"}
        self.created.append(body)
        self.objects[name] = {**body, "metadata": {**body["metadata"], "uid": f"uid-{len(self.created)}"}}
        return 201, self.objects[name]

    def get(self, name: str) -> tuple[int, dict[str, Any]]:
        if name not in self.objects:
            return 404, {"message": "not found"}
        status = self.status or {"phase": "Ready", "address": self.address}
        return 200, {**self.objects[name], "status": status}

    def delete(self, name: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if name not in self.objects:
            return 404, {"message": "not found"}
        if body["preconditions"]["uid"] != self.objects[name]["metadata"]["uid"]:
            return 409, {"message": "uid differs"}
        del self.objects[name]
        self.deleted.append(name)
        return 200, {}


class _Handler(BaseHTTPRequestHandler):
    api: Api

    def _serve(self) -> None:
        self.api.tokens.add(self.headers["Authorization"])
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        path, _, name = self.path.partition("?")[0].partition(PATH)
        if path:
            return self._answer(404, {"message": f"no {self.path}"})
        answers = {"POST": lambda: self.api.create(body), "GET": lambda: self.api.get(name[1:])}
        answers["DELETE"] = lambda: self.api.delete(name[1:], body)
        answer = answers[self.command]()
        if self.command == "POST" and self.api.lose_answers:
            self.api.lose_answers -= 1
            return self.connection.close()
        return self._answer(*answer)

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_DELETE = _serve

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, pyz: bytes, certificates: Path) -> Iterator[str]:
    """Of a standing cluster, which plays those that the flows of these tests make one after another."""
    pods = Pods(tmp_path_factory.mktemp("made"), pyz, certificates)
    pods.file("own.py", FLOW)
    pods.cluster(1, DASKFLOW_OWNED="")
    yield f"tls://127.0.0.1:{pods.port}"
    assert all(pod.popen.poll() is None for pod in pods.pods)
    pods.end()


@pytest.fixture
def api(pods: Pods, certificates: Path, tmp_path: Path, address: str) -> Iterator[Api]:
    """An API server with the certificates of the test's CA; the account's files are beside it."""
    api = Api(address)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"api": api}))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / "tls.crt", certificates / "tls.key")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    account = tmp_path / "account"
    account.mkdir()
    (account / "token").write_text(ACCOUNT_TOKEN + "\n")
    (account / "ca.crt").write_bytes((certificates / "ca.crt").read_bytes())
    pods.file("own.py", FLOW)
    api.environment = {  # type: ignore[attr-defined]
        "KUBERNETES_SERVICE_HOST": "127.0.0.1",
        "KUBERNETES_SERVICE_PORT": server.server_port,
        "DASKFLOW_ACCOUNT": account,
        "DASKFLOW_NAMESPACE": "data",
        "DASKFLOW_RUN": "etl",
        "DASKFLOW_RUN_UID": "run-uid",
        "DASKFLOW_ATTEMPT": "2",
        "DASKFLOW_POD": "etl-x7k2p-2-runner",
        "DASKFLOW_SECRET": "etl-x7k2p-2-bcdfg",
        "DASKFLOW_CLUSTER": json.dumps(BASIS),
    }
    yield api
    server.shutdown()
    server.server_close()


def _run(pods: Pods, api: Any, entrypoint: str = "own.py:flow", **parameters: Any) -> dict[str, Any]:
    return pods.alone({"entrypoint": entrypoint, "parameters": parameters}, **api.environment)


def test_the_flow_gets_a_cluster_which_goes_with_the_block(pods: Pods, api: Api) -> None:
    api.lose_answers = 1
    outcome = _run(pods, api)
    assert outcome["result"][0] == 90, outcome
    (made,) = api.created
    assert made["metadata"]["name"].startswith("etl-x7k2p-2-")
    assert len(made["metadata"]["name"]) <= 50
    assert made["metadata"]["labels"] == {"daskflow.dev/run": "etl", "daskflow.dev/attempt": "2"}
    assert made["metadata"]["ownerReferences"] == [
        {"apiVersion": "daskflow.dev/v1alpha1", "kind": "FlowRun", "name": "etl", "uid": "run-uid"}
    ]
    assert made["spec"] == {
        "image": "flows:1",
        "env": [{"name": "BUCKET", "value": "raw"}, {"name": "LEVEL", "value": "2"}],
        "security": {
            "runAsUser": 7,
            "tls": {"mode": "Secret", "secretName": "etl-x7k2p-2-bcdfg"},
            "networkPolicy": {"clients": [{"podSelector": {}}]},
        },
        "idleTimeout": "2m",
        "workers": {"replicas": 1, "threads": 1},
        "scheduler": {"args": ["-v"]},
    }
    assert api.deleted == [made["metadata"]["name"]]
    assert api.tokens == {f"Bearer {ACCOUNT_TOKEN}"}
    spec, _ = checked(made)  # the API takes it
    assert isinstance(spec, DaskClusterSpec)
    assert spec.workers.replicas == 1


def test_it_goes_when_the_flow_raises(pods: Pods, api: Api) -> None:
    outcome = _run(pods, api, end="raise")
    assert (outcome["reason"], len(api.deleted)) == ("FlowFailed", 1)
    assert "day 32" in outcome["message"]


def test_it_goes_when_the_flow_is_told_to_end(pods: Pods, api: Any) -> None:
    runner = pods.runner(
        {"entrypoint": "own.py:flow", "parameters": {"end": "wait"}}, None, **api.environment
    )
    eventually(lambda: "waiting" in runner.log())
    runner.signal(signal.SIGTERM)
    assert runner.outcome()["reason"] == "Terminated"
    assert len(api.deleted) == 1


def test_it_goes_with_the_process_that_did_not_close_it(pods: Pods, api: Api) -> None:
    assert _run(pods, api, "own.py:without_with")["result"] == 3
    assert len(api.deleted) == 1


def test_a_cluster_that_fails_is_explained_and_removed(pods: Pods, api: Api) -> None:
    api.status = {"phase": "Failed", "reason": "QuotaExceeded", "message": "pods are at their quota of 3."}
    outcome = _run(pods, api)
    assert "QuotaExceeded: pods are at their quota of 3." in outcome["message"]
    assert len(api.deleted) == 1


def test_a_missing_right_is_explained(pods: Pods, api: Api) -> None:
    api.refuse = (403, "daskclusters is forbidden: User cannot create resource")
    assert "cannot create resource" in _run(pods, api)["message"]


def test_a_pod_without_a_token_is_explained(pods: Pods, api: Any) -> None:
    api.environment["DASKFLOW_ACCOUNT"] = "/nowhere"
    assert "automountServiceAccountToken: true" in _run(pods, api)["message"]


def test_a_cluster_is_encrypted_unless_the_run_says_otherwise(pods: Pods, api: Any) -> None:
    (pods.secret / "ca.crt").unlink()
    assert "set spec.security.tls.mode: Disabled" in _run(pods, api)["message"]
    assert api.created == []


def test_tasks_cannot_make_clusters(pods: Pods, api: Any) -> None:
    for name in ("DASKFLOW_RUN_UID", "DASKFLOW_SECRET"):
        api.environment[name] = ""
    assert "tasks cannot make clusters" in _run(pods, api)["message"]


def test_any_python_within_a_run_can_import_it(pods: Pods) -> None:
    code = "from daskflow.runtime import Cluster; print(Cluster(workers=1))"
    runner = pods.runner({"command": ["python3", "-c", code]}, None, PYTHONPATH="/opt/theirs")
    assert runner.outcome()["outcome"] == "Succeeded", runner.log()
    assert "<Cluster not running>" in runner.log()


def test_an_image_keeps_its_own_daskflow(pods: Pods) -> None:
    pods.file("daskflow/__init__.py", "name = 'theirs'")
    pods.file("daskflow/client.py", "")
    pods.file(
        "both.py",
        "import daskflow.client\nfrom daskflow.runtime import Cluster\nflow = lambda: daskflow.name",
    )
    assert pods.alone({"entrypoint": "both.py:flow"})["result"] == "theirs"
