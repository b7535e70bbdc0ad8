"""A task that is a FlowRun."""

import time
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from airflow.providers.common.compat.sdk import AirflowException, AirflowFailException, BaseOperator, conf
from kubernetes.client import ApiException
from urllib3.exceptions import HTTPError

from airflow_provider_daskflow.hook import DaskflowHook
from airflow_provider_daskflow.links import FlowRunLink
from airflow_provider_daskflow.manifest import (
    Invalid,
    check,
    checked_namespace,
    flow_run,
    manifest_of,
    spec_of,
    unknown_yet,
)
from airflow_provider_daskflow.outcome import NOT_READABLE, Ended, Run, ended
from airflow_provider_daskflow.runner_log import RunnerLog
from airflow_provider_daskflow.task_try import TaskTry, belongs, first_step
from airflow_provider_daskflow.triggers import FlowRunTrigger
from airflow_provider_daskflow.waiting import Waiting

_ARGUMENTS = (
    "image",
    "entrypoint",
    "script",
    "command",
    "parameters",
    "workers",
    "autoscale",
    "worker_resources",
    "env",
    "cluster",
    "service_account_name",
    "flow_retries",
    "deadlines",
)
"""Those that become fields of the spec."""


class DaskflowRunOperator(BaseOperator):
    """Makes a FlowRun, waits for its end, and has its result as the task's.

    :param image: the image of scheduler, workers and runner.
    :param entrypoint: what to run: `module:attr` or `path.py:attr` of the image.
    :param script: instead: Python text.
    :param command: instead: any program, as a list.
    :param parameters: keyword arguments of the entrypoint; DASKFLOW_PARAMETERS for script and command.
    :param workers: how many workers, or a mapping with fields of `spec.cluster.workers`.
    :param autoscale: (minimum, maximum) of workers instead, or a mapping as that field of them.
    :param worker_resources: {"requests": …, "limits": …} of each worker.
    :param env: environment variables of all pods, {name: value}, or a list as in `spec.env`.
    :param cluster: the name of a DaskCluster to run on, in place of a cluster of the run's own.
    :param service_account_name: that of all pods.
    :param flow_retries: attempts that daskflow itself adds, a number or a mapping as `spec.retries`; each of
        Airflow's `retries` makes a new run.
    :param deadlines: {"start": "15m", "active": "2h"}, as `spec.deadlines`.
    :param manifest: a FlowRun, or its spec, as a mapping, as YAML, or a Path to a file of that; the arguments
        above are set over it.
    :param name: the beginning of the run's name [that in the manifest; else DAG and task].
    :param namespace: where the run is made [that in the manifest; that of the connection; default].
    :param labels: more labels of the run.
    :param annotations: more annotations of the run.
    :param deferrable: wait in the triggerer, without a worker [operators.default_deferrable].
    :param poll_interval: seconds between two looks where the task itself waits, and between a triggerer's
        attempts to follow the run.
    :param get_logs: show the runner's log in the task's: as it is printed, or at the end of one that was
        deferred. Takes the rights to list pods and get pods/log.
    :param run_url: where a page about the run is, with {name} and {namespace} in it [daskflow.run_url].
    :param kubernetes_conn_id: the connection, of the Kubernetes provider.
    :param in_cluster: use the service account of Airflow's own pods.
    :param config_file: the path of a kubeconfig, on workers and triggerers.
    :param cluster_context: its context.
    """

    template_fields: Sequence[str] = (
        *_ARGUMENTS,
        "manifest",
        "name",
        "namespace",
        "labels",
        "annotations",
        "kubernetes_conn_id",
        "config_file",
        "cluster_context",
    )
    template_fields_renderers: ClassVar[dict[str, str]] = {
        "script": "py",
        "manifest": "yaml",
        "parameters": "json",
        "env": "json",
    }
    operator_extra_links = (FlowRunLink(),)
    ui_color = "#fdeee0"

    def __init__(
        self,
        *,
        image: str | None = None,
        entrypoint: str | None = None,
        script: str | None = None,
        command: Sequence[str] | None = None,
        parameters: Mapping[str, Any] | None = None,
        workers: int | Mapping[str, Any] | None = None,
        autoscale: tuple[int, int] | Mapping[str, Any] | None = None,
        worker_resources: Mapping[str, Any] | None = None,
        env: Mapping[str, str] | Sequence[Mapping[str, Any]] | None = None,
        cluster: str | None = None,
        service_account_name: str | None = None,
        flow_retries: int | Mapping[str, Any] | None = None,
        deadlines: Mapping[str, str] | None = None,
        manifest: Mapping[str, Any] | str | Path | None = None,
        name: str | None = None,
        namespace: str | None = None,
        labels: Mapping[str, str] | None = None,
        annotations: Mapping[str, str] | None = None,
        deferrable: bool = conf.getboolean("operators", "default_deferrable", fallback=False),
        poll_interval: float = 5.0,
        get_logs: bool = True,
        run_url: str | None = None,
        kubernetes_conn_id: str | None = "kubernetes_default",
        in_cluster: bool | None = None,
        config_file: str | None = None,
        cluster_context: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.image, self.entrypoint, self.script, self.command = image, entrypoint, script, command
        self.parameters, self.workers, self.autoscale = parameters, workers, autoscale
        self.worker_resources, self.env, self.cluster = worker_resources, env, cluster
        self.service_account_name, self.flow_retries, self.deadlines = (
            service_account_name,
            flow_retries,
            deadlines,
        )
        self.manifest = _text(manifest) if isinstance(manifest, Path) else manifest
        self.name, self.namespace, self.labels, self.annotations = name, namespace, labels, annotations
        self.deferrable, self.poll_interval, self.get_logs = deferrable, poll_interval, get_logs
        self.run_url = run_url
        self.kubernetes_conn_id, self.in_cluster = kubernetes_conn_id, in_cluster
        self.config_file, self.cluster_context = config_file, cluster_context
        self._run: tuple[str, str] | None = None
        """Name and namespace of the task's run, once there may be one."""
        self._killed = False
        if poll_interval <= 0:
            raise ValueError(f"poll_interval: {poll_interval} will not do: give seconds, more than 0")
        if isinstance(self.manifest, Mapping) or not unknown_yet(self.manifest):
            self.made_spec(parsing=True)  # wrong arguments: the DAG is not imported

    def execute(self, context: Any) -> Any:
        """Make the run, or go on with that of an earlier try, and wait for its end."""
        task = TaskTry.of(context)
        run = self._begin(task)
        self._tell(context, run)
        if self.deferrable and not ended(run):
            self.defer(
                trigger=self._trigger(run), method_name="execute_complete", timeout=self.execution_timeout
            )
        waiting = self._waiting(self._named(run))
        return self._result(context, waiting, waiting.end(run))

    def execute_complete(self, context: Any, event: Ended) -> Any:
        """Goes on after the trigger has fired."""
        self._run = event["name"], event["namespace"]
        waiting = self._waiting(self._run)
        if event["reason"] == NOT_READABLE and (run := self.hook.get(*self._run)):
            self.log.warning("%s; it is waited for here", event["message"])
            event = waiting.end(run)
        return self._result(context, waiting, event)

    def _result(self, context: Any, waiting: Waiting, end: Ended) -> Any:
        # A try may have gone on with a run that the trigger of the one before was still to cancel.
        if end.get("given_up") and not self._killed:
            run = self.hook.get(end["name"], end["namespace"])
            if run is None or not belongs(run, TaskTry.of(context)):
                return self.execute(context)
        return waiting.result(end)

    def resume_execution(self, next_method: str, next_kwargs: dict[str, Any] | None, context: Any) -> Any:
        """Called in place of `execute` after a deferral; one that timed out or broke leaves no run behind."""
        if next_method == "__fail__":
            task = TaskTry.of(context)
            for run in self.hook.of_task(task, self._namespace(manifest_of(self.manifest))):
                if not ended(run):
                    self._run = self._named(run)
                    self.on_kill()
        return super().resume_execution(next_method, next_kwargs, context)

    def on_kill(self) -> None:
        """Cancels the run: the task was marked or cleared, ran out of time, or its worker is told to end."""
        self._killed = True
        if self._run is None:
            return
        name, namespace = self._run
        try:
            self.hook.cancel(name, namespace)
        except (ApiException, HTTPError, OSError) as error:
            self.log.error("FlowRun %s/%s could not be cancelled: %s", namespace, name, error)
        else:
            self.log.info("FlowRun %s/%s is told to end", namespace, name)

    @cached_property
    def hook(self) -> DaskflowHook:
        """The connection."""
        return DaskflowHook.of(self)

    @property
    def run_link(self) -> str:
        """The address of the run's page; empty when nobody said where there are such, or there is no run."""
        pattern = self.run_url or conf.get("daskflow", "run_url", fallback="")
        if self._run is None or not pattern:
            return ""
        name, namespace = self._run
        return str(pattern).replace("{name}", name).replace("{namespace}", namespace)

    def _arguments(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in _ARGUMENTS}

    def made_spec(self, parsing: bool = False) -> tuple[dict[str, Any], dict[str, Any]]:
        """The manifest that was given, and the spec of the run with all arguments in it. Raises Invalid."""
        manifest = manifest_of(self.manifest)
        checked_namespace(self.namespace, manifest, parsing)
        return manifest, check(spec_of(manifest, **self._arguments()), parsing=parsing)

    def _begin(self, task: TaskTry) -> Run:
        try:
            manifest, spec = self.made_spec()
        except Invalid as error:
            raise AirflowFailException(str(error)) from error
        namespace = self._namespace(manifest)
        while (step := first_step(runs := self.hook.of_task(task, namespace))).do == "wait":
            self.log.info("FlowRun %s/%s of an earlier try is still ending", *self._named(step.run)[::-1])
            if self._killed:
                raise AirflowException("the task is told to end")
            time.sleep(self.poll_interval)
        if step.run is not None:
            self._run = self._named(step.run)
            self.log.info("FlowRun %s/%s of an earlier try is gone on with", namespace, self._run[0])
            return step.run
        beginning = self.name or (manifest.get("metadata") or {}).get("name")
        name = task.name(beginning, [self._named(each)[0] for each in runs])
        body = flow_run(
            manifest,
            spec,
            name=name,
            namespace=namespace,
            labels={**(self.labels or {}), **task.labels()},
            annotations={**(self.annotations or {}), **task.annotations()},
        )
        self._run = name, namespace
        run = self.hook.create(body, task)
        self.log.info("FlowRun %s/%s is made", namespace, name)
        if self._killed:  # while it was made: there was nothing to cancel yet
            self.on_kill()
        return run

    def _namespace(self, manifest: Mapping[str, Any]) -> str:
        given = checked_namespace(self.namespace, manifest)
        return given or self.hook.get_namespace() or "default"

    def _tell(self, context: Any, run: Run) -> None:
        """Name and namespace, and the link, for whoever looks while the run goes on."""
        name, namespace = self._named(run)
        if not self.do_xcom_push:
            return
        context["ti"].xcom_push(key="run_name", value=name)
        context["ti"].xcom_push(key="run_namespace", value=namespace)

    def _trigger(self, run: Run) -> FlowRunTrigger:
        name, namespace = self._named(run)
        return FlowRunTrigger(
            name=name,
            namespace=namespace,
            uid=run["metadata"]["uid"],
            poll_interval=self.poll_interval,
            **self.hook.for_trigger(),
        )

    def _waiting(self, run: tuple[str, str]) -> Waiting:
        log = RunnerLog(self.hook.core_v1_client, *run) if self.get_logs else None
        return Waiting(self.hook, log, self.poll_interval, self.log)

    @staticmethod
    def _named(run: Run | None) -> tuple[str, str]:
        assert run is not None
        return run["metadata"]["name"], run["metadata"]["namespace"]


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise Invalid(f"manifest: {path} cannot be read: {error.strerror}") from error
