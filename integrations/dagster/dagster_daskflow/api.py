"""What of Kubernetes is asked, by its own Python client: FlowRuns, their runners' pods, and their logs."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kubernetes import client, config
from kubernetes.client.exceptions import ApiException
from urllib3.exceptions import HTTPError

from dagster_daskflow.flowrun import GROUP, PLURAL, VERSION

Object = dict[str, Any]

UNREACHABLE = (HTTPError, OSError)
"""What is raised when no answer comes."""
_SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")
_SECONDS = (10, 30)
"""For a connection, and between two pieces of an answer."""


_TOO_LARGE = ("request is too large", "larger than max")
"""What etcd says of a write, and what its client in the API server does; both answered as 500."""


def too_large(error: Exception) -> bool:
    """Whether it is about an object that the cluster's store does not take."""
    if not isinstance(error, ApiException):
        return False
    said = str(error.body or error.reason)
    return error.status == 413 or ((error.status or 0) >= 500 and any(words in said for words in _TOO_LARGE))


def passing(error: Exception) -> bool:
    """Whether a request may succeed when it is made again."""
    if isinstance(error, ApiException):
        again = error.status == 429 or not error.status or error.status >= 500
        return again and not too_large(error)
    return isinstance(error, UNREACHABLE)


class Api:
    """FlowRuns of one namespace. Raises ApiException for answers but 2xx, and what is in UNREACHABLE."""

    def __init__(self, namespace: str | None, context: str | None, kubeconfig: str | None) -> None:
        configuration = client.Configuration()
        inside = not (context or kubeconfig or os.environ.get("KUBECONFIG")) and _SERVICE_ACCOUNT.exists()
        if inside:
            config.load_incluster_config(client_configuration=configuration)
            own = _SERVICE_ACCOUNT.read_text().strip()
        else:
            config.load_kube_config(kubeconfig, context, client_configuration=configuration)
            own = _current_namespace(kubeconfig, context)
        self.namespace = namespace or own
        api = client.ApiClient(configuration)
        self._objects = client.CustomObjectsApi(api)
        self._core = client.CoreV1Api(api)

    def create(self, run: Object) -> bool:
        """Whether it was created; False when one of that name is there."""
        try:
            self._objects.create_namespaced_custom_object(
                GROUP, VERSION, self.namespace, PLURAL, run, _request_timeout=_SECONDS
            )
        except ApiException as error:
            if error.status == 409:
                return False
            raise
        return True

    def get(self, name: str) -> Object | None:
        """The FlowRun, None if it is gone."""
        try:
            return dict(
                self._objects.get_namespaced_custom_object(
                    GROUP, VERSION, self.namespace, PLURAL, name, _request_timeout=_SECONDS
                )
            )
        except ApiException as error:
            if error.status == 404:
                return None
            raise

    def labelled(self, selector: str) -> list[Object]:
        """FlowRuns with these labels."""
        found = self._objects.list_namespaced_custom_object(
            GROUP, VERSION, self.namespace, PLURAL, label_selector=selector, _request_timeout=_SECONDS
        )
        return list(found["items"])

    def cancel(self, name: str) -> None:
        """Ask the operator to end the run, if it is there."""
        try:
            self._objects.patch_namespaced_custom_object(
                GROUP,
                VERSION,
                self.namespace,
                PLURAL,
                name,
                {"spec": {"cancel": True}},
                _request_timeout=_SECONDS,
            )
        except ApiException as error:
            if error.status != 404:
                raise

    def runners(self, name: str) -> list[client.V1Pod]:
        """The pods in which the run's attempts run, or have run."""
        selector = f"{GROUP}/run={name},{GROUP}/component=runner"
        listed = self._core.list_namespaced_pod(
            self.namespace, label_selector=selector, _request_timeout=_SECONDS
        )
        return list(listed.items)

    def pod(self, name: str) -> client.V1Pod | None:
        """A pod, None if it is gone."""
        try:
            return self._core.read_namespaced_pod(name, self.namespace, _request_timeout=_SECONDS)
        except ApiException as error:
            if error.status == 404:
                return None
            raise

    def log(self, pod: str, container: str, since: int | None) -> Iterator[bytes]:
        """Pieces of a container's log, each line after its time, until the container ends."""
        answer = self._core.read_namespaced_pod_log(
            pod,
            self.namespace,
            container=container,
            follow=True,
            timestamps=True,
            since_seconds=since,
            _preload_content=False,
            _request_timeout=(10, 300),
        )
        try:
            yield from answer.stream(amt=None)
        finally:
            answer.release_conn()


def _current_namespace(kubeconfig: str | None, context: str | None) -> str:
    contexts, active = config.list_kube_config_contexts(kubeconfig)
    found = next((each for each in contexts if each["name"] == context), active)
    return str(found["context"].get("namespace") or "default")
