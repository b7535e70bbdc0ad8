"""What tests and benchmarks need of a Kubernetes API: a few verbs over plain JSON, and waiting."""

import json
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import yaml
from daskflow.api.names import kind_of
from kubernetes import client, config
from kubernetes.client.exceptions import ApiException

Object = dict[str, Any]

_PATHS = {
    "Namespace": "/api/v1/namespaces",
    "Node": "/api/v1/nodes",
    "Pod": "/api/v1/namespaces/{}/pods",
    "Service": "/api/v1/namespaces/{}/services",
    "Secret": "/api/v1/namespaces/{}/secrets",
    "NetworkPolicy": "/apis/networking.k8s.io/v1/namespaces/{}/networkpolicies",
    "ConfigMap": "/api/v1/namespaces/{}/configmaps",
    "LimitRange": "/api/v1/namespaces/{}/limitranges",
    "ResourceQuota": "/api/v1/namespaces/{}/resourcequotas",
    "Event": "/api/v1/namespaces/{}/events",
    "Deployment": "/apis/apps/v1/namespaces/{}/deployments",
    "FlowRun": "/apis/daskflow.dev/v1alpha1/namespaces/{}/flowruns",
    "DaskCluster.kubernetes.dask.org": "/apis/kubernetes.dask.org/v1/namespaces/{}/daskclusters",
    "DaskWorkerGroup": "/apis/kubernetes.dask.org/v1/namespaces/{}/daskworkergroups",
    "DaskAutoscaler": "/apis/kubernetes.dask.org/v1/namespaces/{}/daskautoscalers",
    "DaskJob": "/apis/kubernetes.dask.org/v1/namespaces/{}/daskjobs",
    "DaskCluster": "/apis/daskflow.dev/v1alpha1/namespaces/{}/daskclusters",
    "FlowSchedule": "/apis/daskflow.dev/v1alpha1/namespaces/{}/flowschedules",
    "ClusterPool": "/apis/daskflow.dev/v1alpha1/namespaces/{}/clusterpools",
}
PERIOD = 0.05
"""Seconds between two looks while waiting."""
TERMINAL = ("Succeeded", "Failed", "Cancelled")
"""Phases of runs that have ended."""
PODS_ENDS = ("Succeeded", "Failed")
"""Those of pods."""


class Kube:
    """One namespace, or another where it is named."""

    def __init__(self, namespace: str = "default") -> None:
        self.namespace = namespace
        self._api = client.ApiClient(config.load_kube_config() or client.Configuration.get_default_copy())

    def within(self, namespace: str) -> "Kube":
        """The same API, in another namespace."""
        return Kube(namespace)

    def call(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """One request; raises kubernetes' ApiException for any answer but 2xx."""
        return json.loads(self._raw(method, path, body, query))

    def _raw(self, method: str, path: str, body: Any, query: Mapping[str, Any]) -> bytes:
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        request = self._api.param_serialize(
            method,
            path,
            query_params=[(key, value) for key, value in query.items() if value not in ("", None)],
            header_params={"Content-Type": kind, "Accept": "application/json, */*"},
            body=body,
            auth_settings=["BearerToken"],
        )
        answer = self._api.call_api(*request)
        data: bytes = answer.read()
        if not 200 <= answer.status <= 299:
            raise ApiException(status=answer.status, reason=data.decode())
        return data

    def path(self, kind: str, name: str = "") -> str:
        """The path of a kind's collection, or of one object."""
        return _PATHS[kind].format(self.namespace) + (f"/{name}" if name else "")

    def get(self, kind: str, name: str) -> Object | None:
        """The object, None if there is none."""
        try:
            found: Object = self.call("GET", self.path(kind, name))
        except ApiException as error:
            if error.status == 404:
                return None
            raise
        return found

    def items(self, kind: str, selector: str = "") -> list[Object]:
        """All of a kind in the namespace."""
        items: list[Object] = self.call("GET", self.path(kind), labelSelector=selector)["items"]
        return items

    def create(self, body: Object) -> Object:
        """Creates an object in the namespace."""
        body = {**body, "metadata": {"namespace": self.namespace, **body["metadata"]}}
        created: Object = self.call("POST", self.path(kind_of(body)), body, fieldValidation="Strict")
        return created

    def patch(self, kind: str, name: str, body: Object) -> Object:
        """A JSON merge patch."""
        patched: Object = self.call("PATCH", self.path(kind, name), body)
        return patched

    def delete(self, kind: str, name: str, grace: int | None = None) -> None:
        """Deletes an object, if it is there."""
        options = {} if grace is None else {"gracePeriodSeconds": grace}
        try:
            self.call("DELETE", self.path(kind, name), options)
        except ApiException as error:
            if error.status != 404:
                raise

    def logs(self, pod: str, **query: Any) -> str:
        """A pod's log so far."""
        return self._raw("GET", self.path("Pod", pod) + "/log", None, query).decode(errors="replace")

    def logs_if_any(self, pod: str) -> str:
        """The same; empty as long as there is none."""
        try:
            return self.logs(pod)
        except ApiException:
            return ""

    def wait(self, what: str, condition: Callable[[], Any], seconds: float = 60) -> Any:
        """The first true answer of `condition`; fails with `what` and what there is after so many seconds."""
        until = time.monotonic() + seconds
        while True:
            found = condition()
            if found:
                return found
            if time.monotonic() > until:
                raise AssertionError(f"waited {seconds} s for {what}\n{self.picture()}")
            time.sleep(PERIOD)

    def picture(self) -> str:
        """All that is in the namespace, in a line each: for the message of a failed test."""
        lines = [f"namespace {self.namespace}"]
        for kind in ("FlowSchedule", "ClusterPool", "FlowRun", "DaskCluster", "Pod"):
            for item in self.items(kind):
                status = item.get("status") or {}
                words = [status.get(name) for name in ("phase", "reason", "message")]
                lines.append(f"{kind} {item['metadata']['name']}: {words}")
        return "\n".join(lines)

    def status(self, kind: str, name: str) -> Object:
        """An object's status, empty while there is none."""
        return dict((self.get(kind, name) or {}).get("status") or {})

    def run_status(self, name: str) -> Object:
        """A FlowRun's."""
        return self.status("FlowRun", name)

    def reached(self, kind: str, name: str, *phases: str, seconds: float = 60) -> Object:
        """An object's status once it is in one of these phases."""

        def there() -> Object | None:
            status = self.status(kind, name)
            return status if status.get("phase") in phases else None

        status: Object = self.wait(f"{kind} {name} to be {' or '.join(phases)}", there, seconds)
        return status

    def ended(self, name: str, seconds: float = 90) -> Object:
        """A FlowRun's status once its phase is terminal."""
        return self.reached("FlowRun", name, *TERMINAL, seconds=seconds)

    def result(self, name: str, seconds: float = 90) -> Any:
        """What a FlowRun has brought once it has succeeded; another end fails with its reason."""
        status = self.ended(name, seconds)
        assert status["phase"] == "Succeeded", f"{name}: {status.get('reason')}: {status.get('message')}"
        return status.get("result")

    def printed(self, pod: str, seconds: float = 60) -> str:
        """A pod's whole log, once the pod has ended, well or not."""
        self.reached("Pod", pod, *PODS_ENDS, seconds=seconds)
        return self.logs(pod)

    def runners(self, run: str) -> list[Object]:
        """The runners' pods of a FlowRun, one an attempt that is kept."""
        return self.items("Pod", f"daskflow.dev/component=runner,daskflow.dev/run={run}")

    def runner_log(self, run: str) -> str:
        """What a FlowRun's runners have said so far."""
        return "\n".join(self.logs_if_any(pod["metadata"]["name"]) for pod in self.runners(run))

    def living(self) -> list[str]:
        """Names of the pods that have not ended."""
        pods = self.items("Pod")
        return [pod["metadata"]["name"] for pod in pods if pod["status"].get("phase") not in PODS_ENDS]

    def events(self, name: str) -> list[tuple[str, str]]:
        """Type and reason of all Events about an object of this name, oldest first."""
        about = [event for event in self.items("Event") if event["involvedObject"]["name"] == name]
        return [(event["type"], event["reason"]) for event in about]

    def owned(self, name: str) -> list[str]:
        """Kind and name of all that belongs to a FlowRun's attempts, by label."""
        return [
            f"{kind} {item['metadata']['name']}"
            for kind in ("DaskCluster", "Pod", "Service", "Secret", "NetworkPolicy")
            for item in self.items(kind, "app.kubernetes.io/managed-by=daskflow")
            if item["metadata"]["name"].startswith(f"{name}-")
        ]


@contextmanager
def namespace(restricted: bool = True) -> Iterator[Kube]:
    """A new namespace, gone afterwards; by default one that enforces Pod Security `restricted`."""
    kube = Kube(f"test-{uuid4().hex[:8]}")
    labels = {"pod-security.kubernetes.io/enforce": "restricted"} if restricted else {}
    kube.call("POST", _PATHS["Namespace"], {"metadata": {"name": kube.namespace, "labels": labels}})
    try:
        yield kube
    finally:
        kube.call("DELETE", f"{_PATHS['Namespace']}/{kube.namespace}")


def kubectl(*arguments: str, text: str | None = None) -> "subprocess.CompletedProcess[str]":
    """kubectl as a user types it; `text` is its standard input."""
    return subprocess.run(["kubectl", *arguments], input=text, capture_output=True, text=True, check=False)


def apply(kube: Kube, *objects: Object) -> "subprocess.CompletedProcess[str]":
    """`kubectl apply -f -` of these objects, into the namespace."""
    return kubectl("apply", "-n", kube.namespace, "-f", "-", text=yaml.safe_dump_all(objects))


def poisoned(kube: Kube, run: Object, levels: int) -> "subprocess.CompletedProcess[str]":
    """Creates a FlowRun with a parameter of so many lists in each other, which no decoder here could read."""
    run = {**run, "spec": {**run["spec"], "flow": {**run["spec"]["flow"], "parameters": {"x": "poison"}}}}
    text = json.dumps(run).replace('"poison"', "[" * levels + "]" * levels)
    return kubectl("create", "--raw", kube.path("FlowRun"), "-f", "-", text=text)


def field(kube: Kube, kind: str, name: str, path: str) -> str:
    """A field of an object as kubectl reads it, whatever else is in it; "" if it is not there."""
    found = kubectl("get", "-n", kube.namespace, kind, name, "-o", f"jsonpath={{{path}}}")
    assert found.returncode == 0, found.stderr
    return found.stdout
