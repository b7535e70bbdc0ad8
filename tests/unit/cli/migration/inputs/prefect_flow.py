import coiled
from prefect import flow, task
from prefect_dask import DaskTaskRunner


@task
def double(n: int) -> int:
    return 2 * n


@flow(
    task_runner=DaskTaskRunner(
        cluster_kwargs={"n_workers": 2, "threads_per_worker": 2, "memory_limit": "1 GB"},
        adapt_kwargs={"minimum": 1, "maximum": 4},
        performance_report_path="report.html",
    )
)
def doubled(n: int = 3) -> int:
    return sum(double.map(list(range(n))).result())


@flow(
    task_runner=DaskTaskRunner(
        cluster_class=coiled.Cluster, cluster_kwargs={"n_workers": 4, "software": "etl"}
    )
)
def elsewhere() -> None: ...
