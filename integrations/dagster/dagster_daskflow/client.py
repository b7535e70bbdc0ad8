"""`PipesDaskflowClient`: a step of Dagster runs as a FlowRun and reports through Dagster Pipes."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, TypeAlias

from dagster import (
    AssetExecutionContext,
    DagsterExecutionInterruptedError,
    Failure,
    OpExecutionContext,
    PipesClient,
    PipesEnvContextInjector,
    open_pipes_session,
)
from dagster._core.definitions.resource_annotation import TreatAsResourceParam
from dagster._core.pipes.client import PipesClientCompletedInvocation
from dagster_pipes import PipesExtras
from kubernetes.config import ConfigException

from dagster_daskflow import manifest
from dagster_daskflow.api import Api
from dagster_daskflow.flowrun import FlowRunSpec, FlowRunStatus
from dagster_daskflow.invocation import Invocation
from dagster_daskflow.manifest import Step, flow_run
from dagster_daskflow.messages import LogMessageReader

Spec: TypeAlias = Mapping[str, Any] | FlowRunSpec
Context: TypeAlias = OpExecutionContext | AssetExecutionContext


class PipesDaskflowClient(PipesClient, TreatAsResourceParam):
    """Runs steps as FlowRuns; what a flow reports by `dagster_pipes` becomes the step's.

    Args:
        spec: What all runs of this client share; each run's own is merged over it.
        namespace: Where they run; by default that of this pod, or of the kubeconfig's context.
        kubeconfig, kube_context: By default the account of this pod, or what kubectl would use.
        forward_termination: Whether a step that is interrupted cancels its run.
        poll_interval: Seconds between two looks at a run.
    """

    def __init__(
        self,
        *,
        spec: Spec | None = None,
        namespace: str | None = None,
        kubeconfig: str | None = None,
        kube_context: str | None = None,
        forward_termination: bool = True,
        poll_interval: float = 2.0,
    ) -> None:
        if not poll_interval > 0:
            raise ValueError(f"poll_interval: {poll_interval} will not do: give seconds, more than 0")
        self._spec = spec
        self._access = (namespace, kube_context, kubeconfig)
        self._forward_termination = forward_termination
        self._poll_interval = poll_interval
        self._calls: Counter[tuple[str, str, int]] = Counter()

    def run(  # type: ignore[override]
        self,
        *,
        context: Context,
        extras: PipesExtras | None = None,
        spec: Spec | None = None,
        labels: Mapping[str, str] | None = None,
        annotations: Mapping[str, str] | None = None,
    ) -> PipesClientCompletedInvocation:
        """Run a flow to its end, and answer what it has reported.

        Args:
            context: The step's.
            extras: Anything that JSON can hold, for the flow: `PipesContext.extras`.
            spec: A FlowRun's spec, in Kubernetes' words or as the model.
            labels, annotations: The FlowRun's.

        Raises Failure with the run's reason and message where it does not succeed, or with the first field
        of the spec that is wrong.
        """
        given = manifest.spec(self._spec, spec)
        try:
            api = Api(*self._access)
        except ConfigException as error:
            raise Failure(
                f"Kubernetes cannot be reached: {str(error).rstrip('.')}; give kubeconfig and kube_context of"
                " the client, or run the step in a pod with a service account",
                allow_retries=False,
            ) from None
        reader = LogMessageReader()
        step = self._step(context)
        with open_pipes_session(
            context=context, context_injector=PipesEnvContextInjector(), message_reader=reader, extras=extras
        ) as session:
            metadata = {"labels": dict(labels or {}), "annotations": dict(annotations or {})}
            run = flow_run(step, given, session.get_bootstrap_env_vars(), metadata)
            invocation = Invocation(api, reader, context.log, self._poll_interval)
            try:
                invocation.begin(step, run)
                status = invocation.wait()
            except DagsterExecutionInterruptedError:
                if self._forward_termination:
                    invocation.cancel()
                raise
        return PipesClientCompletedInvocation(session, metadata=_metadata(api, invocation, status))

    def _step(self, context: Context) -> Step:
        op = context.op_execution_context if isinstance(context, AssetExecutionContext) else context
        run = op.run
        key = op.get_step_execution_context().step.key
        tags = run.tags
        ends = ("dagster/asset_partition_range_start", "dagster/asset_partition_range_end")
        partition = tags.get("dagster/partition") or "...".join(tags[end] for end in ends if end in tags)
        call = self._calls[run.run_id, key, op.retry_number]
        self._calls[run.run_id, key, op.retry_number] += 1
        return Step(run.run_id, run.root_run_id or run.run_id, key, partition, op.retry_number, call)


def _metadata(api: Api, invocation: Invocation, status: FlowRunStatus) -> dict[str, Any]:
    """What is shown with all that the flow reports."""
    found: dict[str, Any] = {"daskflow_run": f"{api.namespace}/{invocation.name}"}
    found |= {"daskflow_attempts": status.attempt or 1, "daskflow_duration": status.duration or ""}
    return found | ({"daskflow_result": status.result} if status.result is not None else {})
