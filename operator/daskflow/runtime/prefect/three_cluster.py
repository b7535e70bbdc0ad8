"""Tasks of Prefect 3 run on the run's cluster, whatever task runner their flow names."""

from __future__ import annotations

import inspect
import os
from typing import Any

from ..settings import say
from .three_states import plain


def send(task_runners: Any, dask_runner: Any) -> None:
    """Each run of a flow works with a duplicate of the flow's task runner: there it becomes one of Dask."""
    address = os.environ["DASK_SCHEDULER_ADDRESS"]

    def duplicate(self: Any) -> Any:
        return dask_runner(address=address)

    for name in ("ThreadPoolTaskRunner", "ProcessPoolTaskRunner"):
        if hasattr(task_runners, name):
            getattr(task_runners, name).duplicate = duplicate
    original = dask_runner.duplicate

    def of_dask(self: Any) -> Any:
        if self.address or self._cluster:
            return original(self)
        report = {"performance_report_path": self.performance_report_path}
        return dask_runner(address=address, client_kwargs=self.client_kwargs, **report)

    dask_runner.duplicate = of_dask
    _without_own_cluster(dask_runner)
    _give_results(dask_runner)


def _without_own_cluster(dask_runner: Any) -> None:
    """A task runner that names a class of clusters does not even import it."""
    init = dask_runner.__init__
    names = ("cluster_class", "cluster_kwargs", "adapt_kwargs")
    said: list[bool] = []

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        given = inspect.signature(init).bind(self, *args, **kwargs).arguments
        if not given.get("address") and not given.get("cluster"):
            own = [name for name in names if given.pop(name, None)]
            if own and not said:
                said.append(True)
                say(f"{', '.join(own)} of DaskTaskRunner: of no effect, the run's cluster is used")
        given.pop("self")
        init(self, **given)

    dask_runner.__init__ = __init__


def refuse(error: Exception) -> None:
    """Have flows fail that would otherwise run their tasks here, beside a cluster."""
    from prefect import task_runners

    def duplicate(self: Any) -> Any:
        raise error

    task_runners.TaskRunner.duplicate = duplicate
    for name in ("ThreadPoolTaskRunner", "ProcessPoolTaskRunner"):
        if hasattr(task_runners, name):
            getattr(task_runners, name).duplicate = duplicate


def _give_results(dask_runner: Any) -> None:
    """Give tasks what allow_failure() stands for."""
    from prefect.utilities.annotations import allow_failure

    submit = dask_runner.submit

    def submitting(self: Any, task: Any, parameters: Any, *args: Any, **kwargs: Any) -> Any:
        return submit(self, task, _resolved(parameters, allow_failure), *args, **kwargs)

    dask_runner.submit = submitting


def _resolved(value: Any, annotation: Any) -> Any:
    """With results and exceptions in place of allow_failure(): Dask takes the annotation for a tuple, and the
    task would not run. It waits for those futures, here."""
    if isinstance(value, annotation):
        from prefect.futures import resolve_futures_to_states

        try:
            return plain(resolve_futures_to_states(value.unwrap()))
        except Exception as error:  # of a run that never ran
            return error
    if type(value) in (list, tuple, set):
        return type(value)(_resolved(item, annotation) for item in value)
    if type(value) is dict:
        return {key: _resolved(item, annotation) for key, item in value.items()}
    return value
