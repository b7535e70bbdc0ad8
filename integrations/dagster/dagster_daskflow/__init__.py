"""Runs steps of Dagster as FlowRuns of daskflow, on Dask clusters in Kubernetes.

- `client`: `PipesDaskflowClient`, which is all that users need.
- `manifest`: the FlowRun of a step, and what it is called.
- `invocation`: one run of a step, from the FlowRun's creation to its end.
- `messages`: what a flow reports to Dagster, attempt by attempt; `pod_logs`: where that is read.
- `api`: what of Kubernetes is asked.
- `flowrun`: models of a FlowRun, made from its definition.
"""

from dagster_daskflow.client import PipesDaskflowClient

__all__ = ["PipesDaskflowClient"]
