"""What is asked of the API server, through Airflow's hook and connection of the Kubernetes provider."""

import json
import time
from collections.abc import Callable
from typing import Any, TypeVar

from airflow.providers.cncf.kubernetes.hooks.kubernetes import AsyncKubernetesHook, KubernetesHook
from airflow.providers.common.compat.sdk import AirflowException, AirflowFailException
from kubernetes.client import ApiException, CustomObjectsApi
from urllib3.exceptions import HTTPError

from airflow_provider_daskflow.flowrun import GROUP, PLURAL, VERSION
from airflow_provider_daskflow.outcome import ANNOTATION_GIVEN_UP, Run
from airflow_provider_daskflow.task_try import ANNOTATION_REPORTED, LABEL_TASK_INSTANCE, TaskTry, belongs

RESOURCE: dict[str, Any] = {"group": GROUP, "version": VERSION, "plural": PLURAL}
CANCEL = {"metadata": {"annotations": {ANNOTATION_GIVEN_UP: "true"}}, "spec": {"cancel": True}}
"""By a task or its trigger, which is told to end; of anybody else's cancellation the run does not say so."""
PATIENCE = 300.0
"""Seconds that the API server may refuse us (401, 403): credentials and rights may be being renewed."""
_LONGEST_PAUSE = 30.0
_LAST_WORDS = 10.0
"""Seconds that a task which is being killed takes to cancel its run; Airflow may then kill it for good."""

_TOO_LARGE = ("request is too large", "larger than max")
"""What etcd says of a write, and what its client in the API server does; both answered as 500."""

T = TypeVar("T")


class Patience:
    """For how long the API server may fail before it is no use to ask again."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._refused_since: float | None = None
        self._failures = 0

    def answered(self) -> None:
        """It has answered what it was asked for."""
        self._refused_since = None
        self._failures = 0

    def pause(self, status: int | None) -> float | None:
        """Seconds until the next try after an HTTP status (None: no answer at all); None: give up."""
        self._failures += 1
        if status in (401, 403):
            now = self._clock()
            self._refused_since = now if self._refused_since is None else self._refused_since
            if now - self._refused_since > PATIENCE:
                return None
        elif status and 400 <= status < 500 and status not in (408, 410, 429):
            return None
        return float(min(2.0 ** min(self._failures, 10), _LONGEST_PAUSE))


class DaskflowHook(KubernetesHook):
    """FlowRuns, for a task's own process. Methods go on asking while the API server does not answer."""

    @classmethod
    def of(cls, task: Any) -> "DaskflowHook":
        """With the connection that a task's arguments name."""
        return cls(
            conn_id=task.kubernetes_conn_id,
            in_cluster=task.in_cluster,
            config_file=task.config_file,
            cluster_context=task.cluster_context,
        )

    def for_trigger(self) -> dict[str, Any]:
        """The same connection for the triggerer, whose hook does not find out that it is in a cluster."""
        return {
            "kubernetes_conn_id": self.conn_id,
            "in_cluster": self.is_in_cluster or self.in_cluster,
            "config_file": self.config_file,
            "cluster_context": self.cluster_context,
        }

    @property
    def _objects(self) -> CustomObjectsApi:
        return self.custom_object_client

    def create(self, run: Run, task: TaskTry) -> Run:
        """Create it, or find that this very try has done so already. Raises AirflowException."""
        metadata = run["metadata"]
        where = {**RESOURCE, "namespace": metadata["namespace"]}
        try:
            created: Run = self._asked(
                lambda: self._objects.create_namespaced_custom_object(body=run, **where)
            )
        except ApiException as error:
            if error.status != 409:
                raise refused(error, "create", metadata["namespace"]) from None
            there = self.get(metadata["name"], metadata["namespace"])
            if there and belongs(there, task):
                return there
            text = (
                f"a FlowRun {metadata['namespace']}/{metadata['name']} is there that this task has not made"
            )
            raise AirflowFailException(f"{text}; delete it, or give the operator another name") from None
        return created

    def get(self, name: str, namespace: str) -> Run | None:
        """None when there is no such run. Raises AirflowException."""
        where = {**RESOURCE, "name": name, "namespace": namespace}
        try:
            run: Run = self._asked(lambda: self._objects.get_namespaced_custom_object(**where))
        except ApiException as error:
            if error.status == 404:
                return None
            raise refused(error, "get", namespace) from None
        return run

    def of_task(self, task: TaskTry, namespace: str) -> list[Run]:
        """The runs that all tries of the task in this DAG run have made. Raises AirflowException."""
        selector = f"{LABEL_TASK_INSTANCE}={task.instance}"
        where = {**RESOURCE, "namespace": namespace, "label_selector": selector}
        try:
            listed = self._asked(lambda: self._objects.list_namespaced_custom_object(**where))
        except ApiException as error:
            raise refused(error, "list", namespace) from None
        runs: list[Run] = listed["items"]
        return runs

    def report(self, name: str, namespace: str) -> None:
        """Note on a run that its end was taken; one that is gone needs no note. Raises AirflowException."""
        body = {"metadata": {"annotations": {ANNOTATION_REPORTED: "true"}}}
        where = {**RESOURCE, "name": name, "namespace": namespace}
        try:
            self._asked(lambda: self._objects.patch_namespaced_custom_object(body=body, **where))
        except ApiException as error:
            if error.status != 404:
                raise refused(error, "patch", namespace) from None

    def cancel(self, name: str, namespace: str) -> None:
        """Ask for its end, once, over a connection of its own: a signal may have interrupted the other.

        A run that is gone needs none. Raises ApiException, HTTPError.
        """
        where = {**RESOURCE, "name": name, "namespace": namespace}
        try:
            CustomObjectsApi(self.get_conn()).patch_namespaced_custom_object(
                body=CANCEL, _request_timeout=_LAST_WORDS, **where
            )
        except ApiException as error:
            if error.status != 404:
                raise

    def _asked(self, ask: Callable[[], T]) -> T:
        patience = Patience()
        while True:
            try:
                return ask()
            except ApiException as error:
                pause, said = patience.pause(error.status), f"{error.status} {error.reason}"
                if pause is None or _too_large(error):
                    raise
                if error.status in (401, 403):
                    said = f"{message_of(error)}; give this account the Role in the provider's README"
            except (HTTPError, OSError) as error:
                pause, said = patience.pause(None) or 1.0, str(error)
            self.log.warning("The API server is asked again in %.0f s: %s", pause, said)
            time.sleep(pause)


class AsyncDaskflowHook(AsyncKubernetesHook):
    """The same connection for the triggerer."""

    async def _get_field(self, field_name: str) -> Any:
        """The provider's own hook does not look at `config_file`, only at the connection's field."""
        if field_name == "kube_config_path" and self.config_file:
            return self.config_file
        return await super()._get_field(field_name)  # type: ignore[no-untyped-call]


def refused(error: ApiException, verb: str, namespace: str) -> AirflowException:
    """What a task raises after an answer that asking again will hardly change."""
    said = message_of(error)
    if _too_large(error):
        return AirflowFailException(
            "the FlowRun is larger than the store of Kubernetes takes, 1.5 MiB as a rule: put parameters into"
            " storage and give their place, and code into the image"
        )
    if error.status in (401, 403):
        return AirflowException(f"the API server does not let Airflow {verb} flowruns in {namespace}: {said}")
    if error.status == 404 and verb != "get":
        return AirflowFailException(
            f"no FlowRun can be made in {namespace}: {said}; is daskflow installed there?"
        )
    if error.status in (400, 422) and verb == "create":
        return AirflowFailException(f"the API server refuses the FlowRun: {said}")
    return AirflowException(
        f"the API server answers {error.status} to {verb} of flowruns in {namespace}: {said}"
    )


def _too_large(error: ApiException) -> bool:
    said = message_of(error)
    return error.status == 413 or ((error.status or 0) >= 500 and any(words in said for words in _TOO_LARGE))


def message_of(error: Any) -> str:
    """What the API server says in its answer, for an error of either client."""
    try:
        return str(json.loads(error.body)["message"])
    except (TypeError, ValueError, KeyError):
        return str(error.reason or error.body or "nothing more was said")
