"""A work pool type of Prefect 3, `daskflow`: each flow run is a FlowRun, with its tasks on a Dask cluster.

worker         what Prefect asks for: submits flow runs, kills their infrastructure
variables      the form of the pool; configuration  what becomes of it: a FlowRun
environment    what of a worker's own settings is for pods
names          by what FlowRuns are known again
observer       looks after FlowRuns and flow runs for as long as they live, in every worker
agreement      what is to be done about one, as a decision over plain data
prefect_side, kubernetes_side   what is read and written on each side
settings       what a worker is told by its environment
__main__       prints the manifests of a worker in Kubernetes
flowrun        models of a FlowRun, made from its definition
"""

from prefect_daskflow.worker import DaskflowWorker

__all__ = ["DaskflowWorker"]
