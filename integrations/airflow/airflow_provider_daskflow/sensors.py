"""Waits for a FlowRun that somebody else makes."""

from collections.abc import Sequence
from datetime import timedelta
from functools import cached_property
from typing import Any

from airflow.providers.common.compat.sdk import BaseSensorOperator, PokeReturnValue, conf

from airflow_provider_daskflow.hook import DaskflowHook
from airflow_provider_daskflow.outcome import Ended, described, ended, failure, outcome
from airflow_provider_daskflow.triggers import FlowRunTrigger


class DaskflowRunSensor(BaseSensorOperator):
    """Waits until a FlowRun has succeeded, and has its result as the task's; one that fails fails the task.

    A run that is not there may yet be made: it is waited for as well.

    :param name: the run's name.
    :param namespace: where it is [that of the connection; default].
    :param deferrable: wait in the triggerer, without a worker [operators.default_deferrable].
    :param kubernetes_conn_id: the connection, of the Kubernetes provider.
    :param in_cluster: use the service account of Airflow's own pods.
    :param config_file: the path of a kubeconfig, on workers and triggerers.
    :param cluster_context: its context.
    """

    template_fields: Sequence[str] = (
        "name",
        "namespace",
        "kubernetes_conn_id",
        "config_file",
        "cluster_context",
    )
    ui_color = "#fdeee0"

    def __init__(
        self,
        *,
        name: str,
        namespace: str | None = None,
        deferrable: bool = conf.getboolean("operators", "default_deferrable", fallback=False),
        kubernetes_conn_id: str | None = "kubernetes_default",
        in_cluster: bool | None = None,
        config_file: str | None = None,
        cluster_context: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.name, self.namespace, self.deferrable = name, namespace, deferrable
        self.kubernetes_conn_id, self.in_cluster = kubernetes_conn_id, in_cluster
        self.config_file, self.cluster_context = config_file, cluster_context

    def execute(self, context: Any) -> Any:
        """Look once, and then wait where it costs nothing."""
        if not self.deferrable:
            return super().execute(context)
        if (seen := self.poke(context)).is_done:
            return seen.xcom_value
        trigger = FlowRunTrigger(
            name=self.name,
            namespace=self._namespace,
            may_come=True,
            poll_interval=max(self.poke_interval, 1.0),
            **self.hook.for_trigger(),
        )
        return self.defer(
            trigger=trigger, method_name="execute_complete", timeout=timedelta(seconds=self.timeout)
        )

    def execute_complete(self, context: Any, event: Ended) -> Any:
        """Goes on after the trigger has fired."""
        return _result(event)

    def poke(self, context: Any) -> PokeReturnValue:
        """Whether it has succeeded, with the result. Raises AirflowException when it has failed."""
        run = self.hook.get(self.name, self._namespace)
        text = described(run) if run else "it is not there"
        self.log.info("FlowRun %s/%s: %s", self._namespace, self.name, text)
        if run is None or not ended(run):
            return PokeReturnValue(is_done=False)
        return PokeReturnValue(is_done=True, xcom_value=_result(outcome(run)))

    @cached_property
    def hook(self) -> DaskflowHook:
        """The connection."""
        return DaskflowHook.of(self)

    @property
    def _namespace(self) -> str:
        return self.namespace or self.hook.get_namespace() or "default"


def _result(end: Ended) -> Any:
    if error := failure(end):
        raise error
    return end["result"]
