"""`@task.daskflow`: a function whose call is a FlowRun."""

from collections.abc import Callable, Sequence
from typing import Any

from airflow.providers.common.compat.sdk import DecoratedOperator, task_decorator_factory

from airflow_provider_daskflow import sent_functions
from airflow_provider_daskflow.operators import DaskflowRunOperator

_OWN = ("entrypoint", "script", "command", "parameters")


class _DecoratedRunOperator(DecoratedOperator, DaskflowRunOperator):
    """The function is the script, and what it is called with are the parameters."""

    custom_operator_name = "@task.daskflow"
    template_fields: Sequence[str] = (
        "op_args",
        "op_kwargs",
        *(field for field in DaskflowRunOperator.template_fields if field not in _OWN),
    )

    def __init__(self, *, python_callable: Callable[..., Any], **kwargs: Any) -> None:
        if given := sorted(set(_OWN) & set(kwargs)):
            raise TypeError(f"@task.daskflow: {' and '.join(given)} come from the function itself")
        script = sent_functions.script(python_callable)
        super().__init__(python_callable=python_callable, script=script, **kwargs)

    def execute(self, context: Any) -> Any:
        """As the operator, with the arguments as they are by now."""
        self.parameters = sent_functions.parameters(self.python_callable, self.op_args, self.op_kwargs)
        return DaskflowRunOperator.execute(self, context)


def daskflow_task(
    python_callable: Callable[..., Any] | None = None,
    multiple_outputs: bool | None = None,
    **kwargs: Any,
) -> Any:
    """A task of the function, with arguments of `DaskflowRunOperator`."""
    return task_decorator_factory(
        python_callable=python_callable,
        multiple_outputs=multiple_outputs,
        decorated_operator_class=_DecoratedRunOperator,
        **kwargs,
    )
